"""The same network, draws, loss, batch and fused AdamW under other trainers (requirements-bench.txt).

Each runs a few epochs and returns the median seconds of one, the first not counted. They only
train: validation, which the engine does after each epoch, is spared them.
"""

import importlib
import importlib.util
import logging
import os
import statistics
import tempfile
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch.utils.data import DataLoader, TensorDataset

from benchmarks.bare import (
    BATCH,
    BONUS,
    NETWORKS,
    SETTINGS,
    WHITE,
    Epochs,
    Samples,
    fair_draws,
    loss,
)
from benchmarks.reporting import clock
from training.engine.config import Config
from training.engine.data import prepare

os.environ["KERAS_BACKEND"] = "torch"


class Marks:
    """Moments at which epochs ended."""

    def __init__(self) -> None:
        self.at: list[float] = []

    def __call__(self) -> None:
        self.at.append(clock())

    def epoch(self) -> float:
        """Median seconds of an epoch, the first left out."""
        gaps = [end - begin for begin, end in zip(self.at, self.at[1:], strict=False)]
        return statistics.median(gaps)


def samples_of(kind: str) -> Samples:
    """What the engine trains on, as tensors."""
    return Samples.of(prepare(fair_draws(), Config.parse(SETTINGS[kind])))


def lightning(kind: str, epochs: int, *, autolog: bool = False) -> Epochs:
    """Lightning with its CSV logger, without bar, summary or checkpoints."""
    pl = importlib.import_module("lightning")
    loggers = importlib.import_module("lightning.pytorch.loggers")
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    samples = samples_of(kind)

    class Module(pl.LightningModule):  # type: ignore[misc, name-defined]
        def __init__(self, mark: Marks) -> None:
            super().__init__()
            self.net, self.mark = NETWORKS[kind](), mark

        def training_step(self, batch: Any, index: int) -> torch.Tensor:
            value = loss(self.net(batch[0]), batch[1])
            self.log("loss", value, on_epoch=True, on_step=False)
            return value

        def configure_optimizers(self) -> torch.optim.Optimizer:
            return torch.optim.AdamW(self.parameters(), lr=1e-3, fused=True)

        def on_train_epoch_end(self) -> None:
            self.mark()

    def work() -> float:
        with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if autolog:
                _log_to_mlflow(folder)
            mark = Marks()
            trainer = pl.Trainer(
                max_epochs=epochs + 1,
                accelerator="cpu",
                logger=loggers.CSVLogger(folder),
                enable_progress_bar=False,
                enable_model_summary=False,
                enable_checkpointing=False,
                default_root_dir=folder,
            )
            data = TensorDataset(samples.x, samples.balls)
            trainer.fit(Module(mark), DataLoader(data, batch_size=BATCH, shuffle=True))
            if autolog:
                _stop_mlflow()
            return mark.epoch()

    return work


def _log_to_mlflow(folder: str) -> None:
    mlflow = importlib.import_module("mlflow")
    importlib.import_module("mlflow.pytorch")
    mlflow.set_tracking_uri(f"sqlite:///{folder}/mlflow.db")
    mlflow.pytorch.autolog(log_models=False, silent=True)


def _stop_mlflow() -> None:
    mlflow = importlib.import_module("mlflow")
    mlflow.pytorch.autolog(disable=True, silent=True)


def keras(kind: str, epochs: int) -> Epochs:
    """Keras 3 on torch; its loss is the same torch function."""
    library = importlib.import_module("keras")
    layers, samples = library.layers, samples_of(kind)
    inputs = library.Input(tuple(samples.x.shape[1:]))
    if kind == "mlp":
        hidden = layers.Dense(64, activation="relu")(inputs)
    else:
        hidden = layers.GRU(160)(layers.Dense(64, activation="relu")(inputs))
    model = library.Model(inputs, layers.Dense(WHITE + BONUS)(hidden))
    adamw = library.optimizers.AdamW(1e-3)
    model.compile(adamw, loss=lambda balls, logits: loss(logits, balls.long()))
    x, balls = samples.x.numpy(), samples.balls.numpy()

    def work() -> float:
        mark = Marks()
        after = library.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: mark())
        model.fit(x, balls, batch_size=BATCH, epochs=epochs + 1, verbose=0, callbacks=[after])
        return mark.epoch()

    return work


def skorch(kind: str, epochs: int) -> Epochs:
    """skorch's NeuralNet without validation split or printing."""
    library = importlib.import_module("skorch")
    callbacks, samples = importlib.import_module("skorch.callbacks"), samples_of(kind)

    class Criterion(torch.nn.Module):
        def forward(self, logits: torch.Tensor, balls: torch.Tensor) -> torch.Tensor:
            return loss(logits, balls)

    class After(callbacks.Callback):  # type: ignore[misc, name-defined]
        def on_epoch_end(self, net: Any, **more: Any) -> None:
            net.marks()

    net = library.NeuralNet(
        NETWORKS[kind],
        Criterion,
        optimizer=torch.optim.AdamW,
        optimizer__fused=True,
        batch_size=BATCH,
        iterator_train__shuffle=True,
        max_epochs=epochs + 1,
        train_split=None,
        verbose=0,
        callbacks=[After()],
    )
    net.initialize()

    def work() -> float:
        net.marks = Marks()
        net.partial_fit(samples.x, samples.balls)
        return float(net.marks.epoch())

    return work


def installed(package: str) -> bool:
    """Whether a peer is here to be measured."""
    return importlib.util.find_spec(package) is not None


PEERS: dict[str, tuple[str, Callable[[str, int], Epochs]]] = {
    "Lightning": ("lightning", lightning),
    "Lightning + MLflow autolog": ("mlflow", partial(lightning, autolog=True)),
    "Keras 3 on torch": ("keras", keras),
    "skorch": ("skorch", skorch),
}
