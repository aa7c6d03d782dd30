"""Helios: train on lottery draws, keep the models, remember everything, tell what was learned."""

__version__ = "0.1.0"
