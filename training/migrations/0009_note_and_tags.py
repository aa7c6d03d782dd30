from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0006_trained_until"),
        ("training", "0008_trained_until_of_versions"),
    ]

    operations = [
        migrations.AddField(
            model_name="trainingsession",
            name="note",
            field=models.TextField(blank=True, default="", help_text="Markdown"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="trainingsession",
            name="tags",
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AddIndex(
            model_name="trainingsession",
            index=models.Index(fields=["best_gain", "id"], name="session_by_any_gain"),
        ),
    ]
