"""Planned maintenance: a note in HELIOS_HOME that closes the doors, also while the database is away.

`manage.py maintenance` writes and removes it. While it lies there every page and every call is
answered 503 with when to come again, and live pages are sent away. Administrators who are signed
in may go on looking; training goes on, because workers do not ask the note.
"""

import json
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import Error
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from memory import services as journal
from memory.refusals import Invalid

FILE = "maintenance.json"
LONGEST = 300  # characters of a message
SOONEST, USUAL, LATEST = 10, 120, 24 * 60 * 60  # seconds until somebody is asked to come again


@dataclass(frozen=True, slots=True)
class Maintenance:
    """What the note says; `until` is an expectation, not an end."""

    since: datetime | None = None
    until: datetime | None = None
    message: str = ""

    @property
    def retry_after(self) -> int:
        """Seconds until it is worth asking again."""
        if self.until is None or self.until <= timezone.now():
            return USUAL
        left = int((self.until - timezone.now()).total_seconds())
        return min(max(left, SOONEST), LATEST)


def current() -> Maintenance | None:
    """The note, or None; one that cannot be read closes the doors all the same."""
    try:
        told = json.loads(_path().read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        return Maintenance()
    told = told if isinstance(told, dict) else {}
    return Maintenance(_moment(told, "since"), _moment(told, "until"), _text(told))


def begin(*, until: datetime | None = None, message: str = "", actor: str) -> bool:
    """Close the doors, or change what the note says; whether the journal could be told.

    Raises Invalid for an expectation in the past and for a message that cannot be shown.
    """
    if until is not None and until <= timezone.now():
        raise Invalid(fields={"until": "This moment is over; name one that comes."})
    message = message.strip()
    if len(message) > LONGEST or not message.isprintable():
        text = f"Must be one line of at most {LONGEST} characters."
        raise Invalid(fields={"message": text})
    note = {
        "since": timezone.now().isoformat(),
        "until": until.isoformat() if until else None,
        "message": message,
    }
    draft = _path().with_suffix(".new")
    draft.write_text(json.dumps(note))
    draft.replace(_path())
    metadata = {"until": note["until"], "message": message}
    return _tell("maintenance_begun", actor, {key: val for key, val in metadata.items() if val})


def end(*, actor: str) -> bool | None:
    """Open the doors; whether the journal could be told, None when they were open."""
    began = current()
    if began is None:
        return None
    _path().unlink(missing_ok=True)
    lasted = (timezone.now() - began.since).total_seconds() if began.since else None
    metadata = {} if lasted is None else {"seconds": round(lasted, 1)}
    return _tell("maintenance_ended", actor, metadata)


def read_until(text: str) -> datetime:
    """`18:30` (the next one) or a moment in ISO 8601, in the server's time zone unless it names one."""
    try:
        clock = time.fromisoformat(text) if len(text) <= len("18:30") else None
        moment = None if clock else parse_datetime(text)
    except ValueError:
        clock = moment = None
    if clock is not None:
        now = timezone.localtime()
        moment = datetime.combine(now.date(), clock)
        if timezone.make_aware(moment) <= now:
            moment += timedelta(days=1)
    if moment is None:
        raise Invalid(fields={"until": "Must be a time such as 18:30 or 2026-11-30T18:30."})
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)


def _path() -> Path:
    return Path(settings.HELIOS_HOME) / FILE


def _moment(told: dict[str, Any], name: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(told[name])
    except (KeyError, TypeError, ValueError):
        return None
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)


def _text(told: dict[str, Any]) -> str:
    return str(told.get("message") or "")[:LONGEST]


def _tell(event_type: str, actor: str, metadata: dict[str, Any]) -> bool:
    """Tell the journal, if the database answers: it may be what is being mended."""
    try:
        journal.append(event_type=event_type, actor=actor, metadata=metadata)
    except Error:
        return False
    return True
