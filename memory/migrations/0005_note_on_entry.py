import json
from typing import Any

import django.db.models.deletion
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def take_up_notes(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Notes that are there already say themselves what they are about."""
    alias = schema_editor.connection.alias
    entries = apps.get_model("memory", "JournalEntry").objects.using(alias)
    rows = entries.filter(event_type="note_added").values_list("seq", "payload")
    about = [
        (seq, json.loads(payload)["metadata"].get("entry")) for seq, payload in rows.iterator()
    ]
    notes = apps.get_model("memory", "JournalNote")
    notes.objects.using(alias).bulk_create(
        [notes(note_id=seq, entry_seq=entry) for seq, entry in about if entry], batch_size=1000
    )


class Migration(migrations.Migration):
    dependencies = [
        ("memory", "0004_policy_and_runs"),
    ]

    operations = [
        migrations.CreateModel(
            name="JournalNote",
            fields=[
                (
                    "note",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="memory.journalentry",
                    ),
                ),
                ("entry_seq", models.BigIntegerField()),
            ],
            options={
                "verbose_name": "note about an entry",
                "verbose_name_plural": "notes about entries",
                "indexes": [models.Index(fields=["entry_seq", "note"], name="journal_noted")],
            },
        ),
        migrations.RunPython(take_up_notes, migrations.RunPython.noop),
    ]
