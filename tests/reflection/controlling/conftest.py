"""The small history and settings of the walk-forward tests."""

from tests.reflection.walking.conftest import one_thread, small

__all__ = ["one_thread", "small"]
