"""Twins of the forms of an account: its settings, tokens and notifications.

What only one reader sees has no command: the account is asked for by its token.
"""

from helios_site.twin_table.values import value
from helios_site.twins import Twin
from memory.wire import camel
from training.engine.config import SETTINGS

_TOKEN = value("name", "", None, required=True)

ACCOUNT: dict[str, Twin] = {
    "settings_display": Twin(
        "Change the display",
        "",
        "PATCH",
        "settings",
        (
            *(value(name, None) for name in ("theme", "density", "time_zone", "dates")),
            value("decimals", None, kind="number"),
            *(value(name, None) for name in ("announcements", "motion")),
            value("shortcuts", None, kind="truth"),
        ),
    ),
    "settings_notifications": Twin(
        "Choose what to be told",
        "",
        "PATCH",
        "settings/notifications",
        tuple(
            value(name, None, kind="truth") for name in ("done", "failed", "in_app", "browser")
        ),
    ),
    "test_notification": Twin(
        "Send a test", "notify --test", "POST", "settings/notifications/test"
    ),
    "settings_training": Twin(
        "Change the training defaults",
        "",
        "PATCH",
        "train/defaults",
        (
            value("preset", None),
            value("dataset", None, "dataSource"),
            *(
                value(
                    setting.name,
                    None,
                    f"settings.{camel(setting.name)}",
                    kind="number" if setting.kind in ("integer", "number") else "text",
                )
                for setting in SETTINGS.values()
            ),
        ),
    ),
    "settings_password": Twin(
        "Change the password",
        "changepassword",
        "",
        "",
        (value("username", "", None, required=True),),
    ),
    "make_token": Twin(
        "Make a token",
        "api_token",
        "",
        "",
        (_TOKEN, value("scope", key=None), value("days", key=None, kind="number")),
    ),
    "revoke_token": Twin("Revoke a token", "api_token --revoke", "", "", (_TOKEN,)),
    "read_notifications": Twin("Mark all as read", "", "POST", "notices/read"),
}
