"""A policy, runs over several parts, segments of which only the hashes are left.

The triggers are made anew: SQLite rebuilds tables that a trigger's body names.
"""

from django.db import migrations, models

from memory import triggers


class Migration(migrations.Migration):
    dependencies = [("memory", "0003_word_index")]

    operations = [
        migrations.RunPython(triggers.drop_in_migration, triggers.create_in_migration),
        migrations.CreateModel(
            name="Policy",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("ages", models.JSONField(default=dict)),
                ("automatic", models.BooleanField(default=True)),
                ("stretch", models.PositiveIntegerField(default=50)),
                ("quota_mb", models.PositiveBigIntegerField(null=True)),
                ("changed_at", models.DateTimeField(null=True)),
                ("changed_by", models.CharField(blank=True, max_length=150)),
            ],
            options={
                "verbose_name_plural": "policy",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("pk", 1)), name="policy_is_one_row"
                    )
                ],
            },
        ),
        migrations.AddField("storagesample", "kinds", models.JSONField(default=dict)),
        migrations.AddField("journalcheck", "forgotten", models.BigIntegerField(default=0)),
        migrations.AddField("journalcheck", "compared", models.BooleanField(default=False)),
        migrations.AddField("journalsegment", "forgotten", models.BooleanField(default=False)),
        migrations.RenameField("compaction", "segments", "files"),
        # given a default first, so that there is a way back
        migrations.AlterField("compaction", "cutoff", models.DateTimeField(null=True)),
        migrations.AlterField("compaction", "at_least", models.IntegerField(default=1000)),
        migrations.RemoveField("compaction", "cutoff"),
        migrations.RemoveField("compaction", "at_least"),
        migrations.AddField(
            "compaction",
            "kind",
            models.CharField(
                choices=[("compact", "Compact"), ("restore", "Restore")],
                default="compact",
                max_length=10,
            ),
        ),
        migrations.AddField("compaction", "orders", models.JSONField(default=dict)),
        migrations.AddField("compaction", "done", models.JSONField(default=dict)),
        migrations.AddField(
            "compaction", "file_name", models.CharField(blank=True, max_length=120)
        ),
        migrations.RunPython(triggers.create_in_migration, triggers.drop_in_migration),
    ]
