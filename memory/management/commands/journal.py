"""Read the journal on a terminal, save any part of it, add a note, pin an entry."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from memory import recall, services
from memory.events import LEVELS
from memory.exports import csv_chunks, jsonl_chunks
from memory.models import JournalEntry
from memory.queries import parse_filter, parse_window

_USUAL = 20  # entries
_FILTER = ("model_name", "level", "actor", "q", "start_date", "end_date", "session_id", "until")


class Command(BaseCommand):
    """journal [filters] [--limit N] [--as csv|jsonl] | --note TEXT | --pin N | --unpin N"""

    help = (
        "Show the newest entries that match, or all of them as CSV or JSON lines; add a note."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--model", dest="model_name", default="")
        parser.add_argument("--type", action="append", default=[], help="may be repeated")
        parser.add_argument("--level", default="", help=" or ".join(LEVELS))
        parser.add_argument("--actor", default="")
        parser.add_argument("--q", default="", help="each word begins a word of the entry")
        parser.add_argument("--from", dest="start_date", default="", help="2026-11-22")
        parser.add_argument("--to", dest="end_date", default="", help="the day is included")
        parser.add_argument("--session", dest="session_id", default="")
        parser.add_argument("--until", default="", help="newest entry to tell of")
        parser.add_argument("--noted", action="store_true", help="notes and what has one")
        parser.add_argument("--limit", default=str(_USUAL), help="entries; not with --as")
        parser.add_argument("--as", dest="form", choices=("csv", "jsonl"), help="all of them")
        act = parser.add_mutually_exclusive_group()
        act.add_argument("--note", metavar="TEXT", help="add a note, Markdown")
        act.add_argument("--pin", type=int, metavar="ENTRY", help="never archive it")
        act.add_argument("--unpin", type=int, metavar="ENTRY")
        parser.add_argument("--entry", type=int, help="what the note is about")

    def handle(self, *args: Any, **options: Any) -> None:
        raw = {name: options[name] for name in _FILTER}
        raw |= {"event_type": ",".join(options["type"])}
        wanted = parse_filter(raw | {"has_note": "true" if options["noted"] else ""})
        if options["note"] is not None:
            note = services.add_note(
                text=options["note"],
                actor="system",
                model_name=wanted.model_name,
                session_id=wanted.session_id,
                entry=options["entry"],
            )
            self.stdout.write(f"note kept as entry {note.seq}")
        elif (seq := options["pin"] or options["unpin"]) is not None:
            pinned = options["pin"] is not None
            services.pin_entry(seq=seq, actor="system", pinned=pinned)
            self.stdout.write(f"entry {seq} {'pinned' if pinned else 'not pinned any more'}")
        elif options["form"]:
            write = csv_chunks if options["form"] == "csv" else jsonl_chunks
            for chunk in write(recall.stream(wanted)):
                self.stdout.write(chunk, ending="")
        else:
            limit = parse_window({"limit": options["limit"]})["limit"]
            for entry in recall.newest(recall.hold_still(wanted), limit=limit):
                self.stdout.write(_line(entry))


def _line(entry: JournalEntry) -> str:
    sentence = " ".join(entry.sentence.split())
    level = "" if entry.level == "info" else f"{entry.level}: "
    return f"{entry.seq:>8}  {entry.at:%Y-%m-%d %H:%M:%S}  {level}{sentence}"
