"""Every page's address. REST addresses are in `api.py`."""

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.generic import RedirectView

from helios_site import access
from helios_site.views import backups, columns, frame, help, notices, overview, settings

to_the_sign_in_page = RedirectView.as_view(pattern_name="login", query_string=True)

urlpatterns = [
    path("", overview.overview, name="overview"),
    path("healthz", access.healthz, name="healthz"),
    path("login/", access.SignIn.as_view(), name="login"),
    path("logout/", access.sign_out, name="logout"),
    path("-/enter", access.enter, name="enter"),
    path("favicon.ico", frame.favicon, name="favicon"),
    path("-/chip", overview.chip, name="chip"),
    path("-/theme", frame.set_theme, name="theme"),
    path("search/", frame.search, name="search"),
    path("settings/", settings.settings, name="settings"),
    path("settings/display/", settings.display, name="settings_display"),
    path("settings/columns/", columns.save, name="settings_columns"),
    path("settings/training/", settings.training, name="settings_training"),
    path("settings/presets/<str:name>/delete/", settings.delete_preset, name="settings_preset"),
    path("settings/password/", settings.password, name="settings_password"),
    path("settings/notifications/", notices.save, name="settings_notifications"),
    path("settings/notifications/test/", notices.test, name="test_notification"),
    path("notifications/", notices.every, name="notifications"),
    path("notifications/read/", notices.read, name="read_notifications"),
    path("settings/undo/", settings.undo, name="settings_undo"),
    path("settings/tokens/", settings.make_token, name="make_token"),
    path("settings/tokens/revoke/", settings.revoke_token, name="revoke_token"),
    path("settings/diagnostics.zip", settings.bundle, name="bundle"),
    path("help/", help.help, name="help"),
    path("status/", help.status, name="status"),
    path("memory/backups/", backups.backup_now, name="backup_now"),
    path("memory/backups/<str:name>/", backups.backup_file, name="backup_file"),
    path("memory/backups/<str:name>/delete/", backups.delete_backup, name="delete_backup"),
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
