"""How journal entries look outside: JSON field by field, documented in the OpenAPI file."""

from typing import Any

from rest_framework import serializers

from memory.chain import timestamp
from memory.compaction import Plan
from memory.models import Compaction, JournalCheck, JournalEntry, JournalSegment

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
        "fromEntry": check.start,
        "seq": check.seq,
        "head": check.head,
        "seconds": check.seconds,
        "fault": check.fault or None,
    }


def plan_dict(plan: Plan) -> dict[str, Any]:
    """What a compaction would do."""
    return {
        "status": "planned",
        "cutoff": timestamp(plan.cutoff),
        "entries": plan.entries,
        "segments": len(plan.ranges),
    }


def run_dict(run: Compaction) -> dict[str, Any]:
    """A compaction that is under way or over."""
    return {
        "status": "error" if run.state == Compaction.State.FAILED else "started",
        "id": run.pk,
        "state": run.state,
        "actor": run.actor,
        "cutoff": timestamp(run.cutoff),
        "entries": run.planned,
        "moved": run.moved,
        "segments": run.segments,
        "freedBytes": run.freed_bytes,
        "startedAt": timestamp(run.started_at),
        "finishedAt": timestamp(run.finished_at) if run.finished_at else None,
        "message": run.error,
    }


def segment_dict(segment: JournalSegment) -> dict[str, Any]:
    """An archive."""
    return {
        "first": segment.first,
        "last": segment.last,
        "firstAt": timestamp(segment.first_at),
        "lastAt": timestamp(segment.last_at),
        "sizeBytes": segment.size_bytes,
        "sha256": segment.sha256,
        "sealedAt": timestamp(segment.sealed_at),
        "damaged": segment.damaged,
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

    text = serializers.CharField(max_length=10_000)
    modelName = serializers.CharField(required=False, allow_blank=True, max_length=80)
    sessionId = serializers.IntegerField(required=False, allow_null=True, min_value=0)
    entryId = serializers.IntegerField(required=False, allow_null=True, min_value=1)


class CompactOrder(serializers.Serializer):
    """What to compact."""

    olderThan = serializers.RegexField(r"^[0-9]{1,5}d$", default="90d")
    dryRun = serializers.BooleanField(default=False)


class CompactionRun(serializers.Serializer):
    """A plan (`status` planned) or a run of it."""

    status = serializers.ChoiceField(choices=["planned", "started", "error"])
    id = serializers.IntegerField(required=False)
    state = serializers.ChoiceField(choices=Compaction.State.choices, required=False)
    actor = serializers.CharField(required=False)
    cutoff = serializers.DateTimeField()
    entries = serializers.IntegerField(help_text="Entries to be moved.")
    moved = serializers.IntegerField(required=False)
    segments = serializers.IntegerField()
    freedBytes = serializers.IntegerField(required=False)
    startedAt = serializers.DateTimeField(required=False)
    finishedAt = serializers.DateTimeField(required=False, allow_null=True)
    message = serializers.CharField(required=False, allow_blank=True)


class Segment(serializers.Serializer):
    """An archive file: the entries `first` to `last`."""

    first = serializers.IntegerField()
    last = serializers.IntegerField()
    firstAt = serializers.DateTimeField()
    lastAt = serializers.DateTimeField()
    sizeBytes = serializers.IntegerField()
    sha256 = serializers.CharField()
    sealedAt = serializers.DateTimeField()
    damaged = serializers.CharField(allow_blank=True, help_text="Why it cannot be read.")
