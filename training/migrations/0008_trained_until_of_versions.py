"""Versions that sessions made before it was recorded: until which draw they were trained."""

from datetime import date
from typing import Any

from django.db import migrations

PAGE = 500


def fill(apps: Any, schema_editor: Any) -> None:
    """Write down what each session's split says, page by page."""
    database = schema_editor.connection.alias
    sessions = apps.get_model("training", "TrainingSession").objects.using(database)
    versions = apps.get_model("registry", "ModelArtifact").objects.using(database)
    last = 0
    while page := list(
        sessions.filter(pk__gt=last, artifact__isnull=False)
        .order_by("pk")
        .values_list("pk", "artifact", "split")[:PAGE]
    ):
        for _, version, split in page:
            day = split.get("train", {}).get("last")
            if day:
                versions.filter(pk=version).update(trained_until=date.fromisoformat(day))
        last = page[-1][0]


class Migration(migrations.Migration):
    dependencies = [
        ("training", "0007_session_title"),
        ("registry", "0006_trained_until"),
    ]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
    ]
