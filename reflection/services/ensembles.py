"""Making one model of several: their weights in one file, and how they speak together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from django.db import transaction

from memory.refusals import Conflict, Invalid
from memory.services import append
from reflection.services.comparison import find_models
from reflection.services.replayed_logits import enough_replayed_draws
from reflection.services.shared_draws import enough_shared_draws
from reflection.statistics.ensembles import bayes_mixture, fitted_weights, prior
from reflection.statistics.log_linear import log_linear_weights
from reflection.statistics.subsets import Floats
from registry.models import ModelArtifact, RegisteredModel
from registry.networks.ensemble import POOLS, PRIOR, EnsembleSpec, Member, prefix_of
from registry.networks.spec import ENSEMBLE, NetSpec
from registry.services import (
    OpenedModel,
    VersionRecord,
    open_version,
    reserve_model,
    save_version,
)
from registry.services.networks import MAX_MEMBERS
from registry.storage import MAX_TENSORS

SELECTING = (
    "eras",
    "date_from",
    "weekdays",
)  # settings that say which draws are looked back on
_LEAST = 1e-12  # a weight of 0 has no logarithm


@dataclass(frozen=True)
class _Pooled:
    """What the members' common test draws say: those days, their gains, and the weights."""

    dates: list[str]
    gains: Floats  # (members, draws)
    weights: Floats  # (members + 1,), uniform last


def create_ensemble(
    *, models: Sequence[str], name: str, actor: str, pool: str = "mixture"
) -> ModelArtifact:
    """Register an ensemble of the newest versions of some models as a version of its own.

    `pool` is one of `registry.networks.ensemble.POOLS`: a Bayes mixture with half the prior on
    uniform, which goes on weighing from its members' first common test draw; a linear average
    with weights fitted to those draws, for good; or one head that adds the members' logits, with
    weights fitted to what their backtests said. Its file holds all their weights, so it needs them
    no more. Raises Invalid, NotFound, Conflict
    `not_comparable` for models without common test draws or with other draws to look back on,
    and what `open_version` and `reserve_model` raise. Not inside a transaction.
    """
    rows = find_models(models)
    _refuse(rows, pool)
    opened = [open_version(row.newest) for row in rows if row.newest]
    _refuse_many_heads(opened, pool)
    pooled = _pool(rows, pool)
    spec = _spec(opened, pool, pooled)
    weights = _tensors(opened, pooled.weights)
    if len(weights) > MAX_TENSORS:
        raise Invalid(fields={"models": f"Together they have more than {MAX_TENSORS} tensors."})
    with transaction.atomic():
        model = reserve_model(name=name, actor=actor)
        _refuse_other_kinds(model)
        record = _record(opened, spec, pooled)
        made = save_version(model=model, weights=weights, record=record, actor=actor)
        made.ingredients.set([one.artifact for one in opened])
        append(
            event_type="ensemble_created",
            actor=actor,
            model_name=model.name,
            metadata={
                "version": made.version,
                "members": ", ".join(str(one.artifact) for one in opened),
                "pool": pool,
            },
        )
    return made


def _refuse(rows: Sequence[RegisteredModel], pool: str) -> None:
    """What can be said without opening a file."""
    if pool not in POOLS:
        raise Invalid(fields={"pool": f"Must be one of {', '.join(POOLS)}."})
    if len(rows) > MAX_MEMBERS:
        raise Invalid(fields={"models": f"An ensemble has at most {MAX_MEMBERS} members."})
    for row in rows:
        if row.newest is not None and row.newest.encoder == ENSEMBLE:
            raise Invalid(
                fields={
                    "models": f"{row.name} is an ensemble itself: name its members instead."
                }
            )


def _refuse_other_kinds(model: RegisteredModel) -> None:
    """An ensemble's next version belongs to an ensemble, not to a network of the same name."""
    if model.newest is not None and model.newest.encoder != ENSEMBLE:
        raise Conflict(
            f"{model.name} is a model that was trained; choose another name.",
            code="name_in_use",
        )


