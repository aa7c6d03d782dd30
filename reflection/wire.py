"""How a reflection is written as JSON: camelCase names, numbers finite or null."""

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from typing import Any

from rest_framework.request import Request

from memory.refusals import Invalid
from memory.wire import camel
from reflection.models import Backtest, Job, TicketPlay
from reflection.services import DrawAudit


def as_json(value: Any) -> Any:
    """A dataclass and everything in it as JSON types. Values that are not finite become null."""
    if is_dataclass(value) and not isinstance(value, type):
        shown = (item for item in fields(value) if item.repr)
        return {camel(item.name): as_json(getattr(value, item.name)) for item in shown}
    if isinstance(value, Mapping):
        # The keys of a mapping are data, such as names of models: they stay as they are.
        return {str(name): as_json(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value.isoformat() if isinstance(value, date | datetime) else value


def audit_json(found: DrawAudit) -> dict[str, Any]:
    """An audit with its verdict in words."""
    return {"verdict": found.verdict, "isFair": found.is_fair, **as_json(found)}


def named_dataset(request: Request) -> str:
    """The dataset that an address asks about; Invalid without one."""
    name = request.query_params.get("dataset", "")
    if not name:
        raise Invalid(fields={"dataset": "Must be given: the name of a dataset."})
    return name


def job_json(job: Job) -> dict[str, Any]:
    """A job as the API shows it."""
    return {
        "id": job.pk,
        "kind": job.kind,
        "title": job.title,
        "modelName": job.model_name or None,
        "state": job.state,
        "done": job.done,
        "total": job.total,
        "sentence": job.sentence,
        "seconds": job.process_seconds,
        "secondsRemaining": job.seconds_remaining,
        "settings": as_json(job.settings),
        "result": as_json(job.result),
        "error": job.error or None,
        "actor": job.actor,
        "createdAt": as_json(job.created_at),
        "startedAt": as_json(job.started_at),
        "finishedAt": as_json(job.finished_at),
    }


def backtest_json(row: Backtest) -> dict[str, Any]:
    """A backtest in a list."""
    return {
        "id": row.pk,
        "modelName": row.model.name,
        "version": row.version.version if row.version else None,
        "dataset": row.dataset_name,
        "encoder": row.encoder,
        "origin": row.origin,
        "refit": row.refit,
        "warm": row.warm,
        "draws": row.draws,
        "firstDate": as_json(row.first_date),
        "lastDate": as_json(row.last_date),
        "gain": row.gain,
        "low": row.low,
        "high": row.high,
        "hedgedBits": row.hedged_bits,
        "grade": row.grade,
        "createdAt": as_json(row.created_at),
        "address": row.get_absolute_url(),
    }


def play_json(play: TicketPlay) -> dict[str, Any]:
    """A ticket play; dollars, and every way to win beside its expectation and 95 % band."""
    return {
        "id": play.pk,
        "backtest": play.backtest_id,
        "modelName": play.model_name or None,
        "dataset": play.dataset_name,
        "tickets": play.tickets,
        "draws": play.draws,
        "pricedDraws": play.priced_draws,
        "firstDate": as_json(play.first_date),
        "lastDate": as_json(play.last_date),
        "cost": play.cost,
        "returned": play.returned,
        "expectedReturn": play.expected_return,
        "jackpot": play.jackpot,
        "exact": play.exact,
        "tiers": as_json(play.tiers),
        "sources": play.sources,
        "createdAt": as_json(play.created_at),
        "address": play.get_absolute_url(),
    }
