"""What every start of Helios makes sure of; on an installation in use, next to nothing."""

from collections.abc import Callable

from django.conf import settings
from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from redis import Redis, RedisError

from helios_site import __version__, accounts
from helios_site.checks import refuse_problems
from memory import services as journal
from memory.refusals import Conflict
from memory.sqlite3.base import is_remembered, remember
from memory.sqlite3.troubles import Gone, Trouble
from registry.services import reconcile
from training.models import Dataset, TrainingSession
from training.services.draws import ensure_first_dataset
from training.services.sessions import start_session

FIRST_MODEL = "first-light"
BROKER_SECONDS = 3.0
FIRST_SETTINGS = {"epochs": 30}

Say = Callable[[str], None]


def prepare_database(say: Say) -> None:
    """Bring the tables up to date and refuse what may not be started. Repeats cost 0.1 s.

    A database that was used before and holds nothing now is not filled again.
    """
    used = connection.vendor == "sqlite" and is_remembered(connection.settings_dict["NAME"])
    try:
        executor = MigrationExecutor(connection)
        if used and not executor.loader.applied_migrations:
            raise Gone
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            say("Preparing the database ...")
            call_command("migrate", verbosity=0, interactive=False)
    except Trouble as error:
        raise Conflict(error.message) from error
    except OperationalError as error:
        raise Conflict(f"The database does not answer: {str(error).strip()}") from error
    refuse_problems()
    if connection.vendor == "sqlite":
        remember(connection.settings_dict["NAME"])


def refuse_a_silent_broker() -> None:
    """Raise Conflict when the queue's Redis does not answer: no session could start."""
    if not settings.REDIS_URL:
        return
    try:
        with Redis.from_url(
            settings.REDIS_URL, socket_connect_timeout=BROKER_SECONDS
        ) as broker:
            broker.ping()
    except RedisError as error:
        raise Conflict(f"Redis does not answer: {error}") from error


def reconcile_models(say: Say) -> None:
    """Mend what an interrupted save, upload or deletion left; says so only if there was any."""
    found = reconcile()
    if found.swept or found.freed_bytes or found.missing or found.strangers:
        say(f"Models: {found.as_words()}.")


def prepare_content(say: Say) -> None:
    """A local owner, a draw history, and one short session so that the first page is alive."""
    actor = "system"
    if settings.HELIOS_MODE == "embedded":
        actor = accounts.local_owner().username
    if not Dataset.objects.exists():
        say(
            f"Importing draws from {settings.DRAWS_FILE} ..."
            if settings.DRAWS_FILE
            else "Making practice draws (DRAWS=file imports real ones) ..."
        )
    dataset = ensure_first_dataset()
    journal.append(
        event_type="system_started",
        metadata={"version": __version__, "port": settings.PORT},
    )
    if not TrainingSession.objects.exists():
        start_session(
            model_name=FIRST_MODEL,
            dataset_name=dataset.name,
            settings=FIRST_SETTINGS,
            actor=actor,
        )
        say(f"A first session, {FIRST_MODEL}, is in the queue.")
