"""When a replay is too good, the first thought is a leak: its pipeline is poisoned and watched."""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from memory import services as journal
from memory.refusals import Invalid, Refusal
from reflection.models import Backtest, Job
from reflection.services.jobs import start_job
from reflection.services.kinds import Kind, Plan, register
from reflection.statistics.verdicts import SUSPECT_WEALTH_BITS
from reflection.walking.folds import Protocol, probes
from registry.networks.spec import ENSEMBLE


def is_suspect(backtest: Backtest) -> bool:
    """Was a replay of grade B so good that a leak is likelier than knowledge?"""
    return backtest.grade == "B" and backtest.hedged_bits >= SUSPECT_WEALTH_BITS


def look_for_leaks(backtest: Backtest) -> None:
    """Queue the poison test and the controls of a suspect backtest, in the caller's transaction."""
    if not is_suspect(backtest):
        return
    controls = {
        "model_name": backtest.model.name,
        "data_source": backtest.dataset_name,
        "backtest": backtest.pk,
    }
    # Refused when they run already, or for an ensemble, which is what its members are.
    with suppress(Refusal):
        start_job(kind="poison", settings={"backtest": backtest.pk}, actor="system")
    with suppress(Refusal):
        start_job(kind="controls", settings=controls, actor="system")


def plan(settings: Mapping[str, Any]) -> Plan:
    """The poison test of one backtest; Invalid when there is none of this number."""
    number = settings.get("backtest")
    backtest = None
    if isinstance(number, int) and not isinstance(number, bool):
        backtest = Backtest.objects.select_related("model", "job").filter(pk=number).first()
    if backtest is None:
        raise Invalid(fields={"backtest": "Must be the number of a backtest."})
    if backtest.encoder == ENSEMBLE:
        text = "Is an ensemble's, pooled from replays of its members: poison theirs."
        raise Invalid(fields={"backtest": text})
    draws = backtest.first_draw + backtest.draws
    protocol = Protocol(backtest.origin, backtest.refit, backtest.warm)
    places = probes(draws, protocol)
    return Plan(
        title=f"Poison test of backtest {backtest.pk} of {backtest.model.name}",
        settings={
            "backtest": backtest.pk,
            "data_source": backtest.dataset_name,
            "dataset_fingerprint": backtest.dataset_fingerprint,
            "last_date": _last_date(backtest),
            "config": backtest.config,
            "origin": backtest.origin,
            "refit": backtest.refit,
            "warm": backtest.warm,
            "places": places,
        },
        total=len(places),
        model_name=backtest.model.name,
    )


def _last_date(backtest: Backtest) -> str:
    job = backtest.job
    return str(job.settings["last_date"]) if job else str(backtest.last_date)


def conclude(job: Job, units: Sequence[bytes]) -> Mapping[str, Any]:
    """Write what was seen beside the backtest, and journal it."""
    found = [json.loads(unit) for unit in units]
    ok = all(probe["same"] for probe in found)
    backtest = Backtest.objects.select_related("model").get(pk=job.settings["backtest"])
    backtest.poison = {"ok": ok, "probes": found, "job": job.pk}
    backtest.save(update_fields=["poison"])
    verdict = (
        "no forecast depends on the draw it is about or on a later one"
        if ok
        else "forecasts change with draws that were not known: the answers leak"
    )
    journal.append(
        event_type="control_run",
        actor=job.actor,
        model_name=backtest.model.name,
        level="info" if ok else "error",
        metadata={
            "dataset": backtest.dataset_name,
            "control": "poison test",
            "verdict": verdict,
            "backtest": backtest.pk,
        },
    )
    return {"address": backtest.get_absolute_url(), "ok": ok}


POISON = register(Kind("poison", "Poison tests", plan, "reflection.replays.poison", conclude))
