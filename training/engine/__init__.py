"""Trains networks on draws: configuration, data, the loop and its checkpoints. Pure: no Django."""
