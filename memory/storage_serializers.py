"""How compactions, archives, the policy and the room look outside: JSON field by field."""

from dataclasses import asdict
from typing import Any

from rest_framework import serializers

from memory import floors
from memory.archiving import Plan
from memory.chain import timestamp
from memory.floors import Archive
from memory.models import Compaction, Policy
from memory.storage import Storage as Look
from memory.wire import camel


def plan_dict(plan: Plan) -> dict[str, Any]:
    """What a compaction would do."""
    parts = [
        {
            "name": name,
            "cutoff": timestamp(plan.orders[name].cutoff),
            "rows": part.rows,
            "archives": part.files,
            "freesBytes": part.frees,
        }
        for name, part in plan.parts.items()
    ]
    return {
        "status": "planned",
        "rows": plan.rows,
        "archives": plan.files,
        "freesBytes": plan.frees,
        "parts": parts,
    }


def run_dict(run: Compaction) -> dict[str, Any]:
    """A run that is under way or over."""
    return {
        "status": "error" if run.state == Compaction.State.FAILED else "started",
        "id": run.pk,
        "kind": run.kind,
        "state": run.state,
        "actor": run.actor,
        "rows": run.planned,
        "moved": run.moved,
        "parts": [{"name": name, "moved": rows} for name, rows in run.done.items()],
        "archives": run.files,
        "fileName": run.file_name,
        "freedBytes": run.freed_bytes,
        "startedAt": timestamp(run.started_at),
        "finishedAt": timestamp(run.finished_at) if run.finished_at else None,
        "seconds": run.seconds,
        "message": run.error,
    }


def archive_dict(archive: Archive) -> dict[str, Any]:
    """An archive file."""
    return {
        "part": archive.part,
        "fileName": archive.file_name,
        "holds": archive.holds,
        "rows": archive.rows,
        "firstAt": timestamp(archive.first_at),
        "lastAt": timestamp(archive.last_at),
        "sizeBytes": archive.size_bytes,
        "sha256": archive.sha256,
        "sealedAt": timestamp(archive.sealed_at),
        "damaged": archive.damaged,
        "forgotten": archive.forgotten,
    }


def policy_dict(policy: Policy) -> dict[str, Any]:
    """What is compacted when nobody asks."""
    return {
        "ages": {name: policy.days_of(name) for name in floors.PARTS},
        "automatic": policy.automatic,
        "stretch": policy.stretch,
        "quotaMb": policy.quota_mb,
        "changedAt": timestamp(policy.changed_at) if policy.changed_at else None,
        "changedBy": policy.changed_by,
    }


def storage_dict(found: Look) -> dict[str, Any]:
    """What takes how much room."""
    quota = found.quota
    return {
        "usedBytes": quota.used,
        "limitBytes": quota.limit or None,
        "reserveBytes": quota.reserve,
        "level": quota.level,
        "fullOn": str(quota.full_on) if quota.full_on else None,
        "diskFreeBytes": quota.disk_free,
        "kinds": [
            {"name": kind.name, "bytes": kind.size_bytes, "files": kind.files}
            for kind in found.kinds
        ],
        "largest": [
            {
                "file": one.path,
                "bytes": one.size_bytes,
                "of": one.belonging.words if one.belonging else "",
            }
            for one in found.largest
        ],
        "orphans": [
            {"file": one.path, "bytes": one.size_bytes, "removable": one.removable}
            for one in found.orphans
        ],
        "missing": found.missing,
        "database": {
            camel(name): timestamp(value) if name.endswith("_at") and value else value
            for name, value in asdict(found.facts).items()
        },
    }


class CompactOrder(serializers.Serializer):
    """What to compact."""

    olderThan = serializers.RegexField(
        r"^[0-9]{1,5}d$", required=False, help_text="The policy's ages when absent."
    )
    parts = serializers.ListField(child=serializers.CharField(), required=False)
    dryRun = serializers.BooleanField(default=False)


class CompactionRun(serializers.Serializer):
    """A plan (`status` planned) or a run of it."""

    status = serializers.ChoiceField(choices=["planned", "started", "error"])
    id = serializers.IntegerField(required=False)
    kind = serializers.ChoiceField(choices=Compaction.Kind.choices, required=False)
    state = serializers.ChoiceField(choices=Compaction.State.choices, required=False)
    actor = serializers.CharField(required=False)
    rows = serializers.IntegerField(help_text="Rows to be moved.")
    moved = serializers.IntegerField(required=False)
    parts = serializers.ListField(child=serializers.DictField())
    archives = serializers.IntegerField(help_text="Archive files.")
    freesBytes = serializers.IntegerField(required=False, help_text="About, of a plan.")
    fileName = serializers.CharField(required=False, allow_blank=True)
    freedBytes = serializers.IntegerField(required=False)
    startedAt = serializers.DateTimeField(required=False)
    finishedAt = serializers.DateTimeField(required=False, allow_null=True)
    seconds = serializers.FloatField(required=False, allow_null=True)
    message = serializers.CharField(required=False, allow_blank=True)


class ArchiveFile(serializers.Serializer):
    """An archive file of one of the parts."""

    part = serializers.CharField()
    fileName = serializers.CharField()
    holds = serializers.CharField(help_text="Which rows, in words.")
    rows = serializers.IntegerField()
    firstAt = serializers.DateTimeField()
    lastAt = serializers.DateTimeField()
    sizeBytes = serializers.IntegerField()
    sha256 = serializers.CharField()
    sealedAt = serializers.DateTimeField()
    damaged = serializers.CharField(allow_blank=True, help_text="Why it cannot be read.")
    forgotten = serializers.BooleanField(help_text="Only the hashes are left.")


class ArchiveCheck(serializers.Serializer):
    """The result of reading an archive from end to end."""

    good = serializers.BooleanField()
    problem = serializers.CharField(allow_blank=True)


class PolicyBody(serializers.Serializer):
    """What is compacted when nobody asks."""

    ages = serializers.DictField(
        child=serializers.IntegerField(allow_null=True), help_text="Days by part; null: never."
    )
    automatic = serializers.BooleanField()
    stretch = serializers.IntegerField(help_text="Epochs of which a few stand for all.")
    quotaMb = serializers.IntegerField(allow_null=True, help_text="null: HELIOS_QUOTA_MB")
    changedAt = serializers.DateTimeField(read_only=True, allow_null=True)
    changedBy = serializers.CharField(read_only=True, allow_blank=True)


class Freed(serializers.Serializer):
    """Bytes that were freed."""

    freedBytes = serializers.IntegerField()


class Storage(serializers.Serializer):
    """What takes how much room."""

    usedBytes = serializers.IntegerField()
    limitBytes = serializers.IntegerField(allow_null=True)
    reserveBytes = serializers.IntegerField(help_text="Of the limit, kept for the journal.")
    level = serializers.ChoiceField(choices=["ok", "warn", "full"])
    fullOn = serializers.DateField(
        allow_null=True, help_text="The quota or the disk, by the growth of the last month."
    )
    diskFreeBytes = serializers.IntegerField()
    kinds = serializers.ListField(child=serializers.DictField())
    largest = serializers.ListField(child=serializers.DictField())
    orphans = serializers.ListField(child=serializers.DictField())
    missing = serializers.ListField(child=serializers.CharField())
    database = serializers.DictField()
