"""Every page's address. REST addresses are in `api.py`."""

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.generic import RedirectView

from helios_site import access, views

to_the_sign_in_page = RedirectView.as_view(pattern_name="login", query_string=True)

urlpatterns = [
    path("", views.overview, name="overview"),
    path("healthz", access.healthz, name="healthz"),
    path("login/", access.SignIn.as_view(), name="login"),
    path("logout/", access.sign_out, name="logout"),
    path("-/enter", access.enter, name="enter"),
    path("favicon.ico", views.favicon, name="favicon"),
    path("-/chip", views.chip, name="chip"),
    path("-/theme", views.set_theme, name="theme"),
    path("api/", include("helios_site.api")),
    path("", include("training.urls")),
    path("", include("registry.urls")),
    path("", include("memory.urls")),
    path("", include("reflection.urls")),
    # One sign-in page: the admin's own would stand beside the lockout and the journal.
    path("admin/login/", login_not_required(to_the_sign_in_page)),
    path("admin/", admin.site.urls),
]
handler400 = "helios_site.problems.bad_request"
handler403 = "helios_site.problems.forbidden"
handler404 = "helios_site.problems.not_found"
handler500 = "helios_site.problems.server_error"
