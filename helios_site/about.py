"""What this installation is: versions, licences, places; and a bundle of it to send along.

Nothing here is secret: no key, no token, no address of a database with its password.
"""

import io
import json
import platform
import sys
import zipfile
from importlib.metadata import PackageNotFoundError, metadata
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from helios_site import __version__, health
from memory.models import JournalHead
from training.models import SessionLog, TrainingSession, Worker

# What a person may want to know the version or licence of; requirements.txt has all.
PACKAGES = (
    *("Django", "djangorestframework", "django-htmx", "channels", "uvicorn", "whitenoise"),
    *("django-q2", "django-rest-knox", "django-sesame", "django-axes", "django-csp"),
    *("torch", "numpy", "pandas", "scipy", "pyarrow", "plotly", "safetensors"),
)
SHOWN_SETTINGS = (
    *("HELIOS_MODE", "HELIOS_HOST", "PORT", "HELIOS_DEV", "BEHIND_HTTPS", "WORKERS"),
    *("SLICE_SECONDS", "LEASE_SECONDS", "TRASH_DAYS", "QUOTA_MB", "TIME_ZONE"),
)
FAILURES = 20
LOG_LINES = 200


def versions() -> list[tuple[str, str, str]]:
    """(package, version, licence) of what Helios is made of; nothing is imported for it."""
    rows = [
        ("Helios", __version__, ""),
        ("Python", platform.python_version(), "PSF-2.0"),
    ]
    for name in PACKAGES:
        try:
            about = metadata(name)
        except PackageNotFoundError:
            continue
        rows.append((name, about["Version"], _licence(about)))
    return rows


def _licence(about: Any) -> str:
    """The licence in a word: some packages put its whole text there."""
    named = about.get("License-Expression") or about.get("License") or ""
    if named and len(named) < 40:
        return str(named)
    kinds = [text for text in about.get_all("Classifier", []) if text.startswith("License")]
    return str(kinds[0].rpartition(" :: ")[2]) if kinds else "see the package"


def places() -> list[tuple[str, str]]:
    """Where things are kept."""
    home = settings.HELIOS_HOME
    database = connection.settings_dict
    kept = str(database["NAME"])
    if connection.vendor == "postgresql":
        kept = f"PostgreSQL, {database['NAME']} at {database['HOST'] or 'this host'}"
    return [
        ("Everything", str(home)),
        ("Database", kept),
        ("Models", str(home / "models")),
        ("Checkpoints", str(home / "checkpoints")),
        ("Archives", str(home / "archives")),
    ]


def bundle() -> bytes:
    """A zip file that tells somebody who helps what this installation is and how it is."""
    parts: dict[str, Any] = {
        "about.json": {
            "made_at": timezone.now().isoformat(),
            "platform": platform.platform(),
            "python": sys.version,
            "versions": [list(row) for row in versions()],
            "settings": {name: getattr(settings, name) for name in SHOWN_SETTINGS},
            "database": connection.vendor,
        },
        "health.json": [
            {"name": one.name, "state": one.state, "words": one.words}
            for one in health.findings()
        ],
        "migrations.json": sorted(
            map(list, MigrationRecorder(connection).applied_migrations())
        ),
        "sessions.json": _sessions(),
        "queue.json": _queue(),
    }
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, json.dumps(content, indent=1, default=str))
    return held.getvalue()


def _sessions() -> dict[str, Any]:
    """The newest failures with the ends of their logs."""
    failed = TrainingSession.objects.filter(state=TrainingSession.State.FAILED)[:FAILURES]
    rows = [
        {
            "id": one.pk,
            "config": one.config,
            "error_code": one.error_code,
            "error": one.error,
            "epoch": one.current_epoch,
            "environment": one.environment,
        }
        for one in failed
    ]
    lines = SessionLog.objects.filter(session__in=[row["id"] for row in rows]).order_by("-pk")
    log = [f"{line.session_id} {line.at.isoformat()} {line.text}" for line in lines[:LOG_LINES]]
    return {"failed": rows, "log": log}


def _queue() -> dict[str, Any]:
    head = JournalHead.objects.first()
    return {
        "workers": list(Worker.objects.values("name", "started_at", "beat_at", "processes")),
        "waiting": TrainingSession.objects.waiting().count(),
        "journal": head.seq if head else 0,
    }
