"""The walk-forward of the quick network over today's 1,390 draws, refit every 50, beside Lightning.

    python -m benchmarks.walk_forward

Seconds are this process's own CPU time on one thread, so that a busy machine changes little. The
peer fits the same 22 refits one after the other: same network, loss, batch, epochs and validation
draws, fused AdamW, without its checkpoints and bars. A few of them are measured and the others put
on the line through them, by their steps; `cold` adds the start of a process for each.
"""

import importlib
import importlib.util
import logging
import os
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import torch
from torch.utils.data import DataLoader, TensorDataset

from benchmarks.bare import BATCH, Mlp, fair_draws, loss
from benchmarks.reporting import Figure, at_least, at_most, not_measured, report, told
from reflection.walking.data import WalkData, gather
from reflection.walking.folds import Fold, Protocol, folds, steps
from reflection.walking.walk import walk
from training.engine.config import PRESETS

DRAWS, QUICK, PROTOCOL = 1390, PRESETS["quick"].config, Protocol()
START = "import time, lightning, torch; print(time.process_time())"


def main() -> None:
    """Measure and report; nothing is kept."""
    torch.set_num_threads(1)
    report(walk_forward())


def walk_forward() -> list[Figure]:
    """Seconds of the whole walk, and how many times faster than the peer it is."""
    history = fair_draws(n=DRAWS)
    ours = min(_seconds(lambda: walk([history], QUICK, PROTOCOL)) for _ in range(3))
    found = [at_most("walk-forward, quick network, 1,390 draws, refit every 50", ours, "s", 60)]
    if importlib.util.find_spec("lightning") is None:
        return [*found, not_measured("faster than Lightning", "x", 10, "lightning is not here")]
    together, start = lightning(gather([history], QUICK, PROTOCOL)), _start()
    cold = together + len(folds(DRAWS, PROTOCOL)) * start
    return [
        *found,
        told("the same 22 refits by Lightning, in one process", together, "s"),
        told("start of a process that imports Lightning", start, "s"),
        told("faster than Lightning in one process", together / ours, "x"),
        at_least("faster than separate cold Lightning runs", cold / ours, "x", 10),
    ]


def _seconds(work: Any) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def _start() -> float:
    """CPU seconds until a fresh process has imported what a run needs."""
    done = [
        subprocess.run(
            [sys.executable, "-c", START], capture_output=True, text=True, check=True
        )
        for _ in range(2)
    ]
    return min(float(one.stdout) for one in done)


def lightning(data: WalkData) -> float:
    """Seconds of all refits, from the first, a middle and the last one."""
    every = folds(DRAWS, PROTOCOL)
    measured = [every[0], every[len(every) // 2], every[-1]]
    _fit(data, every[0])  # what only the first fit of a process pays
    seconds = [statistics.median(_fit(data, fold) for _ in range(2)) for fold in measured]
    slope, fixed = np.polyfit([steps(fold, QUICK) for fold in measured], seconds, 1)
    return float(sum(fixed + slope * steps(fold, QUICK) for fold in every))


def _fit(data: WalkData, fold: Fold) -> float:
    """One refit: 30 epochs, each validated."""
    pl = importlib.import_module("lightning")
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    seen, balls = data.tables.context, data.tables.balls
    assert seen is not None
    train, val = fold.train(QUICK), fold.val(QUICK)

    class Module(pl.LightningModule):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.net = Mlp()

        def training_step(self, batch: Any, index: int) -> torch.Tensor:
            return loss(self.net(batch[0]), batch[1])

        def validation_step(self, batch: Any, index: int) -> None:
            self.log("val", loss(self.net(batch[0]), batch[1]))

        def configure_optimizers(self) -> torch.optim.Optimizer:
            return torch.optim.AdamW(self.parameters(), lr=1e-3, weight_decay=0.01, fused=True)

    def loader(part: range, size: int, *, shuffle: bool) -> DataLoader:
        rows = slice(part.start, part.stop)
        return DataLoader(TensorDataset(seen[rows], balls[rows]), size, shuffle=shuffle)

    began = time.process_time()
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        trainer = pl.Trainer(
            max_epochs=QUICK.epochs,
            accelerator="cpu",
            logger=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            enable_checkpointing=False,
            num_sanity_val_steps=0,
            default_root_dir=folder,
        )
        whole = loader(val, len(val), shuffle=False)
        trainer.fit(Module(), loader(train, BATCH, shuffle=True), whole)
    return time.process_time() - began


if __name__ == "__main__":
    main()
