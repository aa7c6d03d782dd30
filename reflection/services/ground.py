"""What all insight cards stand on, read once: datasets, models with their newest versions, backtests."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef

from reflection.models import ControlRun, Enrolment
from reflection.services.house import Registered, by_number, scored_on
from reflection.services.models import with_openings
from reflection.services.stored_replays import Shelf, shelf_of_datasets
from registry.models import ModelArtifact, RegisteredModel
from training.models import Dataset, TrainingSession
from training.services.draws import find_dataset


@dataclass(frozen=True)
class Ground:
    """`dataset` is the one that is asked about, None before there is one; `models` are those not
    deleted, `registered` all that ever were. A dataset knows how many `sessions_held` it has, their
    `best_session`, and whether anything was `enrolled` or `controlled` on it.
    """

    dataset: Dataset | None
    datasets: tuple[Dataset, ...]
    models: tuple[RegisteredModel, ...]
    registered: dict[int, Registered]
    shelf: Shelf

    @property
    def held(self) -> Any:
        """The dataset with what was counted about it."""
        return self.dataset

    @property
    def name(self) -> str:
        """Of the dataset."""
        return self.dataset.name if self.dataset else ""

    @property
    def versions(self) -> list[ModelArtifact]:
        """The newest version of every model that has one."""
        return [model.newest for model in self.models if model.newest]

    def newest_version(self) -> ModelArtifact | None:
        """The newest of them on the dataset."""
        here = [one for one in self.versions if one.dataset_name == self.name]
        return max(here, key=lambda one: one.pk, default=None)

    def newest_trained(self) -> ModelArtifact | None:
        """The newest that knows its training, of a session that did not go astray.

        What a diverged session kept is neither learned nor memorised. It asks the database only
        where a version did worse than chance on what it was shown.
        """
        trained = [
            one
            for one in self.versions
            if one.dataset_name == self.name and one.metrics.get("train_n")
        ]
        below = [one.session_id for one in trained if one.metrics["train_gain"] < 0.0]
        sessions = TrainingSession.objects.filter(pk__in=below, error_code="diverged")
        astray = set(sessions.values_list("pk", flat=True)) if below else set()
        found = (one for one in trained if one.session_id not in astray)
        return max(found, key=lambda one: one.pk, default=None)

    def named(self, names: Iterable[str]) -> list[RegisteredModel]:
        """The models of these names, in their order."""
        by_name = {model.name: model for model in self.models}
        return [by_name[name] for name in names if name in by_name]


def read_ground(dataset_name: str = "") -> Ground:
    """Read it for the dataset named, or the realest there is. Three queries.

    Raises NotFound for an unknown dataset.
    """
    datasets = _datasets()
    chosen = next((one for one in datasets if dataset_name in ("", one.name)), None)
    if chosen is None and dataset_name:
        chosen = find_dataset(dataset_name)
    every = list(with_openings().annotate(**scored_on(chosen.name if chosen else "")))
    models = tuple(model for model in every if model.deleted_at is None)
    for model in models:
        if model.newest:
            model.newest.model = model
    names = {model.newest.dataset_name for model in models if model.newest}
    shelf = shelf_of_datasets(names | ({chosen.name} if chosen else set()))
    return Ground(chosen, tuple(datasets), models, by_number(every), shelf)


def _datasets() -> Sequence[Dataset]:
    """Datasets, those with sessions first; real ones, then practice drums, then simulations."""
    order = [Dataset.Kind.REAL, Dataset.Kind.PRACTICE, Dataset.Kind.SIMULATED]
    held = Dataset.objects.annotate(
        sessions_held=Count("sessions"),
        best_session=Max("sessions__best_gain"),
        enrolled=Exists(Enrolment.objects.filter(dataset=OuterRef("pk"))),
        controlled=Exists(ControlRun.objects.filter(dataset_name=OuterRef("name"))),
    )
    return sorted(
        held,
        key=lambda row: (
            not row.sessions_held,
            order.index(Dataset.Kind(row.kind)),
            -row.draw_count,
        ),
    )
