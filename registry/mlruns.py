"""One run as the files that MLflow's file store reads, below `mlruns/`. Pure: no Django, no MLflow.

The experiment is the dataset and its id a digest of the dataset's name, the run's id a digest of
what identifies the run: the same run always gives the same bytes, and runs that are unpacked in
one folder lie side by side. Only names that are harmless on every system become files' names.
"""

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from itertools import count
from typing import Any
from uuid import NAMESPACE_URL, uuid5

ROOT = "mlruns"
GUIDE = "README.txt"
FINISHED = 3  # RunStatus of MLflow
LOCAL = 4  # SourceType of MLflow
MAX_NAME = 100  # characters of a file's name
MAX_PARAM = 6000  # characters that MLflow keeps of a value

# What each figure of an epoch is called there: the unit is in the name.
CURVES = {
    "train_bits": "train_loss_bits",
    "val_bits": "val_loss_bits",
    "gain": "val_gain_bits",
    "learning_rate": "learning_rate",
    "grad_norm": "grad_norm",
    "seconds": "epoch_seconds",
}
_GUIDE = f"""\
A model version of Helios as a run of MLflow. Start MLflow in this folder, the one that holds {ROOT}:

    MLFLOW_ALLOW_FILE_STORE=true mlflow ui --backend-store-uri ./{ROOT}

Versions of MLflow that read no folders unless they are told to know the variable; older ones need
none. Or copy the runs into a database first:

    mlflow migrate-filestore --source ./{ROOT} --target sqlite:///mlflow.db
    mlflow ui --backend-store-uri sqlite:///mlflow.db

The experiment is the dataset. Several exports unpacked here stand side by side.

Bits are bits per draw. A gain is bits over a fair drum, so chance is 0; test draws are those that
neither training nor the choice of the epoch has seen. The step of a metric is its epoch; metrics of
the finished model stand at the epoch that was kept. An epoch's time is computed backwards from the
moment of saving, pauses left out. Nothing is written for what was not measured.
"""


@dataclass(frozen=True, kw_only=True)
class Run:
    """What becomes a run. `identity` is a digest that no other run has, `saved_at` is aware.

    `epochs` holds `number` and the figures of CURVES, where they are known; `finals` are single
    figures by their name with the unit, which stand at the epoch `kept`. What is None, not a
    number or not finite is left out; so are params and tags that are None. `artifacts` are files
    by name, and lie in one folder.
    """

    dataset: str
    identity: str
    name: str
    user: str
    saved_at: datetime
    kept: int = 0
    epochs: Sequence[Mapping[str, Any]] = ()
    finals: Mapping[str, Any] = field(default_factory=dict)
    params: Mapping[str, Any] = field(default_factory=dict)
    tags: Mapping[str, Any] = field(default_factory=dict)
    artifacts: Mapping[str, bytes] = field(default_factory=dict)


def run_files(run: Run) -> dict[str, bytes]:
    """The content of each file by its path, with "/" between folders; the guide comes first.

    A path that ends with "/" is a folder: MLflow finds no run that lacks one of them.
    """
    experiment = f"{ROOT}/{experiment_id(run.dataset)}"
    here = f"{experiment}/{run_id(run.identity)}"
    folders = {
        "params": {k: _plain(v)[:MAX_PARAM] for k, v in run.params.items() if v is not None},
        "metrics": _metrics(run),
        "tags": {k: _plain(v) for k, v in _tags(run).items() if v is not None},
    }
    files = {
        GUIDE: _GUIDE,
        f"{experiment}/meta.yaml": _yaml(_experiment(run.dataset)),
        f"{here}/meta.yaml": _yaml(_meta(run)),
    }
    for folder, texts in folders.items():
        names = safe_names(texts)
        files[f"{here}/{folder}/"] = ""
        files |= {f"{here}/{folder}/{names[key]}": text for key, text in texts.items()}
    names = safe_names(run.artifacts)
    artifacts = {f"{here}/artifacts/{names[key]}": raw for key, raw in run.artifacts.items()}
    return {path: text.encode() for path, text in files.items()} | artifacts


def experiment_id(dataset: str) -> str:
    """Nine digits, which every database of MLflow holds as a number."""
    return str(10**8 + int(sha256(dataset.encode()).hexdigest(), 16) % (9 * 10**8))


