"""Which sessions an address asks about: `?dataset=&range=90d&arch=`."""

import re
from collections.abc import Mapping

from memory.refusals import Invalid
from reflection.services.across import Across, across_sessions
from reflection.services.freshness import kept
from training.models import Dataset
from training.services.draws import find_dataset

_RANGE = re.compile(r"([1-9][0-9]{0,3})d", re.ASCII)


def asked_across(query: Mapping[str, str]) -> Across | None:
    """What the address asks for; None where no dataset was trained on yet.

    Raises NotFound for an unknown dataset, Invalid for a range that is none.
    """
    name, arch = query.get("dataset", ""), query.get("arch", "")
    days = read_range(query.get("range", ""))
    trained = Dataset.objects.filter(sessions__isnull=False).distinct().order_by("pk")
    dataset = find_dataset(name) if name else trained.first()
    if dataset is None:
        return None
    return kept(
        f"across:{dataset.pk}:{days}:{arch}",
        lambda: across_sessions(dataset=dataset, days=days, encoder=arch),
    )


def read_range(text: str) -> int | None:
    """Days of `90d`; None for all of the time."""
    if not text:
        return None
    matched = _RANGE.fullmatch(text)
    if matched is None:
        raise Invalid(fields={"range": "Must be a number of days, such as 90d."})
    return int(matched.group(1))
