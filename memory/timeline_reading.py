"""Read a view of the journal: what its address asks for, and what it then shows."""

from dataclasses import replace

from django.db.models import Value
from django.http import QueryDict

from memory import counting, paging, recall, tallies
from memory.events import EVENTS
from memory.models import JournalEntry, JournalNote, JournalPin, JournalSegment
from memory.queries import parse_filter
from memory.refusals import Invalid
from memory.timeline import NAMES, PAGE_SIZES, Bar, Timeline
from memory.wire import read_count

_MAX_PAGE = 10**9
COUNTED_AT_ONCE = 50_000  # entries: so many are counted in a few hundredths of a second
_SHOWN = 200  # names offered for completion


def read_timeline(
    query: QueryDict, *, at_once: bool = True, only: tuple[str, ...] = ()
) -> Timeline:
    """Return the view that a query string asks for; bad values become its `problems`.

    Without `at_once` a page of a long journal whose count nobody has asked for yet comes with its
    entries alone: they are read in milliseconds, while counting a million takes a second.
    `only` names the event types that the reader may see; () is all of them.
    """
    view = _parse(query, only)
    if view.problems:
        return view
    view.counted = at_once or _counts_quickly(view)
    if not view.counted:
        _read_entries(view)
    if view.counted or not view.entries:  # beyond the last page, or nothing at all
        view.counted = True
        _fill(view)
    return view


def _counts_quickly(view: Timeline) -> bool:
    is_far = view.size * (view.number - 1) > paging.NEAR  # found by counting
    return view.head.seq <= COUNTED_AT_ONCE or is_far or tallies.is_counted(view.wanted)


def _read_entries(view: Timeline) -> None:
    """Read the entries of a near page, and whether there are older ones."""
    found = recall.newest(
        view.wanted, limit=view.size + 1, offset=view.size * (view.number - 1)
    )
    _show(view, found, has_newer=view.number > 1)
    view.more = len(found) > view.size
    view.types = [
        (row, None, name in view.chosen) for name, row in EVENTS.items() if view.shows(name)
    ]


def _show(view: Timeline, found: list[JournalEntry], *, has_newer: bool) -> None:
    """Put a page of entries into the view; `found` has one more where there is another page."""
    view.entries = found[: view.size]
    if view.head.gaps:
        next_seq = found[-1].seq if len(found) > view.size else 0
        view.gone = _gone(view, next_seq, has_newer=has_newer)
    _read_pins_and_notes(view)


def _parse(query: QueryDict, only: tuple[str, ...]) -> Timeline:
    """Return the view without what it shows."""
    raw = {name: query.get(name, "").strip() for name in NAMES}
    raw["type"] = ",".join(name for name in query.getlist("type") if name)
    named = {NAMES[name][0]: value for name, value in raw.items()}
    view = Timeline(raw, only)
    try:
        view.wanted = parse_filter(named)
        view.number = read_count(raw["page"] or "1", "page", low=1, high=_MAX_PAGE)
    except Invalid as refusal:
        short = {long: name for name, (long, _) in NAMES.items()}
        view.problems = {short[name]: text for name, text in refusal.fields.items()}
        return view
    if only:
        asked = view.wanted.event_types or only
        view.wanted = replace(view.wanted, event_types=tuple(filter(view.shows, asked)))
        if not view.wanted.event_types:
            view.problems = {"type": "is not shown to visitors."}
            return view
    view.head = tallies.read_head()
    if view.wanted.until is None:  # held still at the newest entry
        view.wanted = recall.held_at(view.wanted, view.head.seq)
    raw["until"] = str(view.wanted.until)
    view.size = next((size for size in PAGE_SIZES if str(size) == raw["per_page"]), view.size)
    return view


def count_newer(query: QueryDict, only: tuple[str, ...] = ()) -> tuple[int, str]:
    """Return how many entries of a view came after its `until`, and the view with them."""
    view = _parse(query, only)
    if view.problems:
        return 0, ""
    held, newest = view.wanted.until or 0, view.head.seq
    anew = replace(view.wanted, until=None)
    count = counting.count(anew, "event_type", above=held, upto=newest).total()
    return (count if held < newest else 0), view.address()


def _fill(view: Timeline) -> None:
    """Read what the view shows."""
    head = view.head
    counts = tallies.count(view.wanted, head)
    view.total = counts.total
    before = view.size * (view.page.number - 1)
    found = paging.entries_at(view.wanted, offset=before, limit=view.size + 1, head=head)
    _show(view, found, has_newer=view.page.has_previous())
    view.types = [
        (row, counts.facets["event_type"][name], name in view.chosen)
        for name, row in EVENTS.items()
        if view.shows(name) and (counts.facets["event_type"][name] or name in view.chosen)
    ]
    view.models = [name for name, _ in counts.facets["model_name"].most_common(_SHOWN) if name]
    view.actors = [name for name, _ in counts.facets["actor"].most_common(_SHOWN)]
    _draw_days(view, head)


def _gone(view: Timeline, next_seq: int, *, has_newer: bool) -> list[JournalSegment]:
    """The ranges whose texts were deleted, between the page before and the next one."""
    newest = view.entries[0].seq if has_newer else view.wanted.until
    gone = JournalSegment.objects.filter(forgotten=True, first__gt=next_seq, last__lte=newest)
    return list(gone.order_by("-first"))


def _read_pins_and_notes(view: Timeline) -> None:
    """Which of the entries are pinned, and the notes about them, oldest first: one query."""
    seqs = [entry.seq for entry in view.entries]
    pins = JournalPin.objects.filter(entry_seq__in=seqs)
    notes = JournalNote.objects.filter(entry_seq__in=seqs)
    rows = pins.values_list("entry_seq", Value("")).union(
        notes.values_list("entry_seq", "note__payload"), all=True
    )
    notes_of: dict[int, list[JournalEntry]] = {}
    for seq, payload in rows if seqs else ():
        if payload:
            notes_of.setdefault(seq, []).append(recall.from_payload(payload))
        else:
            view.pins.add(seq)
    for entry in view.entries:
        entry.notes = sorted(notes_of.get(entry.seq, ()), key=lambda note: note.seq)


def _draw_days(view: Timeline, head: tallies.Head) -> None:
    """Make a bar for each day; a day with any entry is at least a unit high."""
    days = tallies.per_day(view.wanted, head)
    view.busiest = max((count for _, count in days), default=0)
    for x, (day, count) in enumerate(days):
        height = max(1.0, view.chart_height * count / view.busiest) if count else 0.0
        alone = view.address(**{"from": day.isoformat(), "to": day.isoformat()})
        top = round(view.chart_height - height, 2)
        view.bars.append(Bar(day, count, x, top, round(height, 2), alone))
