from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("training", "0005_training_defaults"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="trainingsession",
            index=models.Index(fields=["finished_at"], name="session_by_end"),
        ),
    ]
