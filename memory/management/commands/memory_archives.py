"""List, check, restore or delete archives."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from memory import archiving, floors, space
from memory.sentences import counted, size
from memory.storage_serializers import archive_dict


class Command(BaseCommand):
    """memory_archives [--verify | --restore FILE | --delete FILE] [--json]"""

    help = "List the archives, read them all from end to end, restore one, or delete one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        act = parser.add_mutually_exclusive_group()
        act.add_argument("--verify", action="store_true", help="exit status 1 for a bad one")
        act.add_argument("--restore", metavar="FILE", help="put its rows back")
        act.add_argument("--delete", metavar="FILE", help="for good; hashes of entries stay")
        parser.add_argument("--json", action="store_true", help="print the list as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        if name := options["restore"]:
            run = archiving.begin_restore(file_name=name, actor="system")
            self.stdout.write(f"{counted(archiving.carry_out(run).moved, 'row')} restored")
        elif name := options["delete"]:
            freed = archiving.forget_archive(file_name=name, actor="system")
            self.stdout.write(f"{size(freed)} freed")
        else:
            self.tell(verify=options["verify"], as_json=options["json"])

    def tell(self, *, verify: bool, as_json: bool) -> None:
        """The list, each archive read first when asked to."""
        found = space.archives()
        if verify:
            problems = {
                one.file_name: archiving.verify_archive(file_name=one.file_name)
                for one in found
            }
            found = space.archives()
        if as_json:
            self.stdout.write(json.dumps([archive_dict(one) for one in found]))
        else:
            for one in found:
                state = one.damaged or ("only hashes" if one.forgotten else "sealed")
                self.stdout.write(
                    f"{one.file_name}  {one.holds}  {size(one.size_bytes)}  {state}"
                )
            strange = space.orphans(found, floors.ask_keepers(()).orphans) if verify else []
            for stranger in strange:
                self.stdout.write(f"{stranger.path}  not known  {size(stranger.size_bytes)}")
        if verify and any(problems.values()):
            bad = [f"{name}: {problem}" for name, problem in problems.items() if problem]
            raise CommandError("; ".join(bad))
