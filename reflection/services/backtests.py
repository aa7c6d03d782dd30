"""Walk-forward backtests: planned from a version's settings, run as a job, stored with their evidence."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date
from statistics import median
from typing import Any

import numpy as np

from memory import services as journal
from memory.refusals import Invalid, NotFound
from reflection.models import Backtest, Job
from reflection.services.grades import Grade, grade
from reflection.services.kinds import Kind, Plan, register
from reflection.services.poison import look_for_leaks
from reflection.services.pooled_replays import GRADE, plan_members
from reflection.services.replay_draws import history_of, selected
from reflection.statistics.evidence import hedged_wealth, wealth
from reflection.statistics.intervals import t_interval
from reflection.statistics.subsets import Floats
from reflection.walking.folds import Protocol, chunks, epochs_of, folds, steps
from reflection.walking.packing import Part, join, pack_logits, unpack
from registry.models import ModelArtifact
from registry.networks.spec import ENSEMBLE
from registry.queries import find_model, find_version
from training.engine.config import SETTINGS, Config, ConfigError
from training.engine.selection import select
from training.services.sessions import find_data_source

DATA = ("eras", "date_from", "date_to", "weekdays")  # settings that a backtest may change
ASKED = ("model_name", "version", "data_source", "origin", "refit", "warm", *DATA)
# What a plan adds to them; running a job again gives them back, and they are found anew.
ADDED = ("last_date", "dataset_fingerprint", "config", "steps", "members", "pool")
MOST = 10_000  # draws: no origin and no refit lies further apart


def plan(settings: Mapping[str, Any]) -> Plan:
    """Check what is asked for: a model, and optionally its version, dataset, protocol and draws.

    Raises NotFound for an unknown model or version, Invalid naming every other field.
    """
    if unknown := sorted(set(settings) - {*ASKED, *ADDED}):
        raise Invalid(fields=dict.fromkeys(unknown, "There is no such setting."))
    version = _version(settings)
    if version.encoder == ENSEMBLE:
        return plan_members(version, settings, _plan_of)
    return _plan_of(version, settings)


def _plan_of(version: ModelArtifact, settings: Mapping[str, Any]) -> Plan:
    """The replay of one version that was trained."""
    config = _config(version, settings)
    protocol = _protocol(settings)
    dataset = find_data_source(str(settings.get("data_source") or version.dataset_name))
    history = selected(dataset, config, protocol)
    rows = folds(len(history), protocol)
    spec = config.spec(white=int(history.white_size.max()), bonus=int(history.bonus_size.max()))
    work = 0 if spec.is_baseline else sum(steps(fold, config) for fold in rows)
    return Plan(
        title=f"Walk-forward of {version.model.name} version {version.version} on {dataset.name}",
        settings={
            "model_name": version.model.name,
            "version": version.version,
            "data_source": dataset.name,
            "last_date": str(dataset.last_date),
            "dataset_fingerprint": dataset.fingerprint,
            "config": config.as_dict(),
            "origin": protocol.origin,
            "refit": protocol.refit,
            "warm": protocol.warm,
            "steps": work * config.epochs * len(config.rows),
        },
        total=epochs_of(chunks(len(history), config, protocol, spec), config, spec),
        model_name=version.model.name,
        seconds=_estimate(config, work * config.epochs * len(config.rows)),
    )


def _version(settings: Mapping[str, Any]) -> ModelArtifact:
    name, wanted = settings.get("model_name"), settings.get("version", "")
    if not isinstance(name, str) or not name:
        raise Invalid(fields={"model_name": "Must be given: the name of a model."})
    return find_version(find_model(name), "" if wanted in ("", None) else str(wanted))


def _config(version: ModelArtifact, settings: Mapping[str, Any]) -> Config:
    """The settings that trained a version, with the draws that the backtest chooses."""
    known = {name: value for name, value in version.config.items() if name in SETTINGS}
    before = {} if "members" in settings else settings.get("config") or {}
    asked = {name: settings.get(name) or before.get(name) for name in DATA}
    if not known:
        text = f"The settings that trained {version} are not known; train it here first."
        raise Invalid(fields={"model_name": text})
    try:
        return Config.parse(
            {**known, **{name: value for name, value in asked.items() if value}}
        )
    except ConfigError as error:
        raise Invalid(fields=error.fields) from error


def _protocol(settings: Mapping[str, Any]) -> Protocol:
    default, problems, found = Protocol(), {}, {}
    for name in ("origin", "refit"):
        value = settings.get(name, getattr(default, name))
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST:
            problems[name] = f"Must be a whole number of draws from 1 to {MOST:,}."
        found[name] = value
    warm = settings.get("warm", default.warm)
    if not isinstance(warm, bool):
        problems["warm"] = "Must be true or false."
    if problems:
        raise Invalid(fields=problems)
    return Protocol(**found, warm=warm)


def _estimate(config: Config, work: int) -> float | None:
    """Seconds by the pace of earlier backtests of networks of this kind; None without one."""
    if not work:
        return None
    alike = Backtest.objects.filter(
        encoder=config.encoder,
        steps__gt=0,
        config__hidden_size=config.hidden_size,
        config__batch_size=config.batch_size,
    )
    paces = [seconds / count for seconds, count in alike.values_list("seconds", "steps")[:20]]
    return median(paces) * work if paces else None


def conclude(job: Job, units: Sequence[bytes]) -> Mapping[str, Any]:
    """Store a replay with its evidence and journal it, in the transaction that ends the job."""
    settings = job.settings
    config = Config.parse(settings["config"])
    history = select(history_of(settings), config)
    whole = "members" not in settings
    found = join([unpack(unit) for unit in units]) if whole else unpack(units[-1])
    days = history.ordinal[found.first : found.first + len(found.gains)]
    first, last = (date.fromordinal(int(days[place])) for place in (0, -1))
    model = find_model(settings["model_name"])
    version = model.versions.filter(version=settings["version"]).first()
    mark = GRADE
    if whole:
        mark = grade(
            model=model,
            version=version,
            dataset=settings["data_source"],
            series=series_of(settings),
            first=first,
            last=last,
        )
    backtest = Backtest.objects.create(
        model=model,
        version=version,
        job=job,
        dataset_name=settings["data_source"],
        dataset_fingerprint=settings["dataset_fingerprint"],
        draws_sha256=history.fingerprint(),
        series=series_of(settings),
        encoder=config.encoder if whole else ENSEMBLE,
        seed=config.rows[0].seed,
        code=found.environment.get("code", ""),
        first_draw=found.first,
        draws=len(found.gains),
        first_date=first,
        last_date=last,
        **_evidence(found.gains, mark),
        seconds=job.process_seconds,
        created_by=job.actor,
        environment=dict(found.environment),
        calibration=dict(found.calibration),
        days=days.astype(np.int32).tobytes(),
        **_columns(found),
        **{key: settings[key] for key in ("origin", "refit", "warm", "steps", "config")},
    )
    _tell(backtest, job)
    look_for_leaks(backtest)
    return {"address": backtest.get_absolute_url(), "backtest": backtest.pk}


def _evidence(gains: Floats, mark: Grade) -> dict[str, Any]:
    """What a replay's gains amount to, as fields of its row."""
    hedged, interval = hedged_wealth(gains), t_interval(gains)
    assert interval is not None
    return {
        "gain": interval.mean,
        "low": interval.low,
        "high": interval.high,
        "raw_bits": float(wealth(gains)[-1]),
        "hedged_bits": float(hedged[-1]),
        "highest_bits": float(hedged.max()),
        "grade": mark.letter,
        "grade_reason": mark.reason,
    }


