"""The pages of reflection."""
