"""Where a version came from and what came of it, both ways."""

from dataclasses import dataclass

from registry.models import ModelArtifact

MAX_STEPS = 50  # generations; each is one query
MAX_SHOWN = 500  # versions in one direction
_HEAVY = ("evaluation", "config", "network", "environment", "metrics", "notes")


@dataclass(frozen=True)
class Relative:
    """A version of the chain: `distance` is -2 for a grandparent, 1 for a child.

    `relation` is "trained" along the chain of trainings, "member" for one whose weights the
    ensemble in question holds, "ensemble" for one that holds this version's.
    """

    version: ModelArtifact
    distance: int
    relation: str = "trained"


def lineage(version: ModelArtifact) -> list[Relative]:
    """Ancestors oldest first, members, the version itself, its descendants by generation, and the
    ensembles that it is a member of.
    """
    rows = ModelArtifact.objects.select_related("model").defer(*_HEAVY).order_by("pk")
    members = rows.filter(ensembles=version)[:MAX_SHOWN]
    ensembles = rows.filter(ingredients=version)[:MAX_SHOWN]
    return [
        *_ancestors(version),
        *(Relative(row, -1, "member") for row in members),
        Relative(version, 0),
        *_descendants(version),
        *(Relative(row, 1, "ensemble") for row in ensembles),
    ]


def _ancestors(version: ModelArtifact) -> list[Relative]:
    rows = ModelArtifact.objects.select_related("model").defer(*_HEAVY)
    found: list[Relative] = []
    parent = version.parent_id
    while parent is not None and len(found) < MAX_STEPS:
        row = rows.get(pk=parent)
        found.insert(0, Relative(row, -len(found) - 1))
        parent = row.parent_id
    return found


def _descendants(version: ModelArtifact) -> list[Relative]:
    rows = ModelArtifact.objects.select_related("model").defer(*_HEAVY).order_by("pk")
    found: list[Relative] = []
    generation = [version.pk]
    for distance in range(1, MAX_STEPS + 1):
        children = list(rows.filter(parent__in=generation)[: MAX_SHOWN - len(found)])
        found += [Relative(child, distance) for child in children]
        generation = [child.pk for child in children]
        if not generation:
            break
    return found
