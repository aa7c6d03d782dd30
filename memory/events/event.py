"""What a row of the vocabulary is, and what a mistake in using it raises."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Event:
    """One event type: `needs` and `may` map a metadata field to its meaning."""

    name: str
    title: str  # the word shown beside the icon
    sentence: str
    level: str = "info"
    icon: str = ""  # of the sprite; that of its group when empty
    needs: Mapping[str, str] = field(default_factory=dict)
    may: Mapping[str, str] = field(default_factory=dict)

    def check(self, metadata: Mapping[str, Any]) -> None:
        """Raise MissingField unless every field in `needs` is there."""
        missing = sorted(self.needs.keys() - metadata.keys())
        if missing:
            raise MissingField(f"{self.name} needs {', '.join(missing)} in its metadata.")


class UnknownEvent(LookupError):
    """An event type that is not in the vocabulary: a programming error."""


class UnknownLevel(LookupError):
    """A level that is not one of LEVELS: a programming error."""


class MissingField(LookupError):
    """Metadata without a documented field: a programming error."""
