"""Forecasts of learning curves, and how often their bands held: an opinion with its record.

The queue looks once a minute. A session that is still being trained is forecast at half of its
epochs, live; one that was faster than that is forecast when it is over, from its first half alone.
"""

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from memory.sentences import counted
from reflection.models import CurveForecast
from reflection.services.statements import Statement
from training.models import Epoch, TrainingSession

TASK = "reflection.curve_tasks.forecast_curves"
FEWEST_EPOCHS = 16  # a power law is fitted to 8 epochs or more
State = TrainingSession.State


def awaited_curves() -> QuerySet[TrainingSession]:
    """Sessions whose curve was not forecast yet and could be."""
    half = Q(state=State.TRAINING, current_epoch__gte=F("total_epochs") / 2)
    over = Q(state=State.COMPLETED, current_epoch__gte=FEWEST_EPOCHS)
    rows = TrainingSession.objects.filter(half | over, total_epochs__gte=FEWEST_EPOCHS)
    return rows.filter(curve_forecast=None).order_by("-pk")


def reached_curves() -> QuerySet[CurveForecast]:
    """Forecasts whose epoch is there now."""
    there = Epoch.objects.filter(session=OuterRef("session"), number=OuterRef("epoch"))
    return CurveForecast.objects.filter(Exists(there), actual=None)


def curves_are_awaited() -> bool:
    """Whether a worker has something to forecast or to judge. Two queries at most."""
    return awaited_curves().exists() or reached_curves().exists()


def judge_curves() -> int:
    """Write what came beside every forecast whose epoch is there; how many."""
    rows = list(reached_curves())
    for row in rows:
        came = Epoch.objects.get(session=row.session_id, number=row.epoch)
        CurveForecast.objects.filter(pk=row.pk).update(actual=came.val_bits)
    return len(rows)


def curve_statement(session: TrainingSession) -> tuple[Statement, ...]:
    """What was expected of a session's curve, what came, and how often such bands held; nothing
    for a session that was not forecast. Two queries.
    """
    found = CurveForecast.objects.filter(session=session).first()
    if found is None or found.loss is None or found.low is None or found.high is None:
        return ()
    share = f"{found.level:.0%}".replace("%", " %")
    text = (
        f"From its first {counted(found.seen_epochs, 'epoch')}, epoch {found.epoch:,} was expected at"
        f" {found.loss:.4f} bits per draw ({share} band {found.low:.4f} to {found.high:.4f})"
    )
    if found.actual is not None:
        where = "inside" if found.is_inside else "outside"
        text += f"; it came to {found.actual:.4f}, {where} the band"
    return (Statement("Extrapolation", f"{text}. {record()}"),)


def record() -> str:
    """How often the bands held so far, in a sentence."""
    judged = CurveForecast.objects.judged().aggregate(
        all=Count("pk"),
        live=Count("pk", filter=Q(live=True)),
        held=Count("pk", filter=Q(actual__gte=F("low"), actual__lte=F("high"))),
    )
    if not judged["all"]:
        return "No such band was judged yet."
    share = f"{judged['held'] / judged['all']:.0%}".replace("%", " %")
    plural = "" if judged["all"] == 1 else "s"
    return (
        f"Such bands held {share} of the time ({judged['all']:,} session{plural},"
        f" {judged['live']:,} of them forecast while they ran)."
    )
