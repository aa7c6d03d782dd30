"""Index the words of the journal's entries (memory/word_index.py)."""

from django.db import migrations

from memory import word_index


class Migration(migrations.Migration):
    dependencies = [("memory", "0002_append_only_triggers")]

    operations = [
        migrations.RunPython(word_index.create_in_migration, word_index.drop_in_migration),
    ]
