"""Read and change what is compacted when nobody asks, and how much room there is."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from memory import floors, services
from memory.models import Policy
from memory.refusals import Invalid

MAX_DAYS = 36_500
STRETCHES = (5, 10_000)  # epochs
MAX_QUOTA_MB = 10**9


def read_policy() -> Policy:
    """The policy, with its defaults where nobody has changed it."""
    return Policy.objects.first() or Policy(pk=Policy.ONLY)


def quota_bytes(policy: Policy | None = None) -> int:
    """The most that may be used; 0 for no limit. Who has read the policy gives it."""
    chosen = (
        policy.quota_mb if policy else Policy.objects.values_list("quota_mb", flat=True).first()
    )
    return int(settings.QUOTA_MB if chosen is None else chosen) * 1_000_000


def read_change(body: Mapping[str, Any]) -> dict[str, Any]:
    """What a body asks to be changed; what it does not name stays. Invalid names bad fields."""
    policy = read_policy()
    change = {name: body.get(name, getattr(policy, name)) for name in _FIELDS}
    problems = {}
    if not isinstance(change["ages"], Mapping):
        problems["ages"] = "must map parts to days."
    elif not all(days is None or _is_whole(days) for days in change["ages"].values()):
        problems["ages"] = "must be whole numbers of days, or null for never."
    if not isinstance(change["automatic"], bool):
        problems["automatic"] = "must be true or false."
    if not _is_whole(change["stretch"]):
        problems["stretch"] = "must be a whole number."
    if change["quota_mb"] is not None and not _is_whole(change["quota_mb"]):
        problems["quota_mb"] = "must be a whole number or null."
    if problems:
        raise Invalid(fields=problems)
    return change


@transaction.atomic
def change_policy(
    *,
    ages: Mapping[str, int | None],
    automatic: bool,
    stretch: int,
    quota_mb: int | None,
    actor: str,
) -> Policy:
    """Change the policy and tell the journal; Invalid names every bad field."""
    problems = {f"{name}_days": _WRONG_DAYS for name, days in ages.items() if _is_wrong(days)}
    unknown = [name for name in ages if name not in floors.PARTS]
    if unknown:
        problems["ages"] = f"{unknown[0][:40]!r} is not one of {', '.join(floors.PARTS)}."
    if not STRETCHES[0] <= stretch <= STRETCHES[1]:
        problems["stretch"] = f"must be from {STRETCHES[0]} to {STRETCHES[1]:,} epochs."
    if quota_mb is not None and not 0 <= quota_mb <= MAX_QUOTA_MB:
        problems["quota_mb"] = f"must be from 0 (no limit) to {MAX_QUOTA_MB:,} MB."
    if problems:
        raise Invalid(fields=problems)
    services.lock_head()  # two that change it at once follow one another
    before = read_policy()
    policy, _ = Policy.objects.update_or_create(
        pk=Policy.ONLY,
        defaults={
            "ages": {**before.ages, **ages},
            "automatic": automatic,
            "stretch": stretch,
            "quota_mb": quota_mb,
            "changed_at": timezone.now(),
            "changed_by": actor,
        },
    )
    told = {"ages": policy.ages, "automatic": automatic, "stretch": stretch}
    services.append(
        event_type="policy_changed", actor=actor, metadata={**told, "quota_mb": quota_mb}
    )
    return policy


_FIELDS = ("ages", "automatic", "stretch", "quota_mb")
_WRONG_DAYS = f"must be from 0 to {MAX_DAYS:,} days, or empty for never."


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_wrong(days: int | None) -> bool:
    return days is not None and not 0 <= days <= MAX_DAYS
