"""A version as a run of MLflow: the files of `registry.mlruns` in one zip."""

import json
from typing import Any

from registry.cards import model_card
from registry.mlruns import Run, run_files
from registry.models import ModelArtifact
from registry.services.bundles import CARD, packed
from registry.services.opening import read_file
from registry.storage import SIDECAR, WEIGHTS
from registry.verdicts import validation_loss, verdict


def mlflow_run(*, version: ModelArtifact) -> bytes:
    """The bytes of a zip to unpack and open with MLflow; its artifacts are those of a bundle.

    Members are stored, not compressed: weights do not shrink. Raises what `read_file` raises.
    """
    files = {
        name: read_file(artifact=version, file_name=name)[0] for name in (WEIGHTS, SIDECAR)
    }
    run = Run(
        dataset=version.dataset_name,
        identity=version.sidecar_sha256,
        name=str(version),
        user=version.model.created_by,
        saved_at=version.created_at,
        kept=version.metrics.get("best_epoch") or 0,
        epochs=json.loads(files[SIDECAR]).get("history", ()),
        finals=_finals(version),
        params=_params(version),
        tags=_tags(version),
        artifacts={**files, CARD: model_card(version).encode()},
    )
    return packed(run_files(run).items())


def _finals(version: ModelArtifact) -> dict[str, Any]:
    """What was measured of the weights that were kept, by names that do not hide a curve."""
    metrics, loss = version.metrics, validation_loss(version)
    return {
        "final_train_loss_bits": metrics.get("train_bits"),
        "final_train_gain_bits": metrics.get("train_gain"),
        "train_draws": metrics.get("train_n"),
        "final_val_loss_bits": metrics.get("val_bits"),
        "chance_val_loss_bits": loss.chance if loss else None,
        "final_val_gain_bits": version.val_gain,
        "final_val_gain_low95_bits": version.val_low,
        "final_val_gain_high95_bits": version.val_high,
        "val_draws": metrics.get("val_n"),
        "test_gain_bits": version.test_gain,
        "test_gain_low95_bits": version.test_low,
        "test_gain_high95_bits": version.test_high,
        "test_draws": metrics.get("test_n"),
        "test_hits_per_draw": metrics.get("test_hits"),
        "chance_hits_per_draw": metrics.get("chance_hits"),
        "epochs": metrics.get("epochs"),
        "kept_epoch": metrics.get("best_epoch"),
        "train_seconds": metrics.get("train_seconds"),
    }


def _params(version: ModelArtifact) -> dict[str, Any]:
    """The settings under their own names, the network's specification under `network.`"""
    network = {f"network.{key}": value for key, value in version.network.items()}
    sizes = {"network.members": version.members, "network.parameters": version.parameter_count}
    return {**version.config, **network, **sizes}


def _tags(version: ModelArtifact) -> dict[str, Any]:
    """Where the run comes from, and its verdict where MLflow shows a run's description."""
    model = version.model
    return {
        "mlflow.note.content": f"{verdict(version)} Chance is 0 bits.\n\n{version.notes}".strip(),
        "helios.model": model.name,
        "helios.version": version.version,
        "helios.session": version.session_id,
        "helios.parent": str(version.parent) if version.parent else None,
        "helios.dataset_fingerprint": version.dataset_fingerprint or None,
        "helios.trained_until": str(version.trained_until) if version.trained_until else None,
        "helios.weights_sha256": version.weights_sha256,
        "helios.stopped_early": version.metrics.get("stopped_early"),
        "helios.aliases": ", ".join(alias.alias for alias in version.aliases.all()) or None,
        "helios.tags": ", ".join(tag.text for tag in model.tags.all()) or None,
    }
