"""Combinations of settings that are dangerous or cannot work, as numbered system checks.

`serve` refuses to start while one of them is an error; `manage.py check` lists them all.
Each has a test in tests/helios_site/test_checks.py and a line in docs/operations.md.
"""

import ipaddress
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.apps.config import AppConfig
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.checks import ERROR, CheckMessage, Error, Tags, Warning, register, run_checks

from memory.refusals import Conflict

TAG = "helios"
SECRET_LENGTH = 50


def is_loopback(host: str) -> bool:
    """Can only this computer reach it? A name other than localhost may be anything."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


@register(TAG)
def queue_times(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """django-q2 hands a task out again after `retry`, even while it runs."""
    times: dict[str, Any] = settings.Q_CLUSTER
    if times["retry"] > times["timeout"]:
        return []
    text = "Q_CLUSTER: retry must exceed timeout, or one slice is delivered twice."
    return [Error(text, hint="Set retry above timeout plus waiting.", id="helios.E001")]


@register(TAG)
def host_names(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """With `*` any page on the web could reach this server through the browser."""
    if not any(name.startswith(("*", ".")) for name in settings.ALLOWED_HOSTS):
        return []
    text = "HELIOS_ALLOWED_HOSTS names a pattern; that opens the door to DNS rebinding."
    return [Error(text, hint="Name each host.", id="helios.E002")]


@register(TAG)
def secret(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Sessions, links and queue payloads are only as good as the key that signs them."""
    key = settings.SECRET_KEY
    if len(key) >= SECRET_LENGTH and len(set(key)) >= 10:
        return []
    text = f"HELIOS_SECRET_KEY is weak: at least {SECRET_LENGTH} varied characters are needed."
    hint = "Unset it: a random one is then made in HELIOS_HOME."
    return [Error(text, hint=hint, id="helios.E003")]


@register(TAG)
def reach(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """An embedded Helios has one owner without a password: it stays on this computer."""
    if settings.HELIOS_MODE == "team" or is_loopback(settings.HELIOS_HOST):
        return []
    text = f"HELIOS_HOST={settings.HELIOS_HOST} can be reached from other computers."
    hint = "Set HELIOS_MODE=team (accounts with passwords), or bind to 127.0.0.1."
    return [Error(text, hint=hint, id="helios.E004")]


@register(TAG)
def debugging(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """The debug page shows settings and source to whoever causes an error."""
    if not settings.DEBUG or settings.HELIOS_MODE == "embedded":
        return []
    text = "HELIOS_DEV=1 shows internals to everybody who can reach this server."
    return [Error(text, hint="Unset HELIOS_DEV.", id="helios.E005")]


@register(TAG)
def broker(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Whoever can write to the broker can start any task."""
    if not settings.REDIS_URL:
        return []
    address = urlsplit(settings.REDIS_URL)
    if address.password or is_loopback(address.hostname or "localhost"):
        return []
    text = "REDIS_URL names another computer and no password."
    return [Error(text, hint="redis://:PASSWORD@HOST:6379/0", id="helios.E006")]


@register(TAG, deploy=True)
def administrator(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """A team installation without an administrator would belong to nobody.

    A deployment check, because `migrate` and `createsuperuser` must run before it holds.
    """
    if settings.HELIOS_MODE != "team":
        return []
    administrators = get_user_model().objects.filter(is_superuser=True, is_active=True)
    if any(user.has_usable_password() for user in administrators):
        return []
    text = "HELIOS_MODE=team, and no administrator has a password."
    return [Error(text, hint="Run: manage.py createsuperuser", id="helios.E007")]


@register(TAG)
def doorbell(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Without Redis a web process on PostgreSQL cannot hear the workers."""
    on_sqlite = settings.DATABASES["default"]["ENGINE"].endswith("sqlite3")
    if on_sqlite or settings.REDIS_URL:
        return []
    text = "Without REDIS_URL the live pages ask the database instead of being told."
    return [Warning(text, hint="Set REDIS_URL.", id="helios.W001")]


@register(TAG)
def home_mode(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """The home holds the secret, the journal and every model."""
    home = settings.HELIOS_HOME
    if not home.exists() or not home.stat().st_mode & 0o007:
        return []
    text = f"Other accounts of this computer can look into {home}."
    return [Warning(text, hint=f"chmod o-rwx {home}", id="helios.W002")]


@register(TAG)
def public_read(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Whoever reaches the port looks in; without https others on the way read along."""
    shut = not settings.HELIOS_PUBLIC_READ or is_loopback(settings.HELIOS_HOST)
    if shut or settings.BEHIND_HTTPS:
        return []
    text = f"HELIOS_PUBLIC_READ=1 on {settings.HELIOS_HOST}: everybody looks in, without https."
    hint = "Put a proxy with https in front and set HELIOS_BEHIND_HTTPS=1."
    return [Warning(text, hint=hint, id="helios.W003")]


def refuse_problems() -> None:
    """Raise Conflict, with the remedy, for the first error. The tables must be there."""
    databases = ["default"]
    found = run_checks(tags=[TAG], include_deployment_checks=True)
    for problem in [*found, *run_checks(tags=[Tags.database], databases=databases)]:
        if problem.level >= ERROR:
            raise Conflict(f"{problem.msg} {problem.hint or ''} ({problem.id})")
