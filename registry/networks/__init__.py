"""What a model is: its specification, its network, its heads and its features. Pure: no Django."""
