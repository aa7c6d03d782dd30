"""What changed in the list of sessions while somebody looks at it: the page asks again for it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.http import QueryDict

from memory.addresses import kept
from memory.wire import read_count
from training.models import TrainingSession
from training.session_counts import Tab, counts_of, tabs_of
from training.session_queries import ADDRESS, SessionFilter, parse_filter

MOST = 100  # rows of a page
LIVE = ("state", "epochs", "gain", "time")  # cells that follow the training
SOON, CALM = 3, 10  # seconds between two questions: while a row is active, and when none is
_LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Changes:
    """New rows are only counted, so that nothing moves; `rows` are shown anew in their places.

    `query` is what the page asks with the next time, `address` the list from its beginning.
    """

    query: str
    address: str
    seconds: int
    count: int = 0
    rows: Sequence[TrainingSession] = ()
    cells: Sequence[str] = ()
    tabs: Sequence[Tab] = ()


def watch(
    query: QueryDict,
    wanted: SessionFilter,
    rows: Sequence[TrainingSession],
    shown: Collection[str],
) -> Changes:
    """The beginning: the list at `query` shows these rows and these columns."""
    newest = TrainingSession.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    active = [row for row in rows if not row.is_over]
    cells = [cell for cell in LIVE if cell in shown]
    return Changes(
        query=_question(query, newest, active, cells, _stamp(0, active)),
        address=_address(query),
        seconds=SOON if active else CALM,
    )


def changes(query: QueryDict) -> Changes | None:
    """What changed since the last answer; None when nothing did. Three queries.

    Raises Invalid for a question that no page asks.
    """
    since = read_count(query.get("since", ""), "since", low=0, high=_LARGEST)
    shown = [
        read_count(text, "v", low=1, high=_LARGEST)
        for text in query.get("v", "").split(",")[:MOST]
        if text
    ]
    cells = [cell for cell in LIVE if cell in query.get("cells", "").split(",")]
    wanted = parse_filter({name: query.get(name, "") for name in ADDRESS})
    count = wanted.queryset().order_by().filter(pk__gt=since).count()
    rows = _rows(shown)
    stamp = _stamp(count, rows)
    if query.get("seen") == stamp:
        return None
    active = [row for row in rows if not row.is_over]
    return Changes(
        query=_question(query, since, active, cells, _stamp(count, active)),
        address=_address(query),
        seconds=SOON if active else CALM,
        count=count,
        rows=rows,
        cells=cells,
        tabs=tabs_of(counts_of(wanted), wanted.state),
    )


def _rows(shown: Sequence[int]) -> list[TrainingSession]:
    if not shown:
        return []
    columns = ("state", "lease_owner", "beat_at", "current_epoch", "total_epochs")
    more = ("best_gain", "process_seconds", "revision", "model__name")
    found = TrainingSession.objects.filter(pk__in=shown).select_related("model")
    return list(found.only(*columns, *more))


def _stamp(count: int, rows: Sequence[TrainingSession]) -> str:
    """Changes with every new session, every epoch and every state, also that a worker is lost."""
    revisions = sum(row.revision for row in rows)
    lost = sum(row.shown_state == "lost" for row in rows)
    return f"{count}-{len(rows)}-{revisions}-{lost}"


def _question(
    query: QueryDict,
    since: int,
    active: Sequence[TrainingSession],
    cells: Sequence[str],
    seen: str,
) -> str:
    asked = kept(query, ADDRESS)
    asked["since"], asked["seen"] = str(since), seen
    asked["cells"] = ",".join(cells)
    asked["v"] = ",".join(str(row.pk) for row in active)
    return asked.urlencode(safe=",")


def _address(query: QueryDict) -> str:
    return f"?{kept(query, ADDRESS).urlencode()}#sessions"
