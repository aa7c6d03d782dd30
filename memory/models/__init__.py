"""The tables of the memory."""

from memory.models.archives import Compaction, JournalSegment
from memory.models.entries import (
    JournalCheck,
    JournalEntry,
    JournalHead,
    JournalNote,
    JournalPin,
)
from memory.models.upkeep import Policy, StorageSample

__all__ = [
    "Compaction",
    "JournalCheck",
    "JournalEntry",
    "JournalHead",
    "JournalNote",
    "JournalPin",
    "JournalSegment",
    "Policy",
    "StorageSample",
]
