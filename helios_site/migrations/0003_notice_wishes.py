import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("helios_site", "0002_preferences_and_token_scope"),
    ]

    operations = [
        migrations.CreateModel(
            name="NoticeWish",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="notice_wish",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "done",
                    models.BooleanField(
                        default=True, help_text="tell of completed and stopped ones"
                    ),
                ),
                ("failed", models.BooleanField(default=True, help_text="tell of failed ones")),
                ("in_app", models.BooleanField(default=False)),
                ("browser", models.BooleanField(default=False)),
                (
                    "services",
                    models.TextField(blank=True, help_text="addresses of Apprise, one a line"),
                ),
                ("read_until", models.DateTimeField(default=django.utils.timezone.now)),
                ("sent_until", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "problem",
                    models.CharField(
                        blank=True, help_text="of the last sending", max_length=300
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "notice wishes",
            },
        ),
    ]
