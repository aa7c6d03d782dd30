"""How journal entries look outside: JSON field by field, documented in the OpenAPI file."""

from typing import Any

from rest_framework import serializers

from memory.chain import timestamp
from memory.models import JournalCheck, JournalEntry

WIRE = {
    "id": "seq",
    "modelName": "model_name",
    "eventType": "event_type",
    "timestamp": "at",
    "metadata": "metadata",
    "actor": "actor",
    "level": "level",
    "sessionId": "session_id",
    "reason": "reason",
    "sentence": "sentence",
    "archived": "archived",
}


def entry_dict(entry: JournalEntry) -> dict[str, Any]:
    """One entry as the REST endpoint and the JSONL download write it."""
    values = {name: getattr(entry, column) for name, column in WIRE.items()}
    return values | {"timestamp": timestamp(entry.at)}


NEVER_CHECKED: dict[str, Any] = {
    "good": None,
    "checkedAt": None,
    "checked": 0,
    "forgotten": 0,
    "compared": False,
    "fromEntry": 0,
    "seq": 0,
    "head": "",
    "seconds": 0,
    "fault": None,
}


def check_dict(check: JournalCheck) -> dict[str, Any]:
    """The result of a verification as REST and the command write it."""
    return {
        "good": check.good,
        "checkedAt": timestamp(check.at),
        "checked": check.checked,
        "forgotten": check.forgotten,
        "compared": check.compared,
        "fromEntry": check.start,
        "seq": check.seq,
        "head": check.head,
        "seconds": check.seconds,
        "fault": check.fault or None,
    }


class Entry(serializers.Serializer):
    """One entry of the journal."""

    id = serializers.IntegerField(help_text="Gapless, from 1.")
    modelName = serializers.CharField(allow_blank=True)
    eventType = serializers.CharField()
    timestamp = serializers.DateTimeField()
    metadata = serializers.DictField()
    actor = serializers.CharField()
    level = serializers.ChoiceField(choices=["info", "warning", "error"])
    sessionId = serializers.IntegerField(allow_null=True)
    reason = serializers.CharField(allow_blank=True)
    sentence = serializers.CharField(help_text="What happened, as the page says it.")
    archived = serializers.BooleanField(help_text="Read from an archive file.")


class EntryPage(serializers.Serializer):
    """A page of entries, newest first."""

    entries = Entry(many=True)
    total = serializers.IntegerField(help_text="Matching entries on all pages.")
    limit = serializers.IntegerField()
    offset = serializers.IntegerField()
    until = serializers.IntegerField(
        help_text="Send it back with the next page: new entries then do not shift it."
    )


class Day(serializers.Serializer):
    """The number of entries of one day."""

    date = serializers.DateField()
    count = serializers.IntegerField()


class Summary(serializers.Serializer):
    """How many entries match, by facet and by day."""

    total = serializers.IntegerField()
    eventTypes = serializers.DictField(child=serializers.IntegerField())
    levels = serializers.DictField(child=serializers.IntegerField())
    models = serializers.DictField(child=serializers.IntegerField())
    actors = serializers.DictField(child=serializers.IntegerField())
    days = Day(many=True)


class Integrity(serializers.Serializer):
    """The result of the last verification; `good` is null when there was none."""

    good = serializers.BooleanField(allow_null=True)
    checkedAt = serializers.DateTimeField(allow_null=True)
    checked = serializers.IntegerField(help_text="Entries checked.")
    forgotten = serializers.IntegerField(help_text="Of these, only the hashes are kept.")
    compared = serializers.BooleanField(
        help_text="Whether what the entries tell was compared with files and rows."
    )
    fromEntry = serializers.IntegerField(help_text="0: from the beginning.")
    seq = serializers.IntegerField(help_text="Last entry that fitted.")
    head = serializers.CharField(allow_blank=True, help_text="Chain hash there, hex.")
    seconds = serializers.FloatField()
    fault = serializers.DictField(
        allow_null=True,
        help_text="First entry that did not fit: seq, problem, expected, found.",
    )
    newest = serializers.IntegerField(help_text="Newest entry now.")
    damaged = serializers.ListField(
        child=serializers.DictField(), help_text="Archives that cannot be read: first, last."
    )
    claim = serializers.CharField(help_text="What a good result proves.")


class Note(serializers.Serializer):
    """A note to keep, about a model, a session or an entry when one is named."""

    text = serializers.CharField(max_length=10_000, help_text="Markdown")
    modelName = serializers.CharField(required=False, allow_blank=True, max_length=80)
    sessionId = serializers.IntegerField(required=False, allow_null=True, min_value=0)
    entryId = serializers.IntegerField(required=False, allow_null=True, min_value=1)


class Pin(serializers.Serializer):
    """Whether an entry stays in the database whatever its age."""

    id = serializers.IntegerField()
    pinned = serializers.BooleanField()