def _columns(found: Part) -> dict[str, bytes]:
    """A value a draw, packed, as fields of its row."""
    return {
        "gains": found.gains.astype(np.float64).tobytes(),
        "hits": found.hits.astype(np.uint8).tobytes(),
        "bonus_hits": found.bonus_hits.astype(np.uint8).tobytes(),
        "logits": pack_logits(found.logits),
    }


def series_of(settings: Mapping[str, Any]) -> str:
    """What stays the same of a replay as its history grows: dataset, settings, protocol."""
    parts = [settings[name] for name in ("data_source", "config", "origin", "refit", "warm")]
    parts += [member["config"] for member in settings.get("members", ())]
    parts += [pool for pool in [settings.get("pool")] if pool not in (None, "mixture")]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _tell(backtest: Backtest, job: Job) -> None:
    journal.append(
        event_type="backtest_run",
        actor=job.actor,
        model_name=backtest.model.name,
        metadata={
            "draws": backtest.draws,
            "gain": backtest.gain,
            "interval": [backtest.low, backtest.high],
            "version": job.settings["version"],
            "dataset": backtest.dataset_name,
            "backtest": backtest.pk,
            "job": job.pk,
            "grade": backtest.grade,
            "hedged_bits": backtest.hedged_bits,
            "gains_sha256": hashlib.sha256(backtest.gains).hexdigest(),
        },
    )


def find_backtest(pk: object) -> Backtest:
    """The backtest with this number, or NotFound."""
    found = None
    if isinstance(pk, int) and not isinstance(pk, bool) and 0 < pk < 2**63:
        found = Backtest.objects.select_related("model", "version").filter(pk=pk).first()
    if found is None:
        raise NotFound(f"There is no backtest {str(pk)[:40]}.", fields={"backtest": "Unknown."})
    return found


WALK_FORWARD = register(
    Kind(
        "backtest", "Walk-forward backtests", plan, "reflection.replays.walk_forward", conclude
    )
)
