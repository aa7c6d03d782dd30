"""Count journal entries, hot rows and archives as one. `memory.tallies` keeps what it counted."""

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
from django.db import connection
from django.db.models import Count, F
from django.db.models.functions import Substr, TruncDate
from django.utils import timezone

from memory.filters import JournalFilter
from memory.models import JournalSegment
from memory.recall import archive_folder, archived, hot, noted_seqs, searcher, steadily

STRETCH = (
    2_000  # entries that are counted together, so that a far page is found (`memory.paging`)
)


def count(
    wanted: JournalFilter, *facets: str, above: int, upto: int
) -> Counter[tuple[str, ...]]:
    """Count the matching entries numbered above..upto per value of facets ("day" and "stretch"
    stand alone)."""

    def read(segments: list[JournalSegment]) -> Counter[tuple[str, ...]]:
        found = hot(wanted, segments).order_by()
        by = {f"facet{place}": _facet(name) for place, name in enumerate(facets)}
        found = found.annotate(**by)
        if above:
            found = found.filter(seq__gt=above)
        rows = found.filter(seq__lte=upto).values_list(*by).annotate(number=Count("*"))
        counts = Counter({tuple(map(str, values)): number for *values, number in rows})
        bounded = replace(
            wanted, until=upto if wanted.until is None else min(wanted.until, upto)
        )
        noted = noted_seqs(wanted, segments)
        for segment in segments:
            if segment.last > above:
                seqs = archived(bounded, segment, noted)
                counts += _count_archived(segment, seqs[seqs > above], facets)
        return counts

    return steadily(read)


def _count_archived(
    segment: JournalSegment, seqs: Any, facets: tuple[str, ...]
) -> Counter[tuple[str, ...]]:
    if not len(seqs):
        return Counter()
    counts: Counter[tuple[str, ...]] = Counter()
    path, rows = archive_folder() / segment.file_name, seqs - segment.first
    if facets == ("stretch",):
        found, numbers = np.unique(seqs // STRETCH, return_counts=True)
        counts.update({(str(one),): n for one, n in zip(found, numbers.tolist(), strict=True)})
    elif facets == ("day",):
        for at, number in searcher().quarters(path, segment.sha256, rows):
            counts[(str(timezone.localdate(at)),)] += number
    else:
        counts.update(searcher().count(path, segment.sha256, rows, facets))
    return counts


def _facet(name: str) -> Any:
    """What entries are counted by, as SQL."""
    if name == "stretch":
        return F("seq") / STRETCH
    return _day() if name == "day" else F(name)


def _day() -> Any:
    """The day of an entry as SQL. SQLite's TruncDate is a slow Python callback, so UTC days
    are cut out of the stored text."""
    utc = timezone.get_current_timezone_name() == "UTC"
    return Substr("at", 1, 10) if utc and connection.vendor == "sqlite" else TruncDate("at")
