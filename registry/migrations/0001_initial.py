"""The registry's tables.

Ordered by hand: what every list reads stands first in a row and long texts last, because SQLite
walks over every page of a row that lies before a column it reads.
"""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="RegisteredModel",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80)),
                ("key", models.CharField(editable=False, max_length=80, unique=True)),
                ("number", models.PositiveIntegerField(editable=False, unique=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("created_by", models.CharField(max_length=150)),
                ("archived_at", models.DateTimeField(blank=True, null=True)),
                ("deleted_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "verbose_name": "model",
                "ordering": ["key"],
            },
        ),
        migrations.CreateModel(
            name="ModelArtifact",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "model",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="registry.registeredmodel",
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="children",
                        to="registry.modelartifact",
                    ),
                ),
                ("version", models.PositiveIntegerField()),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("ready", "Ready"),
                            ("loaded", "Loaded"),
                            ("damaged", "Damaged"),
                            ("archived", "Archived"),
                            ("deleted", "Deleted"),
                        ],
                        default="ready",
                        max_length=10,
                    ),
                ),
                (
                    "folder",
                    models.CharField(help_text="below HELIOS_HOME/models", max_length=120),
                ),
                ("weights_sha256", models.CharField(max_length=64)),
                ("sidecar_sha256", models.CharField(max_length=64)),
                ("size_bytes", models.PositiveBigIntegerField(help_text="of all its files")),
                ("encoder", models.CharField(max_length=20)),
                ("parameter_count", models.PositiveBigIntegerField(help_text="of one member")),
                (
                    "members",
                    models.PositiveSmallIntegerField(
                        default=1,
                        help_text="models that forecast together: the first axis of every tensor",
                    ),
                ),
                ("dataset_name", models.CharField(max_length=80)),
                ("dataset_fingerprint", models.CharField(max_length=64)),
                ("session_id", models.BigIntegerField(null=True)),
                ("val_gain", models.FloatField(null=True)),
                ("val_low", models.FloatField(null=True)),
                ("val_high", models.FloatField(null=True)),
                ("test_gain", models.FloatField(null=True)),
                ("test_low", models.FloatField(null=True)),
                ("test_high", models.FloatField(null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("deleted_at", models.DateTimeField(blank=True, null=True)),
                ("purged_at", models.DateTimeField(blank=True, null=True)),
                ("metrics", models.JSONField(default=dict)),
                (
                    "network",
                    models.JSONField(
                        default=dict, help_text="the specification of its network"
                    ),
                ),
                ("config", models.JSONField(default=dict)),
                ("environment", models.JSONField(default=dict)),
                (
                    "notes",
                    models.TextField(
                        blank=True, help_text="Markdown; a part of the model card"
                    ),
                ),
                ("evaluation", models.JSONField(default=dict)),
            ],
            options={
                "verbose_name": "model version",
                "ordering": ["model_id", "-version"],
                "indexes": [models.Index(fields=["status"], name="version_by_status")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("model", "version"), name="one_row_per_version"
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="registeredmodel",
            name="newest",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="registry.modelartifact",
            ),
        ),
        migrations.AddField(
            model_name="registeredmodel",
            name="description",
            field=models.TextField(blank=True, default="", help_text="Markdown"),
            preserve_default=False,
        ),
        migrations.CreateModel(
            name="ModelAlias",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("alias", models.CharField(max_length=40)),
                ("reason", models.CharField(blank=True, max_length=1000)),
                ("moved_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("moved_by", models.CharField(max_length=150)),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="aliases",
                        to="registry.modelartifact",
                    ),
                ),
                (
                    "model",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="aliases",
                        to="registry.registeredmodel",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "model aliases",
                "ordering": ["alias"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("model", "alias"), name="one_version_per_alias"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ModelTag",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.CharField(max_length=40)),
                (
                    "model",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tags",
                        to="registry.registeredmodel",
                    ),
                ),
            ],
            options={
                "ordering": ["text"],
                "indexes": [models.Index(fields=["text"], name="tag_by_word")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("model", "text"), name="one_tag_of_each_word"
                    )
                ],
            },
        ),
    ]
