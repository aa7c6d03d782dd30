"""The environment of the tests, set before Django reads its settings.

Loaded by `-p tests.environment` (pyproject.toml): a plugin named there is imported before
pytest-django loads the settings. Everything is written to a temporary folder.
"""

import os
import tempfile

import pytest

os.environ["HELIOS_HOME"] = tempfile.mkdtemp(prefix="helios-tests-")
os.environ["HELIOS_SECRET_KEY"] = (
    "a secret that is only for the tests, sixty letters or so long"
)
os.environ["HELIOS_WORKERS"] = "1"
os.environ.pop("REDIS_URL", None)
os.environ.pop("DRAWS", None)
# `make test` runs the suite a second time with this set to a PostgreSQL address.
if "HELIOS_TEST_POSTGRES" in os.environ:
    os.environ["DATABASE_URL"] = os.environ["HELIOS_TEST_POSTGRES"]
else:
    os.environ.pop("DATABASE_URL", None)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL only what uses the database in this process is worth running again."""
    if "HELIOS_TEST_POSTGRES" not in os.environ:
        return
    chosen = [item for item in items if _is_about_the_database(item)]
    config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
    items[:] = chosen


def _is_about_the_database(item: pytest.Item) -> bool:
    if item.get_closest_marker("browser") or item.get_closest_marker("faults"):
        return False
    fixtures = set(getattr(item, "fixturenames", ()))
    doors = {"db", "transactional_db", "django_db_setup"}
    return bool(fixtures & doors or item.get_closest_marker("django_db"))
