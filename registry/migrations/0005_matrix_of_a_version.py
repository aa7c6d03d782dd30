"""The matrix of each version as a column, so that lists can be counted and filtered by it."""

from collections import defaultdict
from typing import Any

from django.db import migrations, models

PAGE = 500


def fill(apps: Any, schema_editor: Any) -> None:
    """Write down what each network says of its drums, page by page."""
    versions = apps.get_model("registry", "ModelArtifact").objects.using(
        schema_editor.connection.alias
    )
    last = 0
    while page := list(
        versions.filter(pk__gt=last).order_by("pk").values_list("pk", "network")[:PAGE]
    ):
        known: dict[str, list[int]] = defaultdict(list)
        for pk, network in page:
            if {"picks", "white", "bonus"} <= network.keys():
                known[f"{network['picks']}/{network['white']}+{network['bonus']}"].append(pk)
        for matrix, keys in known.items():
            versions.filter(pk__in=keys).update(matrix=matrix)
        last = page[-1][0]


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0004_saved_views"),
    ]

    operations = [
        migrations.AddField(
            model_name="modelartifact",
            name="matrix",
            field=models.CharField(
                default="",
                help_text="of the drums its network knows, such as 5/69+26",
                max_length=20,
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
    ]
