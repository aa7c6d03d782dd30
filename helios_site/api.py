"""The table of REST endpoints, all under /api/."""

from django.urls import include, path
from drf_spectacular.views import (
    SpectacularAPIView,
    SpectacularRedocView,
    SpectacularSwaggerSplitView,
)

from helios_site import schema  # noqa: F401 - importing it tells drf-spectacular

urlpatterns = [
    path("", include("training.api.sessions")),
    path("", include("training.api.figures")),
    path("", include("training.api.batch")),
    path("", include("training.api.titles")),
    path("", include("training.api.presets")),
    path("", include("training.api.defaults")),
    path("", include("training.api.draws")),
    path("", include("training.api.predictions")),
    path("", include("registry.api")),
    path("", include("memory.api")),
    path("", include("reflection.api")),
    path("", include("helios_site.rest")),
    path("", include("helios_site.rest_backups")),
    path("", include("helios_site.rest_notices")),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(), name="docs"),
    path("redoc/", SpectacularRedocView.as_view(), name="redoc"),
]
