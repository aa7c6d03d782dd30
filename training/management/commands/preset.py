"""List, save and delete presets: named settings that a training can begin with."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from training.engine.config import PRESETS, SETTINGS
from training.engine.setting_text import read_texts
from training.models import SavedPreset
from training.services import presets
from training.services.sessions import find_session


class Command(BaseCommand):
    help = "Lists presets, saves one from flags or from a session, or deletes one."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("verb", choices=["list", "save", "delete"])
        parser.add_argument("name", nargs="?", default="")
        parser.add_argument("--session", type=int, help="save: take the settings of a session")
        for setting in SETTINGS.values():
            flag = "--" + setting.name.replace("_", "-")
            parser.add_argument(flag, dest=setting.name, help=setting.help)

    def handle(self, *args: Any, verb: str, name: str, **options: Any) -> None:
        if verb != "list" and not name:
            raise CommandError("Name the preset.")
        if verb == "list":
            self._list()
        elif verb == "save":
            texts = {key: options[key] for key in SETTINGS if options[key] is not None}
            given = find_session(options["session"]).config if options["session"] else {}
            saved = presets.save_preset(
                name=name, settings={**given, **read_texts(texts)}, actor="command line"
            )
            self.stdout.write(
                f"{saved.name}: {len(saved.values)} settings beside the defaults."
            )
        else:
            presets.delete_preset(name=name, actor="command line")
            self.stdout.write(f"{name} was deleted.")

    def _list(self) -> None:
        for built_in in PRESETS.values():
            self.stdout.write(f"{built_in.key:<20} {built_in.help}")
        for saved in SavedPreset.objects.all():
            values = ", ".join(f"{key} {value}" for key, value in saved.values.items())
            self.stdout.write(f"{saved.name:<20} {values or 'the defaults'}")
