"""Where a curve was expected to lead, what came, and how often such bands held."""

import numpy as np
import pytest

from reflection.curve_tasks import forecast_curves
from reflection.models import CurveForecast
from reflection.services import curve_forecasts
from reflection.services.upkeep import Upkeep
from tests.reflection.conftest import CHANCE
from training.models import Epoch, TrainingSession


def power_law(epochs: int, seed: int = 0) -> tuple[float, ...]:
    """Gains of a curve that falls towards a floor, with a little noise."""
    noise = np.random.default_rng(seed).normal(0.0, 0.002, epochs)
    return tuple((-0.5 * (np.arange(epochs) + 2.0) ** -0.7 + noise).tolist())


@pytest.fixture
def session(train) -> TrainingSession:
    return train("owl", val=power_law(40), train=(0.1,) * 40)


def test_a_curve_is_forecast_from_its_first_half_and_judged(session, api):
    assert curve_forecasts.curves_are_awaited()
    forecast_curves()
    made = CurveForecast.objects.get()
    assert (made.seen_epochs, made.epoch, made.live) == (20, 40, False)
    assert made.loss == pytest.approx(CHANCE + 0.5 * 41**-0.7, abs=0.02)
    assert made.actual == Epoch.objects.get(session=session, number=40).val_bits
    assert not curve_forecasts.curves_are_awaited()
    told = {s["topic"]: s["text"] for s in api.get("/api/reflection/owl").json()["statements"]}
    assert told["Extrapolation"].startswith("From its first 20 epochs, epoch 40 was expected")
    assert (
        "of the time (1 session, 0 of them forecast while they ran)." in told["Extrapolation"]
    )


def test_one_that_still_runs_is_forecast_live_and_judged_when_it_is_over(session):
    later = Epoch.objects.filter(session=session, number__gt=25)
    kept = list(later)
    later.delete()
    TrainingSession.objects.update(state="training", current_epoch=25)
    forecast_curves()
    made = CurveForecast.objects.get()
    assert (made.seen_epochs, made.live, made.actual) == (20, True, None)
    assert "No such band was judged yet" in curve_forecasts.curve_statement(session)[0].text
    Epoch.objects.bulk_create(kept)
    TrainingSession.objects.update(state="completed", current_epoch=40)
    forecast_curves()
    made.refresh_from_db()
    assert made.actual is not None
    assert made.is_inside is (made.low <= made.actual <= made.high)


def test_what_comes_later_does_not_change_the_forecast(session, train):
    bent = [*power_law(40)[:20], *[-3.0] * 20]
    train("lark", val=tuple(bent), train=(0.1,) * 40)
    forecast_curves()
    owl, lark = CurveForecast.objects.order_by("session")
    assert (owl.loss, owl.low, owl.high) == (lark.loss, lark.low, lark.high)
    assert lark.is_inside is False


def test_the_record_is_the_share_of_bands_that_held(session):
    forecast_curves()
    CurveForecast.objects.update(low=0.0, high=1.0)
    assert curve_forecasts.record().startswith("Such bands held 0 % of the time")
    CurveForecast.objects.update(high=99.0)
    assert curve_forecasts.record().startswith("Such bands held 100 % of the time")
    assert CurveForecast.objects.held().count() == 1


@pytest.mark.parametrize("epochs", [4, 15])
def test_short_sessions_are_left_alone(train, epochs):
    train("owl", val=power_law(epochs), train=(0.1,) * epochs)
    assert not curve_forecasts.curves_are_awaited()


def test_the_queue_has_a_worker_do_it(session):
    asked = []
    Upkeep(clock=lambda: 0.0, enqueue=lambda *task: asked.append(task)).look()
    assert asked == [(curve_forecasts.TASK,)]