def _pool(rows: Sequence[RegisteredModel], pool: str) -> _Pooled:
    """Weights from the draws that the members share; Conflict without enough of them."""
    if pool == "log-linear":
        replayed = enough_replayed_draws(rows)
        factors = log_linear_weights(replayed.said)
        return _Pooled(replayed.dates, replayed.gains, np.append(factors, 1.0 - factors.sum()))
    shared = enough_shared_draws(rows)
    table = np.stack([shared.gains[row.name] for row in rows])
    weights = prior(len(rows)) if pool == "mixture" else fitted_weights(table)
    return _Pooled(shared.dates, table, weights)


def _spec(opened: Sequence[OpenedModel], pool: str, pooled: _Pooled) -> EnsembleSpec:
    members = tuple(_member(one) for one in opened)
    first, *others = opened
    for other in others:
        _refuse_another_view(first.artifact, other.artifact)
    return EnsembleSpec(pool, date.fromisoformat(pooled.dates[0]), members)


def _refuse_many_heads(opened: Sequence[OpenedModel], pool: str) -> None:
    if pool != "log-linear":
        return
    many = [member.name for member in map(_member, opened) if not member.is_one_head]
    if many:
        raise Invalid(
            fields={
                "pool": f"{', '.join(many)} speaks with several heads, whose logits cannot be"
                " added. Choose mixture or linear, or leave it out."
            }
        )


def _member(one: OpenedModel) -> Member:
    assert isinstance(one.network, NetSpec)  # _refuse: no ensembles of ensembles
    version = one.artifact
    return Member(str(version), version.weights_sha256, version.members, one.network)


def _refuse_another_view(one: ModelArtifact, other: ModelArtifact) -> None:
    """Members read the same history, so they must have been trained to look at the same draws."""
    for name in SELECTING:
        if (one.config.get(name) or None) != (other.config.get(name) or None):
            raise Conflict(
                f"{one} and {other} look back on other draws ({name} differs), so they cannot"
                " speak as one. Train them on the same eras, days and dates.",
                code="not_comparable",
            )
    drums = [
        tuple(v.network[part] for part in ("white", "bonus", "picks")) for v in (one, other)
    ]
    if drums[0] != drums[1]:
        raise Conflict(f"{one} and {other} know other matrices.", code="not_comparable")


def _tensors(opened: Sequence[OpenedModel], weights: Floats) -> dict[str, np.ndarray]:
    """All tensors of the members with a leading axis of 1, and the log weights."""
    logs = np.log(np.maximum(weights, _LEAST))
    found = {PRIOR: logs[None].astype(np.float32)}
    for place, one in enumerate(opened):
        found |= {f"{prefix_of(place)}{name}": part[None] for name, part in one.weights.items()}
    return found


def _record(
    opened: Sequence[OpenedModel], spec: EnsembleSpec, pooled: _Pooled
) -> VersionRecord:
    """What it was made from. A mixture's gains on the test draws are those it would have had, each
    weight following from earlier draws alone; fitted weights have seen theirs, so none are kept.
    """
    first = opened[0].artifact
    days = [day for one in opened if (day := one.artifact.trained_until)]
    metrics: dict[str, object] = {
        "weights": _named(opened, pooled.weights),
        "train_seconds": sum(
            float(one.artifact.metrics.get("train_seconds") or 0.0) for one in opened
        ),
    }
    evaluation: Mapping[str, object] = {}
    if spec.pool == "mixture":
        gains = bayes_mixture(pooled.gains).gains
        metrics |= {"test_gain": float(gains.mean()), "test_n": int(gains.size)}
        evaluation = {"test": {"dates": pooled.dates, "gains": gains.tolist()}}
    return VersionRecord(
        config={name: first.config[name] for name in SELECTING if name in first.config},
        network=spec.as_dict(),
        dataset_name=first.dataset_name,
        dataset_fingerprint=first.dataset_fingerprint,
        trained_until=max(days) if len(days) == len(opened) else None,
        metrics=metrics,
        evaluation=evaluation,
        environment={"made of": ", ".join(str(one.artifact) for one in opened)},
    )


def _named(opened: Sequence[OpenedModel], weights: Floats) -> dict[str, float]:
    names = [*(str(one.artifact) for one in opened), "uniform"]
    return dict(zip(names, weights.tolist(), strict=True))
