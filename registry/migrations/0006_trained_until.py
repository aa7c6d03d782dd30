"""Until which draw a version was trained; the sessions' migration fills it in for older ones."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0005_matrix_of_a_version"),
    ]

    operations = [
        migrations.AddField(
            model_name="modelartifact",
            name="trained_until",
            field=models.DateField(
                help_text="of the newest draw that its weights were fitted to", null=True
            ),
        ),
    ]
