from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("training", "0006_session_by_end"),
    ]

    operations = [
        migrations.AddField(
            model_name="trainingsession",
            name="title",
            field=models.CharField(
                blank=True, default="", help_text="what a person calls it", max_length=80
            ),
            preserve_default=False,
        ),
    ]
