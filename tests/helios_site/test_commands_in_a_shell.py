"""What a person sees who mistypes something: one line, exit status 2, no traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]


def manage(*command, **environment):
    return subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *command],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "http"),
        ("PORT", "0"),
        ("PORT", "70000"),
        ("HELIOS_MODE", "public"),
        ("HELIOS_DEV", "yes"),
        ("HELIOS_SLICE_SECONDS", "-1"),
        ("HELIOS_WORKERS", "1e9"),
    ],
)
def test_a_bad_setting_stops_the_start_with_one_clear_line(name, value):
    done = manage("serve", **{name: value})
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith(f"error: {name}={value!r} ")


def test_an_embedded_helios_is_not_opened_to_others(tmp_path):
    done = manage(
        "serve", HELIOS_HOST="0.0.0.0", HELIOS_HOME=str(tmp_path), PORT=str(free_port())
    )
    assert done.returncode == 2
    assert "helios.E004" in done.stderr
    assert done.stderr.count("\n") == 1


def test_every_command_loads_where_redis_hands_out_the_work(tmp_path):
    home = {"HELIOS_HOME": str(tmp_path), "REDIS_URL": "redis://127.0.0.1:1/0"}
    done = manage("check", **home)
    assert done.returncode == 0, done.stderr


def test_a_home_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    done = manage("check", HELIOS_HOME=str(tmp_path / "file" / "home"))
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("command", [("session", "list"), ("storage",)])
def test_a_home_without_tables_is_said_with_the_remedy(tmp_path, command):
    done = manage(*command, HELIOS_HOME=str(tmp_path), DATABASE_URL="")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "is not prepared (no such table" in done.stderr
    assert "run `manage.py migrate`" in done.stderr


def test_a_database_that_is_away_is_said(tmp_path):
    away = "postgres://nobody@127.0.0.1:1/nothing"
    done = manage("session", "list", HELIOS_HOME=str(tmp_path), DATABASE_URL=away)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stderr.splitlines()[-1].startswith("error: The database does not answer: ")


def test_a_draws_file_that_is_not_there_is_said(tmp_path):
    done = manage("prepare", HELIOS_HOME=str(tmp_path), DRAWS="/nowhere/draws.csv")
    assert done.returncode == 2
    assert "/nowhere/draws.csv" in done.stderr
    assert done.stderr.count("\n") == 1


def test_the_secret_and_the_home_are_for_their_owner_only(tmp_path):
    home = tmp_path / "new" / "home"
    environment = {"HELIOS_HOME": str(home), "HELIOS_SECRET_KEY": ""}
    assert manage("check", **environment).returncode == 0
    assert home.stat().st_mode & 0o777 == 0o700
    assert (home / "secret.key").stat().st_mode & 0o777 == 0o600
    secret = (home / "secret.key").read_text()
    manage("check", **environment)
    assert (home / "secret.key").read_text() == secret
    assert len(secret) > 50


def test_the_web_process_never_imports_torch_nor_optuna():
    code = """
import sys
import helios_site.asgi
from django.core.management import get_commands, load_command_class
from django.urls import get_resolver
get_resolver().url_patterns
for name in ("serve", "web", "work", "prepare"):
    load_command_class("helios_site", name)
print("torch" in sys.modules or "optuna" in sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=60
    )
    assert done.stdout == "False\n", done.stderr


def test_a_team_behind_https_passes_every_deployment_check(tmp_path):
    team = {
        "HELIOS_HOME": str(tmp_path / "team"),
        "HELIOS_SECRET_KEY": "",
        "HELIOS_MODE": "team",
        "HELIOS_HOST": "0.0.0.0",
        "HELIOS_ALLOWED_HOSTS": "helios.example",
        "HELIOS_BEHIND_HTTPS": "1",
    }
    assert manage("migrate", "-v0", **team).returncode == 0
    refused = manage("serve", **team, PORT="8998")
    assert refused.returncode == 2
    assert "helios.E007" in refused.stderr
    account = {"DJANGO_SUPERUSER_PASSWORD": "a long enough one", **team}
    who = ("--username", "admin", "--email", "a@example.org")
    assert manage("createsuperuser", "--noinput", *who, **account).returncode == 0
    checked = manage("check", "--deploy", "--fail-level", "WARNING", **team)
    assert checked.returncode == 0, checked.stderr
