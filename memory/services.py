"""The verbs of the journal: append an entry, add a note. `memory.integrity` verifies."""

from collections.abc import Mapping
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from memory import canonical, chain, events, word_index
from memory.models import JournalEntry, JournalHead, JournalNote, JournalPin
from memory.refusals import Invalid, NotFound, TooLarge

_COLUMNS = [field.attname for field in JournalEntry._meta.concrete_fields]
INSERT = (
    f"INSERT INTO memory_journalentry ({', '.join(_COLUMNS)}) "  # noqa: S608  our own names
    f"VALUES ({', '.join(['%s'] * len(_COLUMNS))})"
)
_HEAD = "SELECT seq, head FROM memory_journalhead WHERE id = 1"
_ALONE = "LOCK TABLE memory_journalhead IN SHARE UPDATE EXCLUSIVE MODE"
MAX_NOTE = 10_000  # characters
_LIMITS = {"actor": 150, "model_name": 80, "reason": 1000}  # characters, as in the table


def append(
    *,
    event_type: str,
    actor: str = "system",
    model_name: str = "",
    session_id: int | None = None,
    metadata: Mapping[str, Any] | None = None,
    reason: str = "",
    level: str | None = None,
) -> JournalEntry:
    """Add an entry to the journal, in the caller's transaction when there is one.

    `event_type` is a row of `memory.events`, whose level applies unless `level` says
    otherwise. Raises UnknownEvent, UnknownLevel or MissingField for a mistake in the
    calling code, Invalid or TooLarge for metadata that cannot be kept as JSON.
    """
    known = events.event(event_type)
    known.check(metadata or {})
    if level is not None and level not in events.LEVELS:
        raise events.UnknownLevel(level)
    text = _storable(metadata or {}, actor=actor, model_name=model_name, reason=reason)
    about = {
        "at": timezone.now(),
        "event_type": event_type,
        "level": level or known.level,
        "actor": actor,
        "model_name": model_name,
        "session_id": session_id,
        "reason": reason,
    }
    # No savepoint: a thing whose entry cannot be written must not have happened.
    with transaction.atomic(savepoint=False):
        linked = _link(about, text)
    # Made when others may append again: it takes a quarter of the time.
    entry = JournalEntry(**about, **linked)
    entry._state.adding = False
    return entry


def add_note(
    *,
    text: str,
    actor: str,
    model_name: str = "",
    session_id: int | None = None,
    entry: int | None = None,
) -> JournalEntry:
    """Keep a person's note (Markdown), about a model, a session or an entry when one is named."""
    metadata: dict[str, Any] = {"text": _note(text)}
    if entry is not None:
        if not 1 <= entry <= (JournalHead.objects.values_list("seq", flat=True).first() or 0):
            raise Invalid(fields={"entry_id": f"There is no entry {entry}."})
        metadata["entry"] = entry
    with transaction.atomic():
        note = append(
            event_type="note_added",
            actor=actor,
            model_name=model_name,
            session_id=session_id,
            metadata=metadata,
        )
        if entry is not None:
            JournalNote.objects.create(note=note, entry_seq=entry)
    return note


def pin_entry(*, seq: int, actor: str, pinned: bool = True) -> None:
    """Keep an entry in the hot table whatever its age, or no longer."""
    if not 1 <= seq <= (JournalHead.objects.values_list("seq", flat=True).first() or 0):
        raise NotFound(f"There is no entry {seq}.")
    if pinned:
        about = {"actor": actor, "at": timezone.now()}
        JournalPin.objects.get_or_create(entry_seq=seq, defaults=about)
    else:
        JournalPin.objects.filter(entry_seq=seq).delete()


@transaction.atomic
def index_journal() -> int:
    """Make the index of text search anew from the hot entries; return how many there are."""
    lock_head()  # what is appended meanwhile would be indexed twice
    return word_index.rebuild()


def _note(text: str) -> str:
    text = text.strip().replace("\r\n", "\n")
    if not text:
        raise Invalid(fields={"text": "A note needs some text."})
    if len(text) > MAX_NOTE:
        raise Invalid(fields={"text": f"A note has at most {MAX_NOTE:,} characters."})
    return text


def _storable(metadata: Mapping[str, Any], **texts: str) -> str:
    """Return metadata as canonical text once it and the other texts can be kept."""
    try:
        for name, value in texts.items():
            canonical.plain(value, path=name)
            if len(value) > _LIMITS[name]:
                raise canonical.Unstorable(name, f"is longer than {_LIMITS[name]} characters.")
        return canonical.metadata_text(metadata)
    except canonical.Unstorable as error:
        refusal = TooLarge if error.too_large else Invalid
        raise refusal(fields={error.path: error.problem}) from error


def _link(about: Mapping[str, Any], metadata: str) -> dict[str, Any]:
    """Insert the entry after the head, which the trigger journal_head_moves moves on; return the
    columns that its place in the chain gives it."""
    last, previous = lock_head()
    seq = last + 1
    payload = chain.payload_text(seq=seq, metadata=metadata, **about)
    leaf = chain.leaf_of(payload)
    head = chain.head_of(seq, previous, leaf)
    linked = {"seq": seq, "payload": payload, "leaf": leaf, "head": head}
    # Plain SQL: at thousands of entries a second the ORM would cost more than SQLite.
    at = connection.ops.adapt_datetimefield_value(about["at"])
    row = {**about, **linked, "at": at}
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [row[column] for column in _COLUMNS])
    word_index.appended(seq)
    return linked


def lock_head() -> tuple[int, bytes]:
    """Return where the chain ends; nobody else appends until this transaction ends.

    SQLite has one writer at a time (transaction_mode IMMEDIATE); PostgreSQL locks the row.
    """
    with connection.cursor() as cursor:
        row = _read_head(cursor)
        if row is None and connection.vendor == "postgresql":
            cursor.execute(_ALONE)  # who comes second waits here, and then finds the head
            row = _read_head(cursor)
        if row is None:  # the very first entry
            JournalHead.objects.bulk_create([JournalHead(pk=JournalHead.ONLY)])
            row = _read_head(cursor)
    return row[0], bytes(row[1])


def _read_head(cursor: Any) -> Any:
    lock = " FOR UPDATE" if connection.features.has_select_for_update else ""
    cursor.execute(_HEAD + lock)
    return cursor.fetchone()
