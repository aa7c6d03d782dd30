"""The rows of reflection: jobs, backtests, controls, forecasts, experiments, named comparisons,
dismissed cards."""

from reflection.models.backtests import Backtest
from reflection.models.comparisons import SavedComparison
from reflection.models.controls import ControlRun
from reflection.models.curves import CurveForecast
from reflection.models.dismissals import DismissedCard
from reflection.models.experiments import Experiment
from reflection.models.forecasts import Enrolment, Forecast
from reflection.models.jobs import Job, JobUnit
from reflection.models.tickets import TicketPlay

__all__ = [
    "Backtest",
    "ControlRun",
    "CurveForecast",
    "DismissedCard",
    "Enrolment",
    "Experiment",
    "Forecast",
    "Job",
    "JobUnit",
    "SavedComparison",
    "TicketPlay",
]
