"""Pages of the journal by number: a far page costs what the first one costs.

A page is asked for by how many matching entries are newer than it. Going past them one by one
would take longer with every page, so they are counted by stretches of the journal, once
(`memory.tallies` keeps what it counted), and only the last stretch is gone through.
"""

from memory import counting, recall, tallies
from memory.filters import JournalFilter
from memory.models import JournalEntry

NEAR = 1_000  # entries that are gone past one by one


def entries_at(
    wanted: JournalFilter, *, offset: int, limit: int, head: tallies.Head | None = None
) -> list[JournalEntry]:
    """At most limit entries, newest first, without the `offset` newest."""
    if offset <= NEAR:
        return recall.newest(wanted, limit=limit, offset=offset)
    counts = tallies.tally(wanted, "stretch", head=head)
    for stretch, here in sorted(
        ((int(stretch), here) for (stretch,), here in counts.items()), reverse=True
    ):
        if offset < here:
            end = (stretch + 1) * counting.STRETCH
            return recall.newest(wanted, limit=limit, offset=offset, before=end)
        offset -= here
    return []
