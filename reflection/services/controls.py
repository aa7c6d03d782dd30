"""Controls: placebos, planted biases and the poison test, planned, stored and journalled."""

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from memory import services as journal
from memory.refusals import Invalid
from reflection.controlling.catalogue import CONTROLS, PLANTED
from reflection.controlling.plan import Piece, Work, total_steps, total_work
from reflection.controlling.results import Poisoned, Run, poisonings, runs
from reflection.models import ControlRun, Job
from reflection.services.clearance import USUAL
from reflection.services.control_pipelines import controlled, whole
from reflection.services.control_series import series_of
from reflection.services.control_words import verdict_of
from reflection.services.kinds import Kind, Plan, register
from reflection.services.replay_draws import selected
from reflection.walking.folds import Protocol, check
from registry.models import ModelArtifact
from registry.networks.history import History
from registry.networks.spec import NetSpec
from training.engine.config import SETTINGS, Config, ConfigError
from training.engine.selection import DataError
from training.services.sessions import find_data_source

ASKED = (
    *("model_name", "encoder", "data_source", "placebos", "shuffled", "planted", "each"),
    *("poison", "origin", "refit", "warm", "backtest"),
)
# What a plan adds to them; running a job again gives them back, and they are found anew.
ADDED = ("last_date", "dataset_fingerprint", "config", "counts", "steps", "series")


def plan(settings: Mapping[str, Any]) -> Plan:
    """Check what is asked for: a model's pipeline or an encoder's, and how many histories of what.

    Raises NotFound for an unknown model, Invalid naming every other field.
    """
    if unknown := sorted(set(settings) - {*ASKED, *ADDED}):
        raise Invalid(fields=dict.fromkeys(unknown, "There is no such setting."))
    found = controlled(settings)
    config, protocol = found.config, found.protocol
    dataset = find_data_source(found.data_source)
    history = selected(dataset, config, protocol)
    series = series_of(
        dataset=dataset.name, fingerprint=dataset.fingerprint, config=config, protocol=protocol
    )
    wanted = _wanted(settings)
    counts = {key: (_made(series, key), count) for key, count in wanted.items() if count}
    poison = settings.get("poison", True)
    if not isinstance(poison, bool):
        raise Invalid(fields={"poison": "Must be true or false."})
    if not counts and not poison:
        raise Invalid(fields={"placebos": "Nothing is asked for: name a number of histories."})
    full = {
        "model_name": settings.get("model_name") or "",
        "encoder": config.encoder,
        "data_source": dataset.name,
        **_asked_numbers(wanted),
        "poison": poison,
        "origin": protocol.origin,
        "refit": protocol.refit,
        "warm": protocol.warm,
        "backtest": found.backtest,
        "last_date": str(dataset.last_date),
        "dataset_fingerprint": dataset.fingerprint,
        "config": config.as_dict(),
        "counts": counts,
        "series": series,
    }
    pieces = pieces_of(full, config, history)
    work = total_steps(pieces, len(history), config)
    return Plan(
        title=f"Controls of {settings.get('model_name') or config.encoder} on {dataset.name}",
        settings={**full, "steps": work},
        total=total_work(pieces),
        model_name=str(full["model_name"]),
        seconds=seconds_for(config, work),
    )


def _asked_numbers(wanted: Mapping[str, int]) -> dict[str, Any]:
    """How many histories of which kind, as the settings say it again when a job is repeated."""
    planted = [key for key in PLANTED if wanted.get(key)]
    return {
        "placebos": wanted["fair"],
        "shuffled": wanted["shuffled"],
        "planted": planted,
        "each": wanted[planted[0]] if planted else 10,
    }


def pieces_of(settings: Mapping[str, Any], config: Config, history: History) -> list[Piece]:
    """The units of a job: the web process counts them, the worker does them."""
    spec = config.spec(
        white=int(history.white_size.max()),
        bonus=int(history.bonus_size.max()),
        picks=history.picks,
    )
    counts = {
        key: (int(first), int(count)) for key, (first, count) in settings["counts"].items()
    }
    return Work(counts, settings["poison"]).pieces(
        len(history), config, protocol_of(settings), spec
    )


def protocol_of(settings: Mapping[str, Any]) -> Protocol:
    """The protocol of a job's settings; those queued before there was a warm start are cold."""
    return Protocol(settings["origin"], settings["refit"], settings.get("warm", False))