def run_id(identity: str) -> str:
    return uuid5(NAMESPACE_URL, f"helios:{identity}").hex


def safe_names(names: Iterable[str]) -> dict[str, str]:
    """The file name of each name: ASCII letters, digits, dots, dashes and underscores.

    It begins with a letter, a digit or an underscore, does not end with a dot, and differs from
    the others even where upper and lower case are the same.
    """
    found: dict[str, str] = {}
    taken: set[str] = set()
    for name in names:
        plain = re.sub(r"[^A-Za-z0-9._-]", "_", name)[:MAX_NAME].lstrip(".-").rstrip(".") or "_"
        tries = (plain if n == 1 else f"{plain}_{n}" for n in count(1))
        found[name] = next(one for one in tries if one.casefold() not in taken)
        taken.add(found[name].casefold())
    return found


def _metrics(run: Run) -> dict[str, str]:
    """Lines "milliseconds value step", one file a metric; a metric without a value has none."""
    lines: dict[str, list[str]] = {}
    for row, ended in _timed(run):
        for key, name in CURVES.items():
            if (value := _number(row.get(key))) is not None:
                lines.setdefault(name, []).append(f"{ended} {value!r} {row['number']}\n")
    saved = _milliseconds(run.saved_at)
    for name, figure in run.finals.items():
        if (value := _number(figure)) is not None:
            lines[name] = [f"{saved} {value!r} {run.kept}\n"]
    return {name: "".join(found) for name, found in lines.items()}


def _timed(run: Run) -> list[tuple[Mapping[str, Any], int]]:
    """Each epoch in order, and when it ended: no later than its successor began."""
    left = 0.0  # seconds until the version was saved
    found = []
    rows = [row for row in run.epochs if isinstance(row.get("number"), int)]
    for row in sorted(rows, key=lambda row: -row["number"]):
        found.append((row, _milliseconds(run.saved_at) - round(left * 1000)))
        left += _number(row.get("seconds")) or 0.0
    return found[::-1]


def _number(value: object) -> float | None:
    """A finite number as float; None for anything else, also for True and False."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) else None


def _experiment(dataset: str) -> dict[str, str | int]:
    """No moment of creation: every export of this dataset writes the same file."""
    number = experiment_id(dataset)
    return {
        "artifact_location": f"{ROOT}/{number}",
        "experiment_id": number,
        "lifecycle_stage": "active",
        "name": dataset,
    }


def _meta(run: Run) -> dict[str, str | int]:
    number, identity = experiment_id(run.dataset), run_id(run.identity)
    saved = _milliseconds(run.saved_at)
    worked = sum(_number(row.get("seconds")) or 0.0 for row in run.epochs)
    return {
        "artifact_uri": f"{ROOT}/{number}/{identity}/artifacts",
        "end_time": saved,
        "entry_point_name": "",
        "experiment_id": number,
        "lifecycle_stage": "active",
        "run_id": identity,
        "run_name": run.name,
        "run_uuid": identity,
        "source_name": "",
        "source_type": LOCAL,
        "source_version": "",
        "start_time": saved - round(worked * 1000),
        "status": FINISHED,
        "user_id": run.user,
    }


def _tags(run: Run) -> dict[str, Any]:
    """The run's tags and those from which MLflow takes its columns."""
    theirs = {
        "mlflow.runName": run.name,
        "mlflow.user": run.user,
        "mlflow.source.name": "Helios",
    }
    return {**run.tags, **theirs, "mlflow.source.type": "LOCAL"}


def _milliseconds(moment: datetime) -> int:
    """Since 1970, in whole numbers: no float rounds it."""
    return int(moment.timestamp()) * 1000 + moment.microsecond // 1000


def _plain(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _yaml(values: Mapping[str, str | int]) -> str:
    """A flat mapping as YAML; texts are quoted so that none can be taken for anything else."""
    return "".join(
        f"{key}: {_quoted(value) if isinstance(value, str) else value}\n"
        for key, value in values.items()
    )


def _quoted(text: str) -> str:
    """In double quotes, with every character but plain ASCII as its number."""
    plain = (c if " " <= c <= "~" and c not in '"\\' else f"\\U{ord(c):08x}" for c in text)
    return f'"{"".join(plain)}"'
