"""What several files of tests about old entries share."""

from tests.memory.stories import small_segments, story  # noqa: F401