def seconds_for(config: Config, steps: int) -> float | None:
    """Seconds by the pace of earlier controls of networks of this kind; None without any."""
    if not steps:
        return None
    earlier = Job.objects.filter(
        kind="controls", state=Job.State.COMPLETED, settings__encoder=config.encoder,
        settings__steps__gt=0,
    )  # fmt: skip
    found = [
        (seconds, settings["steps"], settings["config"])
        for seconds, settings in earlier.values_list("process_seconds", "settings")[:20]
    ]
    alike = [
        seconds / count
        for seconds, count, other in found
        if all(other[name] == getattr(config, name) for name in ("hidden_size", "batch_size"))
    ]
    return median(alike) * steps if alike else None


def _wanted(settings: Mapping[str, Any]) -> dict[str, int]:
    """How many histories of each control."""
    planted = settings.get("planted") or []
    if not isinstance(planted, list) or not all(key in PLANTED for key in planted):
        text = f"Must be a list of {', '.join(PLANTED)}."
        raise Invalid(fields={"planted": text})
    each = whole(settings, "each", 10)
    return {
        "fair": whole(settings, "placebos", USUAL, least=0),
        "shuffled": whole(settings, "shuffled", 0, least=0),
        **dict.fromkeys(planted, each),
    }


def _made(series: str, key: str) -> int:
    """How many histories of a control were run before: more of them go on after those."""
    return ControlRun.objects.filter(series=series, key=key).count()


def conclude(job: Job, units: Sequence[bytes]) -> Mapping[str, Any]:
    """Store every history and poison test, and journal them, as the job ends."""
    histories, poison = runs(units), poisonings(units)
    _store(job, histories, poison)
    verdict = verdict_of(histories, poison)
    wrong = any(not found.as_it_should for found in poison)
    journal.append(
        event_type="control_run",
        actor=job.actor,
        model_name=job.model_name,
        level="error" if wrong else "info",
        metadata={
            "dataset": job.settings["data_source"],
            "control": ", ".join(CONTROLS[key].title for key in job.settings["counts"])
            or "poison test",
            "verdict": verdict,
            "histories": len(histories),
            "job": job.pk,
        },
    )
    return {
        "address": f"/reflection/controls/?dataset={job.settings['data_source']}",
        "verdict": verdict,
    }


def _store(job: Job, histories: Sequence[Run], poison: Sequence[Poisoned]) -> None:
    about = {
        "job": job,
        "model_name": job.model_name,
        "dataset_name": job.settings["data_source"],
        "dataset_fingerprint": job.settings["dataset_fingerprint"],
        "encoder": job.settings["encoder"],
        "series": job.settings["series"],
    }
    rows = [
        ControlRun(**about, as_it_should=run.as_it_should, **vars(run)) for run in histories
    ]
    for found in poison:
        key = ControlRun.CANARY if found.leak else ControlRun.POISON
        # Tried again, it replaces what was found before: the newest answer counts.
        ControlRun.objects.filter(series=about["series"], key=key).delete()
        rows.append(
            ControlRun(
                **about,
                key=key,
                draws=found.compared,
                changed=found.changed,
                as_it_should=found.as_it_should,
            )
        )
    # The same history gives the same run: of two jobs that made it the first is kept.
    ControlRun.objects.bulk_create(rows, ignore_conflicts=True)


CONTROLLING = register(
    Kind("controls", "Controls", plan, "reflection.instrument.run", conclude)
)


def usual_seconds(artifact: ModelArtifact) -> float | None:
    """About how long the usual placebos and the poison test of a version's pipeline take here.

    By earlier controls of such networks, else by what its own session took, one model at a time:
    then it is at most this. None where neither is known or the draws are too few.
    """
    metrics, protocol = artifact.metrics, Protocol()
    parts = [metrics.get(name) for name in ("train_n", "val_n", "test_n")]
    try:
        config = Config.parse({k: v for k, v in artifact.config.items() if k in SETTINGS})
        draws = config.window + sum(int(part or 0) for part in parts)
        check(draws, config, protocol)
        spec = NetSpec.from_dict(artifact.network)
    except (ConfigError, DataError, TypeError, KeyError):
        return None
    pieces = Work({"fair": (0, USUAL)}, poison=True).pieces(draws, config, protocol, spec)
    work = total_steps(pieces, draws, config)
    measured, taken = seconds_for(config, work), metrics.get("train_seconds")
    if measured is not None or not work or not taken or not parts[0]:
        return measured
    steps = -(-int(parts[0]) // config.batch_size) * int(metrics.get("epochs") or config.epochs)
    return float(taken) / (steps * len(config.rows)) * work
