"""Make the journal append-only in the database itself (memory/triggers.py)."""

from django.db import migrations

from memory import triggers


class Migration(migrations.Migration):
    dependencies = [("memory", "0001_journal")]

    operations = [
        migrations.RunPython(triggers.create_in_migration, triggers.drop_in_migration),
    ]
