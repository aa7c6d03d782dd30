"""Each numbered check says what is wrong, and is silent when nothing is."""

import pytest
from django.core.checks import run_checks

from helios_site.checks import TAG, refuse_problems
from memory.refusals import Conflict

GOOD_SECRET = "a secret that is only for the tests, sixty letters or so long"


def found(*, deploy: bool = False) -> list[str]:
    return [
        str(problem.id) for problem in run_checks(tags=[TAG], include_deployment_checks=deploy)
    ]


@pytest.fixture(autouse=True)
def private_home(settings):
    settings.HELIOS_HOME.chmod(0o700)


@pytest.fixture
def team(settings):
    settings.HELIOS_MODE = "team"
    settings.HELIOS_HOST = "0.0.0.0"


def test_an_installation_as_it_is_made_has_no_problem(db):
    # On PostgreSQL without Redis, W001 is the truth.
    assert set(found(deploy=True)) <= {"helios.W001"}
    refuse_problems()


@pytest.mark.parametrize(("retry", "timeout"), [(60, 60), (60, 600)])
def test_e001_a_task_that_runs_longer_than_retry(settings, retry, timeout):
    settings.Q_CLUSTER = {**settings.Q_CLUSTER, "retry": retry, "timeout": timeout}
    assert "helios.E001" in found()


@pytest.mark.parametrize("host", ["*", ".example.org", "*.example.org"])
def test_e002_a_pattern_among_the_hosts(settings, host):
    settings.ALLOWED_HOSTS = [host]
    assert "helios.E002" in found()


@pytest.mark.parametrize("secret", ["", "short", "ab" * 40])
def test_e003_a_weak_secret(settings, secret):
    settings.SECRET_KEY = secret or "x"
    assert "helios.E003" in found()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.org"])
def test_e004_an_embedded_installation_that_others_can_reach(settings, host):
    settings.HELIOS_HOST = host
    assert "helios.E004" in found()


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.5", "::1", "[::1]", "localhost"])
def test_e004_is_silent_on_loopback(settings, host):
    settings.HELIOS_HOST = host
    assert "helios.E004" not in found()


def test_e005_debugging_where_a_team_works(settings, team):
    settings.DEBUG = True
    assert "helios.E005" in found()


@pytest.mark.parametrize(
    ("address", "is_wrong"),
    [
        ("redis://cache.example:6379/0", True),
        ("redis://:secret@cache.example:6379/0", False),
        ("redis://127.0.0.1:6379/0", False),
        ("redis://localhost", False),
    ],
)
def test_e006_a_broker_elsewhere_without_a_password(settings, address, is_wrong):
    settings.REDIS_URL = address
    assert ("helios.E006" in found()) == is_wrong


def test_e007_a_team_without_an_administrator_does_not_start(team, db):
    assert "helios.E007" in found(deploy=True)
    with pytest.raises(Conflict, match=r"createsuperuser.*helios\.E007"):
        refuse_problems()


def test_e007_is_silent_once_there_is_one(team, alice):
    refuse_problems()


def test_e007_an_administrator_without_a_password_is_none(team, alice):
    alice.set_unusable_password()
    alice.save()
    assert "helios.E007" in found(deploy=True)


def test_w001_postgresql_without_redis(settings, monkeypatch):
    database = {**settings.DATABASES["default"], "ENGINE": "django.db.backends.postgresql"}
    monkeypatch.setitem(settings.DATABASES, "default", database)
    settings.REDIS_URL = ""
    assert "helios.W001" in found()
    settings.REDIS_URL = "redis://127.0.0.1"
    assert "helios.W001" not in found()


def test_w002_a_home_that_others_can_read(settings):
    settings.HELIOS_HOME.chmod(0o755)
    assert "helios.W002" in found()


@pytest.mark.parametrize(
    ("host", "https", "warns"),
    [("127.0.0.1", False, False), ("0.0.0.0", False, True), ("0.0.0.0", True, False)],
)
def test_w003_strangers_look_in_without_https(settings, host, https, warns):
    settings.HELIOS_HOST, settings.BEHIND_HTTPS = host, https
    assert "helios.W003" not in found()
    settings.HELIOS_PUBLIC_READ = True
    assert ("helios.W003" in found()) == warns
