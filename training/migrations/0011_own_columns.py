from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("training", "0010_hits_memory_and_batch"),
    ]

    operations = [
        migrations.AddField(
            model_name="drawimport",
            name="columns",
            field=models.TextField(
                blank=True,
                default="",
                help_text='which column is what, as a person said; "" in a known format',
            ),
            preserve_default=False,
        ),
    ]
