"""One search over everything that has a name: models, sessions, datasets and the journal.

A query is words that all have to occur. A number alone is a session's or an entry's; `s12` and
`e12` say which. Each kind is asked for a bounded number of rows, so that the time does not
grow with what is not shown.
"""

from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce
from operator import and_
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.urls import reverse

from memory import canonical, recall
from memory.chain import timestamp
from memory.filters import JournalFilter
from memory.models import JournalEntry
from memory.queries import MAX_WORDS
from memory.refusals import Invalid
from memory.sentences import counted
from memory.words import asked
from registry.models import RegisteredModel
from training.models import Dataset, TrainingSession

MAX_LENGTH = 200
SUGGESTED = 5  # of each kind, while somebody types
SHOWN = 20  # of each kind on the page
RECENT = 5_000  # entries that suggestions look through; the page looks through all
LONGEST_NUMBER = 18  # digits


@dataclass(frozen=True, slots=True)
class Hit:
    """Something that was found: what it is, a line about it, and where it is."""

    title: str
    text: str
    address: str
    state: str = ""  # of a session or version, a word of the status vocabulary
    model: int | None = None  # the number whose colour and marker it has everywhere
    at: datetime | None = None  # of an entry


@dataclass(frozen=True, slots=True)
class Kind:
    """What was found of one kind, the newest first; `more` leads to a list with all."""

    key: str
    title: str
    hits: list[Hit]
    more: str = ""  # "" when these are all


@dataclass(frozen=True, slots=True)
class Found:
    """The answer to a query."""

    query: str
    kinds: list[Kind] = field(default_factory=list)

    @property
    def count(self) -> int:
        return sum(len(kind.hits) for kind in self.kinds)


def search(query: str, *, limit: int = SHOWN, entries: int | None = None) -> Found:
    """At most `limit` of each kind; `entries` bounds the journal to its newest ones.

    Raises Invalid for a query that is too long or cannot be stored.
    """
    text = " ".join(query.split())
    words = _words(text)
    if not words:
        return Found(text)
    kinds = (
        _models(words, text, limit),
        _sessions(words, text, limit),
        _datasets(words, limit),
        _entries(words, text, limit, entries),
    )
    return Found(text, [kind for kind in kinds if kind.hits])


def _words(text: str) -> tuple[str, ...]:
    """The words of a query, once it can be asked for."""
    words = tuple(text.split())
    if len(text) > MAX_LENGTH or len(words) > MAX_WORDS:
        problem = f"At most {MAX_WORDS} words of {MAX_LENGTH} characters together."
        raise Invalid(fields={"q": problem})
    try:
        canonical.plain(text)
    except canonical.Unstorable as error:
        raise Invalid(fields={"q": error.problem}) from error
    return words


def _all(words: tuple[str, ...], *fields: str) -> Q:
    """Each word occurs in one of the fields."""
    options = (
        reduce(lambda one, other: one | other, (Q(**{f"{f}__icontains": word}) for f in fields))
        for word in words
    )
    return reduce(and_, options)


def _kind(key: str, title: str, hits: list[Hit], limit: int, more: str = "") -> Kind:
    return Kind(key, title, hits[:limit], more if len(hits) > limit else "")


def _models(words: tuple[str, ...], text: str, limit: int) -> Kind:
    found = RegisteredModel.objects.filter(
        _all(tuple(word.casefold() for word in words), "key", "tags__text", "aliases__alias"),
        deleted_at=None,
    ).distinct()
    rows = found.order_by("-number").select_related("newest").defer("newest__evaluation")
    more = f"{reverse('registry:models')}?{urlencode({'q': text})}"
    return _kind("models", "Models", [_of_model(row) for row in rows[: limit + 1]], limit, more)


def _of_model(model: RegisteredModel) -> Hit:
    newest = model.newest
    text = f"version {newest.version}, {newest.encoder}" if newest else "no version yet"
    kept = ", archived" if model.archived_at else ""
    state = newest.status if newest else ""
    return Hit(model.name, text + kept, model.get_absolute_url(), state, model.number)


def _sessions(words: tuple[str, ...], text: str, limit: int) -> Kind:
    wanted = _all(words, "model__name", "dataset__name", "config__encoder", "state")
    number = _number(words, "s")
    if number is not None:
        wanted |= Q(pk=number)
    rows = TrainingSession.objects.filter(wanted).select_related("model", "dataset")
    hits = [_of_session(row) for row in rows.order_by("-pk")[: limit + 1]]
    more = f"{reverse('training:train')}?{urlencode({'q': text})}#sessions"
    return _kind("sessions", "Sessions", hits, limit, more)


def _of_session(session: TrainingSession) -> Hit:
    title = f"{session.model.name}, session {session.pk}"
    text = f"{session.config.get('encoder', '')} on {session.dataset.name}"
    number = session.model.number
    return Hit(title, text, session.get_absolute_url(), session.state, number)


def _datasets(words: tuple[str, ...], limit: int) -> Kind:
    rows = Dataset.objects.filter(_all(words, "name", "game", "kind")).order_by("name")
    hits = [
        Hit(row.name, counted(row.draw_count, f"{row.kind} draw"), row.get_absolute_url())
        for row in rows[: limit + 1]
    ]
    return _kind("datasets", "Draws", hits, limit, reverse("training:draws"))


def _entries(words: tuple[str, ...], text: str, limit: int, entries: int | None) -> Kind:
    number = _number(words, "e")
    numbered = recall.find(number) if number is not None else None
    wanted = JournalFilter(words=asked(text))
    if not wanted.words:
        rows = []
    elif entries is None:
        rows = recall.newest(wanted, limit=limit + 1)
    else:
        rows = _recent(wanted, limit + 1, entries)
    if numbered is not None:
        rows = [numbered, *(row for row in rows if row.seq != numbered.seq)]
    hits = [_of_entry(row) for row in rows]
    more = f"{reverse('memory:journal')}?{urlencode({'q': text})}"
    return _kind("journal", "Journal", hits, limit, more)


def _recent(wanted: JournalFilter, limit: int, entries: int) -> list[JournalEntry]:
    """The newest matching entries among so many of the database's newest."""
    above = recall.newest_seq() - entries
    found = recall.hot(wanted, []).filter(seq__gt=above)
    return list(found[:limit])


def _of_entry(entry: JournalEntry) -> Hit:
    address = reverse("memory:entry", args=[entry.seq])
    return Hit(entry.sentence, f"entry {entry.seq:,}", address, at=entry.at)


def _number(words: tuple[str, ...], letter: str) -> int | None:
    """The number that is asked for by `12`, `#12` or, of this kind, `s12`; else None."""
    digits = words[0].removeprefix("#").removeprefix(letter)
    if len(words) > 1 or not (digits.isascii() and digits.isdigit()):
        return None
    return int(digits) if len(digits) <= LONGEST_NUMBER else None


def as_dict(found: Found) -> dict[str, Any]:
    """The answer for REST."""
    return {
        "query": found.query,
        "count": found.count,
        "results": [
            {
                "kind": kind.key,
                "title": hit.title,
                "text": hit.text,
                "state": hit.state or None,
                "at": timestamp(hit.at) if hit.at else None,
                "url": hit.address,
            }
            for kind in found.kinds
            for hit in kind.hits
        ],
    }
