"""The journal's own rows. They are only ever added, and only by `memory.services.append`."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils.safestring import SafeString

from memory import events, markdown, sentences
from memory.chain import GENESIS

if TYPE_CHECKING:
    from memory.models.archives import JournalSegment


class JournalEntry(models.Model):
    """One thing that happened. Triggers refuse every change (`memory.triggers`).

    `payload` is the canonical JSON text that was hashed, verbatim; the other columns are
    copies of its fields to search by. `leaf` and `head` are SHA-256 digests (32 bytes,
    `memory.chain`).
    """

    seq = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    event_type = models.CharField(max_length=40)
    level = models.CharField(max_length=10)
    actor = models.CharField(max_length=150)
    model_name = models.CharField(max_length=80)
    session_id = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=1000)
    payload = models.TextField()
    leaf = models.BinaryField(max_length=32)
    head = models.BinaryField(max_length=32)

    class Meta:
        ordering = ("-seq",)
        verbose_name = "journal entry"
        verbose_name_plural = "journal entries"
        indexes = (
            # Newest of a model, with or without an event type; facets of a model.
            models.Index(fields=("model_name", "event_type", "seq"), name="journal_model_type"),
            models.Index(fields=("model_name", "seq"), name="journal_model"),
            # Newest of an event type; facets of all entries.
            models.Index(fields=("event_type", "seq"), name="journal_type"),
            # Date range, counts per day.
            models.Index(fields=("at", "seq"), name="journal_at"),
            # Everything about one session, on its page. Most entries have none.
            models.Index(
                fields=("session_id", "seq"),
                name="journal_session",
                condition=models.Q(session_id__isnull=False),
            ),
            # Warnings and errors; facets of all entries.
            models.Index(fields=("level", "seq"), name="journal_level"),
            # What one person or program did.
            models.Index(fields=("actor", "seq"), name="journal_actor"),
        )

    # Of an entry that `memory.recall` read from an archive.
    archived = False
    segment: "JournalSegment | None" = None
    notes: "Sequence[JournalEntry]" = ()  # about it, where a page has looked for them

    def __str__(self) -> str:
        return f"{self.seq} {self.event_type}"

    @property
    def metadata(self) -> dict[str, Any]:
        """The event's own fields, as they were given."""
        metadata: dict[str, Any] = json.loads(self.payload)["metadata"]
        return metadata

    @property
    def title(self) -> str:
        """The event type in words; an event type of an older version stands for itself."""
        known = events.EVENTS.get(self.event_type)
        return known.title if known else self.event_type

    @property
    def icon(self) -> str:
        """The symbol beside the sentence."""
        known = events.EVENTS.get(self.event_type)
        return known.icon if known else "journal"

    @property
    def pretty(self) -> str:
        """The whole entry as it was hashed, laid out to be read."""
        return json.dumps(json.loads(self.payload), indent=2, ensure_ascii=False)

    @property
    def sentence(self) -> str:
        """What happened, as plain text."""
        known = events.EVENTS.get(self.event_type)
        if known is None:
            return self.event_type.replace("_", " ")
        return sentences.render(known.sentence, self._facts())

    @property
    def address(self) -> str:
        """A page of this house that the entry leads to: an outcome, the rows behind a claim."""
        found = str(self.metadata.get("address") or "")
        return found if found.startswith("/") and not found.startswith("//") else ""

    @property
    def note(self) -> SafeString:
        """What a note says, as HTML."""
        return markdown.render(str(self.metadata["text"]))

    def _facts(self) -> dict[str, Any]:
        return {
            **self.metadata,
            "actor": self.actor,
            "model_name": self.model_name,
            "session_id": self.session_id,
            "reason": self.reason,
        }


class JournalHead(models.Model):
    """The one row that says where the chain ends; a trigger moves it with each entry.

    Appending locks it first, so that two writers never build on the same head.
    """

    ONLY = 1

    seq = models.BigIntegerField(default=0)
    head = models.BinaryField(max_length=32, default=GENESIS)

    class Meta:
        verbose_name = "journal head"
        constraints = (
            models.CheckConstraint(condition=models.Q(pk=1), name="journal_head_is_one_row"),
        )

    def __str__(self) -> str:
        return f"head at {self.seq}"


class JournalCheck(models.Model):
    """The result of one verification, kept so that pages can tell without a scan.

    `start` is the checkpoint's entry, 0 for a verification of everything; `seq` and
    `head` are the last entry that fitted, and `fault` is empty or the first that did not.
    Of `forgotten` entries only the hashes were there to be checked. `compared` says whether
    what the entries tell was held against the files and rows they tell of.
    """

    at = models.DateTimeField()
    good = models.BooleanField()
    start = models.BigIntegerField(default=0)
    checked = models.BigIntegerField()
    forgotten = models.BigIntegerField(default=0)
    compared = models.BooleanField(default=False)
    seq = models.BigIntegerField()
    head = models.CharField(max_length=64)
    seconds = models.FloatField()
    fault = models.JSONField(default=dict)

    class Meta:
        ordering = ("-at",)
        get_latest_by = "at"
        verbose_name = "verification"

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {'intact' if self.good else 'tampered with'}"


class JournalNote(models.Model):
    """That a note is about an entry, so that nobody has to read all notes to know.

    The note itself says the same (`entry` of its metadata), and the chain covers that.
    """

    # Notes are never archived, so they are there to be joined.
    note = models.OneToOneField(
        JournalEntry, models.DO_NOTHING, primary_key=True, db_constraint=False, related_name="+"
    )
    entry_seq = models.BigIntegerField()

    class Meta:
        verbose_name = "note about an entry"
        verbose_name_plural = "notes about entries"
        indexes = (
            # The notes of the entries of a page; entries that have a note.
            models.Index(fields=("entry_seq", "note"), name="journal_noted"),
        )

    def __str__(self) -> str:
        return f"note {self.pk} on {self.entry_seq}"


class JournalPin(models.Model):
    """An entry that a person wants kept at hand: compaction leaves it in the hot table."""

    entry_seq = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    actor = models.CharField(max_length=150)

    class Meta:
        verbose_name = "pin"

    def __str__(self) -> str:
        return f"pin on {self.entry_seq}"
