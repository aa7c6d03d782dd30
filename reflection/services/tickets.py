"""Playing tickets against history: what a model's, or random ones, would have cost and won."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from memory import services as journal
from memory.refusals import Invalid, NotFound
from memory.sentences import counted
from reflection.models import Backtest, Job, TicketPlay
from reflection.services.kinds import Kind, Plan, register
from reflection.services.replay_draws import history_of
from registry.networks.history import History
from training.engine.config import Config
from training.engine.selection import select
from training.models import Dataset
from training.services.draws import load_history
from training.services.sessions import find_data_source

ASKED = ("backtest", "data_source", "tickets", "seed", "jackpot")
ADDED = ("last_date", "dataset_fingerprint")
MOST_TICKETS = 100
LARGEST = 2**53


def plan(settings: Mapping[str, Any]) -> Plan:
    """Check what is asked for: `backtest` plays its forecasts, `data_source` alone random tickets.

    `tickets` per draw (1), the `seed` of random ones and of simulated bands (0), and `jackpot`,
    the dollars a jackpot counts as; without it one is a hit without a sum.
    """
    if unknown := sorted(set(settings) - {*ASKED, *ADDED}):
        raise Invalid(fields=dict.fromkeys(unknown, "There is no such setting."))
    numbers = {
        "tickets": _number(settings, "tickets", 1, 1, MOST_TICKETS),
        "seed": _number(settings, "seed", 0, 0, LARGEST),
        "jackpot": _number(settings, "jackpot", None, 0, LARGEST),
    }
    backtest = _backtest(settings.get("backtest"))
    if backtest:
        whose, dataset = backtest.model.name, Dataset.objects.filter(name=backtest.dataset_name)
        held = dataset.first()
        if held is None:
            raise Invalid(fields={"backtest": "Its dataset is gone; choose another one."})
        draws = backtest.draws
    else:
        whose, held = "", find_data_source(str(settings.get("data_source", "")))
        draws = held.draw_count
    what = f"{counted(int(numbers['tickets'] or 0), 'ticket')} a draw"
    title = f"{what} of {whose} (backtest {backtest.pk})" if backtest else f"{what} at random"
    return Plan(
        title=f"{title} on {held.name}",
        settings={
            "backtest": backtest.pk if backtest else None,
            "data_source": held.name,
            "last_date": str(backtest.last_date if backtest else held.last_date),
            "dataset_fingerprint": held.fingerprint,
            **numbers,
        },
        total=max(1, draws),
        model_name=whose,
    )


def _number(
    settings: Mapping[str, Any], name: str, default: int | None, low: int, high: int
) -> int | None:
    value = settings.get(name)
    if value is None or value == "":
        return default
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise Invalid(fields={name: f"Must be a whole number from {low} to {high:,}."})
    return value


def _backtest(number: object) -> Backtest | None:
    if number is None or number == "":
        return None
    found = None
    if isinstance(number, int) and not isinstance(number, bool):
        found = Backtest.objects.select_related("model").filter(pk=number).first()
    if found is None:
        raise Invalid(fields={"backtest": "Must be the number of a backtest."})
    return found


def drawn_of(settings: Mapping[str, Any]) -> History:
    """The draws that are played: those a backtest forecast, or all of a dataset."""
    if settings["backtest"] is None:
        return history_of(settings, "a new play")
    dataset = Dataset.objects.get(name=settings["data_source"])
    history = load_history(dataset, date.fromisoformat(settings["last_date"]))
    backtest = Backtest.objects.get(pk=settings["backtest"])
    chosen = select(history, Config.parse(backtest.config))
    played = chosen.take(slice(backtest.first_draw, backtest.first_draw + backtest.draws))
    if chosen.take(slice(0, backtest.first_draw + backtest.draws)).fingerprint() != (
        backtest.draws_sha256
    ):
        raise DrawsDiffer("The draws are not those the backtest forecast; run it again.")
    return played


class DrawsDiffer(Exception):
    """The draws a backtest forecast are not the dataset's any more."""


def conclude(job: Job, units: Sequence[bytes]) -> Mapping[str, Any]:
    """Store what the tickets won, and journal it."""
    found = json.loads(units[-1])
    settings = job.settings
    play = TicketPlay.objects.create(
        backtest_id=settings["backtest"],
        job=job,
        model_name=job.model_name,
        dataset_name=settings["data_source"],
        tickets=settings["tickets"],
        seed=settings["seed"],
        jackpot=settings["jackpot"],
        created_by=job.actor,
        **found,
    )
    journal.append(
        event_type="tickets_played",
        actor=job.actor,
        model_name=job.model_name,
        metadata={
            "dataset": play.dataset_name,
            "tickets": play.tickets * play.draws,
            "cost": play.cost,
            "returned": play.returned,
            "play": play.pk,
        },
    )
    return {"address": play.get_absolute_url(), "play": play.pk}


def find_play(pk: object) -> TicketPlay:
    """The play with this number, or NotFound."""
    found = None
    if isinstance(pk, int) and not isinstance(pk, bool) and 0 < pk < 2**63:
        found = TicketPlay.objects.filter(pk=pk).first()
    if found is None:
        raise NotFound(f"There is no ticket play {str(pk)[:40]}.", fields={"play": "Unknown."})
    return found


def in_words(play: TicketPlay) -> str:
    """The outcome in a sentence, beside what any tickets do on average."""
    who = f"{play.model_name}'s likeliest tickets" if play.backtest_id else "Random tickets"
    if not play.priced_draws:
        return f"{who} were counted on {play.draws:,} draws whose prizes are not held."
    outside = [row for row in play.tiers if not row["low"] <= row["observed"] <= row["high"]]
    verdict = (
        "Every way to win came as often as chance lets it."
        if not outside
        else f"{len(outside)} of {len(play.tiers)} ways to win came outside their 95 % band; about"
        " one in twenty does by chance."
    )
    return (
        f"{who} cost ${play.cost:,} and returned ${play.returned:,}; any tickets would have"
        f" returned ${play.expected_return:,.0f} on average without a jackpot's luck. {verdict}"
    )


TICKETS = register(
    Kind("tickets", "Ticket plays", plan, "reflection.ticket_play.run", conclude)
)
