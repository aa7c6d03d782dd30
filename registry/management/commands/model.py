"""What the pages do with models, on a terminal."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from memory.refusals import Invalid
from memory.sentences import counted
from registry import services
from registry.api.models import info_dict
from registry.models import ModelArtifact, RegisteredModel
from registry.queries import FILTERS, find_model, find_version, parse_filter
from registry.services import FORMS, Upload
from registry.tables import rows_of

ACTOR = "command line"
VERBS = {
    "list": "models with their newest version",
    "show": "everything about one, as JSON",
    "export": "write a version to a file",
    "import": "take in a bundle, or weights and their JSON",
    "load": "check a version and keep it warm",
    "unload": "free its memory",
    "alias": "let --name name a version",
    "unalias": "let --name name nothing",
    "tag": "let it have exactly the tags of --text, separated by commas",
    "describe": "set its description to --text",
    "note": "set the notes of a version to --text",
    "archive": "put it away",
    "unarchive": "take it out of the archive",
    "delete": "into the trash, with --versions only those",
    "restore": "out of the trash",
}


class Command(BaseCommand):
    help = "Lists, shows and curates models: " + "; ".join(
        f"{verb}: {words}" for verb, words in VERBS.items()
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("verb", choices=VERBS)
        parser.add_argument("model", nargs="?", default="", help="its name")
        parser.add_argument("files", nargs="*", help="import: a bundle, or weights and JSON")
        parser.add_argument(
            "--pick", default="", help="a version: number or alias; else newest"
        )
        parser.add_argument("--name", default="", help="alias, unalias: the alias")
        parser.add_argument("--text", default="", help="tag, describe, note: the words")
        parser.add_argument("--reason", default="", help="for the journal")
        parser.add_argument("--form", choices=FORMS, default="bundle", help="export: as what")
        parser.add_argument(
            "--output", default="", help="export: the file; - for standard output"
        )
        parser.add_argument(
            "--add-version", action="store_true", help="import: to a taken name"
        )
        parser.add_argument("--versions", default="", help="delete: numbers, with commas")
        parser.add_argument("--dry-run", action="store_true", help="delete: only say what goes")
        parser.add_argument("--where", nargs="*", default=[], metavar="FILTER=VALUE",
                            help=f"list: {', '.join(FILTERS)}")  # fmt: skip
        parser.add_argument("--json", action="store_true", help="list: one JSON list")

    def handle(self, *args: Any, verb: str, model: str, **options: Any) -> None:
        if verb == "list":
            self._list(options)
        elif verb == "import":
            self.stdout.write(f"{_take_in(model, options)} is registered")
        elif verb == "show":
            self.stdout.write(json.dumps(info_dict(find_model(model)), default=str, indent=1))
        elif verb == "export":
            self._export(find_version(find_model(model), options["pick"]), options)
        else:
            found = find_model(model)
            said = _DO[verb](found, options)
            self.stdout.write(said if isinstance(said, str) else f"{found}: {verb} done")

    def _list(self, options: dict[str, Any]) -> None:
        pairs = [text.partition("=") for text in options["where"]]
        unknown = [name for name, _, _ in pairs if name not in FILTERS]
        if unknown:
            raise Invalid(fields={"where": f"{unknown[0]!r} is none of {', '.join(FILTERS)}."})
        rows = list(rows_of(parse_filter({name: value for name, _, value in pairs})))
        if options["json"]:
            self.stdout.write(json.dumps(rows, default=str))
            return
        for row in rows:
            gain = "not measured" if row["testGain"] is None else f"{row['testGain']:+.4f}"
            version = f"v{row['version']}" if row["version"] else "no version yet"
            state = f"{row['status'] or '':<9} {row['encoder'] or '':<12} {gain:>12}"
            self.stdout.write(f"{row['name']:<32} {version:<6} {state}")
        self.stdout.write(counted(len(rows), "model"))

    def _export(self, version: ModelArtifact, options: dict[str, Any]) -> None:
        made = services.export_version(version=version, form=options["form"])
        if options["output"] == "-":
            sys.stdout.buffer.write(made.content)
            return
        path = Path(options["output"] or made.file_name)
        if path.exists():
            raise Invalid(f"{path} is there already; choose another --output.")
        path.write_bytes(made.content)
        self.stdout.write(f"{path}: {len(made.content):,} bytes, SHA-256 {made.digest}")


def _take_in(name: str, options: dict[str, Any]) -> ModelArtifact:
    """A model from one file or two."""
    paths = [Path(text) for text in options["files"]]
    add = options["add_version"]
    if len(paths) == 1:
        raw = paths[0].read_bytes()
        return services.import_bundle(name=name, raw=raw, actor=ACTOR, add_version=add)
    if len(paths) != 2:
        raise Invalid(fields={"files": "Name a bundle, or the weights and their JSON."})
    upload = Upload(paths[0].name, paths[0].read_bytes(), paths[1].read_bytes())
    return services.import_version(name=name, upload=upload, actor=ACTOR, add_version=add)


def _delete(model: RegisteredModel, options: dict[str, Any]) -> str:
    texts = [text for text in options["versions"].split(",") if text]
    if not all(text.isascii() and text.isdigit() and len(text) < 10 for text in texts):
        raise Invalid(fields={"versions": "Must be numbers, separated by commas."})
    numbers = [int(text) for text in texts] or None
    if options["dry_run"]:
        plan = services.plan_deletion(model=model, versions=numbers)
    else:
        reason = options["reason"]
        plan = services.delete(model=model, versions=numbers, actor=ACTOR, reason=reason)
    return plan.as_words()


def _version(model: RegisteredModel, options: dict[str, Any]) -> ModelArtifact:
    return find_version(model, options["pick"])


_DO = {
    "load": lambda m, o: services.load_version(version=_version(m, o), actor=ACTOR),
    "unload": lambda m, o: services.unload_version(version=_version(m, o), actor=ACTOR),
    "alias": lambda m, o: services.set_alias(
        version=_version(m, o), alias=o["name"], actor=ACTOR, reason=o["reason"]
    ),
    "unalias": lambda m, o: services.remove_alias(
        model=m, alias=o["name"], actor=ACTOR, reason=o["reason"]
    ),
    "tag": lambda m, o: services.set_tags(
        model=m,
        tags=[word.strip() for word in o["text"].split(",") if word.strip()],
        actor=ACTOR,
    ),
    "describe": lambda m, o: services.describe(model=m, description=o["text"], actor=ACTOR),
    "note": lambda m, o: services.annotate(
        version=_version(m, o), notes=o["text"], actor=ACTOR
    ),
    "archive": lambda m, o: services.archive_model(model=m, actor=ACTOR, reason=o["reason"]),
    "unarchive": lambda m, o: services.unarchive_model(
        model=m, actor=ACTOR, reason=o["reason"]
    ),
    "delete": _delete,
    "restore": lambda m, o: services.restore(model=m, actor=ACTOR),
}
