"""What changed in the registry while somebody looks at a list: for the page that asks again."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import QueryDict

from memory import counting, recall
from memory.addresses import kept
from memory.filters import JournalFilter
from memory.wire import read_count
from registry.models import ModelArtifact
from registry.queries import ADDRESS, parse_filter

MAX_SHOWN = 100  # rows of a list
_LARGEST = 2**63 - 1


@dataclass(frozen=True)
class Changes:
    """What is new beside a list that was made when the journal had `since` entries.

    `query` is what the page asks with the next time, `address` the same list from its beginning.
    """

    query: str
    address: str
    count: int = 0  # models that got a version and are in the list
    of: str = ""  # or is asked by the page of this model
    states: Sequence[ModelArtifact] = ()  # the versions that are shown


def watch(query: QueryDict, since: int, shown: Sequence[int]) -> Changes:
    """The beginning: the list at `query` shows the versions with these primary keys."""
    return Changes(_question(query, since, since, shown), _address(query))


def watch_version(version: ModelArtifact, since: int) -> Changes:
    """The same for the page of one version."""
    query = QueryDict(mutable=True)
    query["of"] = version.model.name
    return Changes(_question(query, since, since, [version.pk]), "", of=version.model.name)


def changes(query: QueryDict) -> Changes | None:
    """What changed since the last answer; None when nothing did. At most four queries.

    Nothing in the registry changes without an entry of the journal, so its head says whether.
    Raises Invalid for a question that no page asks.
    """
    since, seen = (
        read_count(query.get(name, ""), name, low=0, high=_LARGEST)
        for name in ("since", "seen")
    )
    shown = [
        read_count(text, "v", low=1, high=_LARGEST)
        for text in query.get("v", "").split(",")[:MAX_SHOWN]
        if text
    ]
    now = recall.newest_seq()
    if now == seen:
        return None
    saved = JournalFilter(event_types=("model_saved",))
    names = [name for (name,) in counting.count(saved, "model_name", above=since, upto=now)]
    wanted = parse_filter({name: str(value) for name, value in query.dict().items()})
    of = query.get("of", "")
    if of:
        names = [name for name in names if name == of]
    keys = [name.casefold() for name in names]
    states = ModelArtifact.objects.select_related("model").only(
        "status", "version", "model__name"
    )
    return Changes(
        query=_question(query, since, now, shown),
        address=_address(query),
        count=wanted.queryset().filter(key__in=keys).count() if keys else 0,
        of=of,
        states=list(states.filter(pk__in=shown)),
    )


def _question(query: QueryDict, since: int, seen: int, shown: Sequence[int]) -> str:
    asked = kept(query, ADDRESS)
    if of := query.get("of"):
        asked["of"] = str(of)
    asked["since"], asked["seen"] = str(since), str(seen)
    asked["v"] = ",".join(map(str, shown))
    return asked.urlencode(safe=",")


def _address(query: QueryDict) -> str:
    return f"?{kept(query, ADDRESS).urlencode()}"
