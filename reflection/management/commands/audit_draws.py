"""`audit_draws DATASET`: is the data sound, and is the drum fair?"""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from reflection.services import DrawAudit, audit_draws, record_audit
from reflection.wire import audit_json


class Command(BaseCommand):
    """Audits one era of a dataset and journals it."""

    help = "Test a dataset's draws against a fair drum: data checks, eight tests, one joint p."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("dataset")
        parser.add_argument(
            "--era", default="", help="first day of an era; default: the newest"
        )
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *args: Any, **options: Any) -> None:
        found = audit_draws(dataset_name=options["dataset"], era_key=options["era"])
        record_audit(found=found, actor="command")
        text = json.dumps(audit_json(found), indent=2) if options["as_json"] else report(found)
        self.stdout.write(text)


def report(found: DrawAudit) -> str:
    """The audit as a plain table."""
    head = (
        f"{found.dataset}, {found.matrix}, {found.tests.draws:,} draws"
        f" from {found.first_date} to {found.last_date}"
    )
    checks = [f"  {'ok ' if check.ok else '!! '} {check.text}" for check in found.checks]
    rows = [
        f"  {row.name:<30}{row.statistic:>10.2f}   fair {row.low:.1f} to {row.high:.1f}"
        f"   p {row.p:.4f}   joint {row.joint_p:.4f}"
        for row in found.tests.findings
    ]
    return "\n".join([head, *checks, *rows, found.verdict])
