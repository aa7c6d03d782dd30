"""What can be wrong with the database's file, each with what to do about it.

They are OperationalErrors: whoever waits for a database that is away waits for these as well,
and nothing is written meanwhile. The messages name no path: pages show them to every reader.
"""

from django.db.utils import OperationalError

_THEN = "Stop Helios, then put it back or restore a backup (docs/operations.md)."


class Trouble(OperationalError):
    """The database cannot be used as it is. `status` is that of an answer over HTTP."""

    code = "database_unreachable"
    status = 503
    message = "The file of the database can be neither read nor written just now."

    def __init__(self) -> None:
        super().__init__(self.message)


class Gone(Trouble):
    """The file was moved away, deleted or emptied."""

    code = "database_gone"
    message = f"The database is gone: its file was moved, deleted or emptied. {_THEN}"


class LogGone(Trouble):
    """The file ending in -wal, which holds the newest rows, was removed."""

    code = "database_log_gone"
    message = (
        "The newest part of the database was cut off: its file ending in -wal was removed. What "
        "it held was saved where that was possible. Stop Helios, delete the file ending in -shm, "
        "run `check_database` and `verify_journal`, and restore a backup if they find something."
    )


class Damaged(Trouble):
    """SQLite cannot make sense of what is in the file."""

    code = "database_damaged"
    message = f"The file of the database is damaged. {_THEN}"


class NoRoom(Trouble):
    """The disk is full."""

    code = "storage_full"
    status = 507
    message = "The disk is full: nothing was written. Free some space and repeat."
