"""Every page's address. REST addresses are in `api.py`."""

from django.contrib import admin
from django.urls import include, path

from helios_site import access, views

urlpatterns = [
    path("", views.overview, name="overview"),
    path("healthz", access.healthz, name="healthz"),
    path("login/", access.SignIn.as_view(), name="login"),
    path("logout/", access.sign_out, name="logout"),
    path("-/enter", access.enter, name="enter"),
    path("-/theme", views.set_theme, name="theme"),
    path("api/", include("helios_site.api")),
    path("", include("training.urls")),
    path("", include("registry.urls")),
    path("", include("memory.urls")),
    path("", include("reflection.urls")),
    path("admin/", admin.site.urls),
]
