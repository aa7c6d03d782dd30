"""Forecasts registered before their draw: the only evidence of grade A."""

from reflection.services.forecasts.automatic import (
    register_awaited,
    registering_is_awaited,
    switch_automatic,
)
from reflection.services.forecasts.checking import Checked, check_forecasts, problem_of
from reflection.services.forecasts.live import LiveBet, LiveHouse, live_bets, live_evidence
from reflection.services.forecasts.reading import (
    ForecastListing,
    find_forecast,
    forecast_listing,
)
from reflection.services.forecasts.registering import register_forecast
from reflection.services.forecasts.scoring import score_arrived

__all__ = [
    "Checked",
    "ForecastListing",
    "LiveBet",
    "LiveHouse",
    "check_forecasts",
    "find_forecast",
    "forecast_listing",
    "live_bets",
    "live_evidence",
    "problem_of",
    "register_awaited",
    "register_forecast",
    "registering_is_awaited",
    "score_arrived",
    "switch_automatic",
]
