"""Several models at once: what a person ticked in a list, or named in an address."""

from collections.abc import Sequence

from memory.refusals import Invalid, NotFound
from registry.models import RegisteredModel
from registry.names import is_spelled_right, key_of

MAX_COMPARED = 8  # lines that one figure can tell apart
MAX_CHOSEN = 100  # a page of a list


def chosen_models(names: Sequence[str]) -> list[RegisteredModel]:
    """The models of these names, each once and in their order, with their newest version.

    Raises Invalid for none or more than MAX_CHOSEN, NotFound naming the first that is unknown.
    """
    wanted = list(dict.fromkeys(names))
    if not 0 < len(wanted) <= MAX_CHOSEN:
        raise Invalid(fields={"m": f"Choose 1 to {MAX_CHOSEN} models."})
    keys = [key_of(name) for name in wanted if is_spelled_right(name)]
    rows = RegisteredModel.objects.filter(key__in=keys).select_related("newest__model")
    found = {row.key: row for row in rows.defer("newest__evaluation")}
    for name in wanted:
        if key_of(name) not in found:
            raise NotFound(f"There is no model {name[:80]!r}.")
    return list({key: found[key] for key in keys}.values())
