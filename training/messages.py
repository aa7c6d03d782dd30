"""What is said to live clients: JSON to programs, HTML fragments to pages.

A message tells the state of a session and the epochs after the client's cursor, oldest first. A
client that misses more than a batch gets several messages, all but the last with `more`.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone

from memory.display import Display, shown_as
from training.epoch_serializers import epoch_dict
from training.models import Epoch, TrainingSession
from training.panel import live_parts, now_cards
from training.serializers import status_dict
from training.snapshots import OverviewSnapshot, SessionSnapshot, Snapshot

PAGE_SECONDS = 0.25  # a page changes at most four times a second


class JsonSession:
    """A session for programs."""

    spacing = 0.0

    def say(self, snapshot: Snapshot, epochs: Sequence[Epoch], after: int, upto: int) -> str:
        assert isinstance(snapshot, SessionSnapshot)
        return json_text(snapshot, epochs, more=upto < snapshot.last)


@dataclass(frozen=True)
class HtmlSession:
    """A session for its page; readers who like numbers and times alike share the messages."""

    display: Display
    spacing = PAGE_SECONDS

    def say(self, snapshot: Snapshot, epochs: Sequence[Epoch], after: int, upto: int) -> str:
        assert isinstance(snapshot, SessionSnapshot)
        with timezone.override(self.display.zone), shown_as(self.display):
            return html_text(snapshot, epochs, upto)


@dataclass(frozen=True)
class HtmlOverview:
    """What is going on now, for the overview."""

    display: Display
    spacing = PAGE_SECONDS

    def say(self, snapshot: Snapshot, epochs: Sequence[Epoch], after: int, upto: int) -> str:
        assert isinstance(snapshot, OverviewSnapshot)
        # New cards when a session came, went or changed its state: else only their progress.
        cards = now_cards(snapshot.sessions, len(snapshot.revisions))
        context = cards | {"whole": after != upto}
        with timezone.override(self.display.zone), shown_as(self.display):
            return render_to_string("training/_now_message.html", context)


def json_text(snapshot: SessionSnapshot, epochs: Sequence[Epoch], *, more: bool) -> str:
    """The status of a session as REST gives it, with `epochs` and `more`.

    While more epochs follow, a session that is over still says `training`: who stops reading
    at `completed` has read every epoch.
    """
    body = status_dict(snapshot.session, snapshot.measured)
    if more and snapshot.is_over:
        body |= {"state": TrainingSession.State.TRAINING.value, "status": "training"}
    body |= {"epochs": [epoch_dict(epoch) for epoch in epochs], "more": more}
    return json.dumps(_finite(body), separators=(",", ":"), allow_nan=False)


def html_text(snapshot: SessionSnapshot, epochs: Sequence[Epoch], upto: int) -> str:
    """The live parts of the page of a session, each marked with where it belongs."""
    context = live_parts(snapshot, epochs, upto) | {"swap": True}
    return render_to_string("training/_live_message.html", context)


def _finite(value: Any) -> Any:
    """The same with None in place of numbers that JSON cannot say."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {name: _finite(each) for name, each in value.items()}
    return [_finite(each) for each in value] if isinstance(value, list) else value
