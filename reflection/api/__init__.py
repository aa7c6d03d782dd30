"""REST: what was learned, the jobs that find out more, and registered forecasts."""

from django.urls import include, path

urlpatterns = [
    path("", include("reflection.api.jobs")),
    path("", include("reflection.api.backtests")),
    path("", include("reflection.api.tickets")),
    path("", include("reflection.api.controls")),
    path("", include("reflection.api.forecasts")),
    path("", include("reflection.api.experiments")),
    path("", include("reflection.api.named")),
    path("", include("reflection.api.cards")),
    path("", include("reflection.api.insights")),
]
