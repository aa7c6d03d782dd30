import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("training", "0004_session_by_gain"),
    ]

    operations = [
        migrations.CreateModel(
            name="TrainingDefaults",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="training_defaults",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("preset", models.CharField(blank=True, max_length=80)),
                ("dataset", models.CharField(blank=True, max_length=80)),
                ("values", models.JSONField(default=dict)),
            ],
            options={
                "verbose_name_plural": "training defaults",
            },
        ),
    ]
