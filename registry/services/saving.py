"""Saving a version: files first, then the row and its journal entry."""

import errno
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.db import transaction
from django.db.models import Max

from memory.models import JournalHead
from memory.refusals import Full
from memory.services import append
from registry import storage
from registry.intervals import mean_interval
from registry.models import ModelArtifact, RegisteredModel
from registry.networks.ensemble import parameters_in, read_spec
from registry.services.networks import matrix_of, shapes_of

FORMAT = 1  # of model.json
CURVE = 40  # points


@dataclass(frozen=True, kw_only=True)
class VersionRecord:
    """What a version was made from and what it showed. All values are JSON types.

    `config` is `Config.as_dict()`, `network` is the `as_dict()` of its specification. `metrics` holds single
    numbers (best_epoch, epochs, train_bits, val_bits, val_gain, test_gain, test_n,
    train_seconds), `evaluation` per-draw lists ({"test": {"dates", "gains", "hits"}, "val":
    ...}; gains in bits over chance), `history` one mapping per epoch, `environment` the
    versions of libraries and code. `trained_until` is the day of the newest draw that the
    weights were fitted to. `origin` is what another installation said of the weights.
    """

    config: Mapping[str, Any]
    network: Mapping[str, Any]
    dataset_name: str
    dataset_fingerprint: str
    trained_until: date | None = None
    session_id: int | None = None
    parent: ModelArtifact | None = None
    metrics: Mapping[str, Any] = field(default_factory=dict)
    evaluation: Mapping[str, Any] = field(default_factory=dict)
    history: Sequence[Mapping[str, Any]] = ()
    environment: Mapping[str, Any] = field(default_factory=dict)
    origin: Mapping[str, Any] = field(default_factory=dict)


@transaction.atomic
def save_version(
    *,
    model: RegisteredModel,
    weights: Mapping[str, np.ndarray],
    record: VersionRecord,
    actor: str,
) -> ModelArtifact:
    """Keep `weights` as the next version of `model`.

    `weights` maps each name of the network's layout to a float32 array of shape
    (members, *shape), all finite; `storage.BadFile` is raised otherwise, and `Full` when the
    disk has no room.
    The files are durable before the row is committed and get their name right after; a crash
    between is mended by the first reader or the next start. A transaction that is rolled back
    leaves nothing but what the next start sweeps away.
    """
    RegisteredModel.objects.select_for_update().get(pk=model.pk)
    last = model.versions.aggregate(last=Max("version"))["last"] or 0
    artifact = _describe(model, last + 1, record)
    artifact.members = len(next(iter(weights.values()), ()))
    shapes = shapes_of(artifact.network, artifact.members)
    root = settings.HELIOS_HOME / "models"
    raw = storage.encode_weights(weights, shapes)
    written = _stage(root, raw, _sidecar(artifact, record))
    artifact.weights_sha256 = written.weights_sha256
    artifact.sidecar_sha256 = written.sidecar_sha256
    artifact.size_bytes = written.size_bytes
    artifact.save(force_insert=True)
    place = partial(storage.put_in_place, root, written.sidecar_sha256, artifact.folder)
    transaction.on_commit(place)
    RegisteredModel.objects.filter(pk=model.pk).update(newest=artifact, deleted_at=None)
    append(
        event_type="model_saved",
        actor=actor,
        model_name=model.name,
        session_id=record.session_id,
        metadata={
            "version": artifact.version,
            "sha256": written.weights_sha256,
            "size_bytes": written.size_bytes,
            "parameter_count": artifact.parameter_count,
        },
    )
    return artifact


def _stage(root: Path, weights: bytes, sidecar: Mapping[str, Any]) -> storage.Written:
    """Write the files; a disk without room is refused, and nothing is left of the attempt.

    So is a folder that is gone with what it held: a new one would hide that.
    """
    if not root.is_dir() and ModelArtifact.objects.filter(purged_at=None).exists():
        raise Full(
            "The model was not saved: the folder of the models is gone. Put it back, or restore "
            "a backup.",
            code="models_gone",
        )
    try:
        return storage.stage_version(root, weights, sidecar)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EROFS):
            raise
        raise Full(
            f"The model was not saved: {error.strerror}. Free some space in {root}; "
            "`manage.py purge_models --all` empties the trash."
        ) from error


def _describe(model: RegisteredModel, version: int, record: VersionRecord) -> ModelArtifact:
    """The row, but for what only the written files can tell."""
    return ModelArtifact(
        model=model,
        version=version,
        folder=f"{model.key}/{version}",
        encoder=record.network["encoder"],
        config=dict(record.config),
        network=dict(record.network),
        parameter_count=parameters_in(read_spec(record.network)),
        dataset_name=record.dataset_name,
        dataset_fingerprint=record.dataset_fingerprint,
        matrix=matrix_of(record.network),
        trained_until=record.trained_until,
        session_id=record.session_id,
        parent=record.parent,
        val_gain=record.metrics.get("val_gain"),
        test_gain=record.metrics.get("test_gain"),
        metrics={
            **record.metrics,
            **_hits(record),
            "curve": _curve(record.history),
        },
        evaluation=dict(record.evaluation),
        environment=dict(record.environment),
        **_intervals(record.evaluation),
    )


def _hits(record: VersionRecord) -> dict[str, float]:
    """White balls hit per test draw, and by chance: what lists show without reading each draw."""
    hits = record.evaluation.get("test", {}).get("hits", ())
    picks, white = record.network.get("picks"), record.network.get("white")
    if not hits or not picks or not white:
        return {}
    return {"test_hits": float(np.mean(hits)), "chance_hits": picks * picks / white}


def _curve(history: Sequence[Mapping[str, Any]]) -> list[float]:
    """The validation gains of at most CURVE epochs, evenly chosen: what a sparkline shows."""
    gains = [round(epoch["gain"], 4) for epoch in history if epoch.get("gain") is not None]
    step = max(1, -(-len(gains) // CURVE))
    return gains[::step]


def _intervals(evaluation: Mapping[str, Any]) -> dict[str, float]:
    """The columns `test_low`, `test_high`, `val_low`, `val_high` of the parts that have draws."""
    found: dict[str, float] = {}
    for part in ("val", "test"):
        interval = mean_interval(evaluation.get(part, {}).get("gains", ()))
        if interval is not None:
            found |= {f"{part}_low": interval.low, f"{part}_high": interval.high}
    return found


def _sidecar(artifact: ModelArtifact, record: VersionRecord) -> dict[str, Any]:
    """model.json: the whole story of the version, readable without Helios.

    `journal` is the head of the journal just before: a witness outside the database against
    which a rewritten journal can be checked.
    """
    head = JournalHead.objects.first()
    return {
        "format": FORMAT,
        "name": artifact.model.name,
        "version": artifact.version,
        "network": artifact.network,
        "members": artifact.members,
        "config": artifact.config,
        "seed": artifact.config.get("seed"),
        "dataset": {"name": record.dataset_name, "fingerprint": record.dataset_fingerprint},
        "trained_until": str(record.trained_until) if record.trained_until else None,
        "session": record.session_id,
        "parent": str(record.parent) if record.parent else None,
        "metrics": artifact.metrics,
        "evaluation": artifact.evaluation,
        "history": [dict(epoch) for epoch in record.history],
        "environment": artifact.environment,
        "origin": dict(record.origin),
        "journal": {"seq": head.seq, "head": bytes(head.head).hex()} if head else None,
    }
