"""The cast of every test: Alice owns the installation, Bob is a plain user."""

import os
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client
from rest_framework.test import APIClient

DATA = Path(
    os.environ.get("HELIOS_DRAW_DATA")
    or Path(__file__).resolve().parent.parent.parent / "shared" / "data"
)


@pytest.fixture
def draw_data() -> Path:
    """The folder of real draws; tests that need it skip where it is not."""
    if not DATA.exists():
        pytest.skip("no real draws here: set HELIOS_DRAW_DATA")
    return DATA


@pytest.fixture
def draws_csv(draw_data: Path) -> Path:
    return draw_data / "powerball.csv"


@pytest.fixture
def alice(db: None) -> User:
    return User.objects.create_superuser("alice", password="a-long-password")


@pytest.fixture
def bob(db: None) -> User:
    return User.objects.create_user("bob", password="another-password")


@pytest.fixture
def api(alice: User) -> APIClient:
    """REST as Alice."""
    client = APIClient(raise_request_exception=False)
    client.force_authenticate(alice)
    return client


@pytest.fixture
def signed_in(client: Client, alice: User) -> Client:
    """Pages as Alice."""
    client.force_login(alice)
    return client


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings) -> Path:  # noqa: ANN001 - pytest-django's wrapper
    """Every test writes to a folder of its own."""
    settings.HELIOS_HOME = tmp_path / "home"
    settings.HELIOS_HOME.mkdir()
    return settings.HELIOS_HOME
