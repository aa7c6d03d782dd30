"""Everybody who could change things goes on to: new accounts begin as viewers."""

from django.conf import settings
from django.db import migrations


def make_editors(apps, schema_editor):
    alias = schema_editor.connection.alias
    groups, users = (apps.get_model("auth", name).objects for name in ("Group", "User"))
    editors, _ = groups.using(alias).get_or_create(name="editor")
    accounts = users.using(alias).filter(is_superuser=False)
    editors.user_set.add(*accounts)


class Migration(migrations.Migration):
    dependencies = [
        ("helios_site", "0003_notice_wishes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [migrations.RunPython(make_editors, migrations.RunPython.noop)]
