"""Show or change what is compacted when nobody asks, and how much room there is."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from memory import floors, policies
from memory.models import Policy
from memory.refusals import Invalid
from memory.storage_serializers import policy_dict


class Command(BaseCommand):
    """memory_policy [--age PART=DAYS] [--stretch N] [--quota-mb MB] [--automatic on|off] [--json]"""

    help = "Show the policy of the memory; change what is named, the rest stays."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--age",
            action="append",
            default=[],
            metavar="PART=DAYS",
            help=f"archive rows that old; part: {', '.join(floors.PARTS)}; days: never",
        )
        parser.add_argument("--stretch", type=int, help="epochs of an old curve in a stretch")
        parser.add_argument("--quota-mb", metavar="MB", help="0: no limit; default: as set up")
        parser.add_argument("--automatic", choices=("on", "off"), help="compact once a day")
        parser.add_argument("--json", action="store_true", help="print the policy as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        change: dict[str, Any] = {}
        if options["age"]:
            change["ages"] = dict(map(_age, options["age"]))
        if options["stretch"] is not None:
            change["stretch"] = options["stretch"]
        if options["quota_mb"] is not None:
            default = options["quota_mb"] == "default"
            change["quota_mb"] = None if default else _whole(options["quota_mb"], "quota-mb")
        if options["automatic"]:
            change["automatic"] = options["automatic"] == "on"
        if change:
            policies.change_policy(**policies.read_change(change), actor="command line")
        policy = policies.read_policy()
        self.stdout.write(json.dumps(policy_dict(policy)) if options["json"] else words(policy))


def words(policy: Policy) -> str:
    """The policy in a line."""
    ages = ", ".join(
        f"{part.rows} {'never' if days is None else f'after {days} days'}"
        for part in floors.PARTS.values()
        for days in [policy.days_of(part.name)]
    )
    quota = policies.quota_bytes(policy)
    return (
        f"Archives {ages}; {policy.stretch} epochs in a stretch; quota "
        f"{f'{quota // 1_000_000:,} MB' if quota else 'none'}; "
        f"{'once a day by itself' if policy.automatic else 'only when asked'}"
    )


def _age(text: str) -> tuple[str, int | None]:
    part, _, days = text.partition("=")
    return part, None if days == "never" else _whole(days, "age")


def _whole(text: str, field: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise Invalid(fields={field: f"{text[:40]!r} is no whole number."})
    return int(text)
