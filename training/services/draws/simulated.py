"""Simulated datasets, and the dataset that a first start makes."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from pathlib import Path

from django.conf import settings
from django.db import transaction

from memory import services as journal
from memory.refusals import Invalid
from training.draws.games import POWERBALL, Game, Matrix, UnknownMatrix
from training.draws.history import Integers
from training.draws.rows import Row
from training.draws.simulate import MAX_DRAWS, BadBias, Bias, plan, simulate
from training.draws.tables import MAX_BYTES
from training.models import Dataset, Draw
from training.services.draws.histories import create_dataset, find_game, refresh_facts, today
from training.services.draws.imports import DrawFile, apply_import, as_draw

PRACTICE = "practice"
PRACTICE_SEED = 1992
MAX_SEED = 2**63 - 1


def simulate_dataset(
    *,
    name: str,
    actor: str,
    game: str = POWERBALL.key,
    draws: int | None = None,
    matrix: str = "",
    seed: int = 1,
    bias: Bias | None = None,
    kind: str = Dataset.Kind.SIMULATED,
) -> Dataset:
    """Make a dataset of simulated draws on the real calendar, ending today, and journal it.

    Without `matrix` (as `5/69+26`) every date has the matrix of its era; with one, `draws`
    may be larger than the real history. The same arguments give the same draws on the same day.
    """
    bias = bias or Bias()
    fixed = _matrix(matrix)
    days, white, bonus = _simulated(find_game(game), draws, fixed, seed, bias)
    parameters = {"seed": seed, "bias": bias.as_dict()}
    if fixed:
        parameters["matrix"] = asdict(fixed)
    rows = zip(days, white.tolist(), bonus.tolist(), strict=True)
    with transaction.atomic():
        dataset = create_dataset(
            name=name, game=game, actor=actor, kind=kind, parameters=parameters
        )
        Draw.objects.bulk_create(
            [as_draw(dataset, Row(0, day, tuple(balls), ball)) for day, balls, ball in rows],
            batch_size=500,
        )
        refresh_facts(dataset)
        journal.append(
            event_type="dataset_simulated",
            actor=actor,
            metadata={
                "dataset": name,
                "draws": len(days),
                "seed": seed,
                "parameters": parameters,
                "fingerprint": dataset.fingerprint,
            },
        )
    return dataset


def _simulated(
    game: Game, draws: int | None, matrix: Matrix | None, seed: int, bias: Bias
) -> tuple[list[dt.date], Integers, Integers]:
    """Dates (N,), white balls (N, 5) and bonus balls (N,), or Invalid naming the wrong field."""
    _check_numbers(draws, seed)
    days, matrices = plan(game, last=today(), draws=draws, matrix=matrix)
    if draws is not None and len(days) < draws:
        text = f"{game.title} has had {len(days):,} draw days; name a matrix for more"
        raise Invalid(fields={"draws": text})
    try:
        return days, *simulate(matrices, seed=seed, bias=bias)
    except BadBias as error:
        raise Invalid(fields=error.fields) from error


def fair_twin(*, dataset: Dataset, actor: str) -> Dataset:
    """The same number of fair draws on the same calendar: what chance looks like.

    Made once and then found again; a dataset that is a fair simulation is its own twin.
    """
    if dataset.kind != Dataset.Kind.REAL and not dataset.parameters.get("bias"):
        return dataset
    name = f"{dataset.name[:75]}-fair"
    twin = Dataset.objects.filter(name=name).first()
    if twin:
        return twin
    fixed = dataset.parameters.get("matrix")
    matrix = f"5/{fixed['white']}+{fixed['bonus']}" if fixed else ""
    return simulate_dataset(
        name=name, actor=actor, game=dataset.game, draws=dataset.draw_count, matrix=matrix
    )


def ensure_first_dataset(*, actor: str = "system") -> Dataset:
    """The dataset a first session trains on: the DRAWS file, else what is held, else practice.

    Raises Invalid when DRAWS names a file that cannot be read or imported.
    """
    real = Dataset.objects.filter(kind=Dataset.Kind.REAL, draw_count__gt=0).first()
    if real is not None:
        return real
    if settings.DRAWS_FILE:
        path = Path(settings.DRAWS_FILE)
        file = DrawFile(data=read_file(path, field="DRAWS"), file_name=path.name)
        return apply_import(file=file, actor=actor).dataset
    held = Dataset.objects.filter(draw_count__gt=0).first()
    return held or simulate_dataset(
        name=PRACTICE,
        actor=actor,
        matrix=_text(POWERBALL.current_era.matrix),
        seed=PRACTICE_SEED,
        kind=Dataset.Kind.PRACTICE,
    )


def read_file(path: Path, *, field: str) -> bytes:
    """The bytes of a file that the owner of the machine named, one more than may be read."""
    try:
        with path.open("rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except OSError as error:
        reason = error.strerror or "cannot be read"
        raise Invalid(fields={field: f"{path}: {reason}; name a file with draws"}) from error


def _text(matrix: Matrix) -> str:
    return f"{matrix.picks}/{matrix.white}+{matrix.bonus}"


def _matrix(text: str) -> Matrix | None:
    try:
        return Matrix.parse(text) if text else None
    except UnknownMatrix as error:
        raise Invalid(fields={"matrix": str(error)}) from error


def _check_numbers(draws: int | None, seed: int) -> None:
    if draws is not None and not 1 <= draws <= MAX_DRAWS:
        raise Invalid(fields={"draws": f"must lie between 1 and {MAX_DRAWS:,}"})
    if not 0 <= seed <= MAX_SEED:
        raise Invalid(fields={"seed": f"must lie between 0 and {MAX_SEED}"})
