"""What a worker does for forecasts of curves; it imports scipy.optimize, which is large."""

from reflection.models import CurveForecast
from reflection.services.curve_forecasts import awaited_curves, judge_curves
from reflection.statistics.extrapolation import forecast_loss
from training.models import Epoch, TrainingSession

AT_ONCE = 50  # sessions in one task
LEVEL = 0.8


def forecast_curves() -> None:
    """Forecast every session's curve that can be, and judge what was forecast earlier."""
    for session in awaited_curves()[:AT_ONCE]:
        forecast_curve(session)
    judge_curves()


def forecast_curve(session: TrainingSession) -> CurveForecast:
    """The loss at the last epoch, expected from the first half of the epochs; made once."""
    live = session.state == TrainingSession.State.TRAINING
    last = session.total_epochs if live else session.current_epoch
    rows = Epoch.objects.filter(session=session, number__lte=last // 2).order_by("number")
    losses = list(rows.values_list("val_bits", flat=True))
    found = forecast_loss(losses, last, level=LEVEL)
    made, _ = CurveForecast.objects.get_or_create(
        session=session,
        defaults={
            "seen_epochs": len(losses),
            "epoch": last,
            "level": LEVEL,
            "live": live,
            "loss": found.loss if found else None,
            "low": found.low if found else None,
            "high": found.high if found else None,
        },
    )
    return made
