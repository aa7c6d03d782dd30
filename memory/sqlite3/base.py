"""The backend: Django's own, but it looks at its file before each query.

SQLite would go on for ever in a file that was deleted, and whoever opens it next would get a
new empty one. Here a query fails instead (`troubles`). A file that was put in the place of
another, by a restore for example, is opened anew between two transactions.

Once Helios has started on a database, a note lies beside it (`remember`). While it is there, no
new database is made in the place of one that is gone.
"""

import os
import sqlite3
from pathlib import Path
from types import TracebackType
from typing import Any

from django.db.backends.sqlite3 import base
from django.db.utils import DatabaseErrorWrapper
from django.utils.functional import cached_property

from memory.sqlite3.troubles import Damaged, Gone, LogGone, NoRoom, Trouble

Identity = tuple[int, int] | None
_NOTE = (
    "Helios keeps its database beside this file. While this file is here, no new database is "
    "made in the place of one that is gone.\n"
)
_seen: set[str] = set()
_TROUBLES: dict[int, type[Trouble]] = {
    sqlite3.SQLITE_CORRUPT: Damaged,
    sqlite3.SQLITE_NOTADB: Damaged,
    sqlite3.SQLITE_FULL: NoRoom,
    sqlite3.SQLITE_IOERR: Trouble,
    sqlite3.SQLITE_CANTOPEN: Trouble,
    sqlite3.SQLITE_READONLY: Trouble,
}


def _note(name: str) -> Path:
    return Path(f"{name}.made")


def remember(name: str) -> None:
    """Leave the note that this database was used."""
    if not _note(name).exists():
        _note(name).write_text(_NOTE)


def is_remembered(name: str) -> bool:
    """Was this database used before? This process remembers it without the note as well."""
    if str(name) not in _seen and _note(name).exists():
        _seen.add(str(name))
    return str(name) in _seen


def _about(name: str) -> tuple[Identity, int]:
    """Device and number of a file, and its bytes; None and 0 where it is not there."""
    try:
        found = os.stat(name)  # noqa: PTH116  before each query: Path takes thrice as long
    except OSError:
        return None, 0
    return (found.st_dev, found.st_ino), found.st_size


def _identity(name: str) -> Identity:
    return _about(name)[0]


class _Errors(DatabaseErrorWrapper):
    """Django's, but trouble with the file is said as such."""

    def __init__(self, connection: "DatabaseWrapper") -> None:
        super().__init__(connection)
        self.connection = connection

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the rest of it says more exactly
        if code in _TROUBLES:
            self.connection.errors_occurred = True
            raise _TROUBLES[code]() from error
        super().__exit__(kind, error, traceback)


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection to one file and no other."""

    @cached_property
    def wrap_database_errors(self) -> DatabaseErrorWrapper:
        """What turns errors of sqlite3 into Django's."""
        return _Errors(self)

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Open the file; it is made only where none was before."""
        name = self._name
        if is_remembered(name):
            if _about(name)[1] == 0:
                raise Gone
            conn_params = conn_params | {
                "database": f"{Path(name).absolute().as_uri()}?mode=rw"
            }
        if _log_was_removed(name):
            raise LogGone
        opened = super().get_new_connection(conn_params)
        self._file, self._bytes = _about(name)
        self._log: Identity = None
        return opened

    def _cursor(self, name: Any = None) -> Any:
        if self.connection is not None and self.autocommit:  # else there is a commit to come
            self._look()
        return super()._cursor(name)  # type: ignore[misc]

    def _commit(self) -> None:
        if self.connection is not None:
            self._look()
        super()._commit()  # type: ignore[misc]

    def _look(self) -> None:
        """Raise what is wrong with the file; let go of one that was replaced."""
        there, size = _about(self._name)
        if there == self._file:
            self._look_at_log()
            if size < self._bytes:
                self._look_inside(size)
            self._bytes = size
        elif there is None or not self.autocommit:
            raise Gone
        else:
            self.close()

    def _look_at_log(self) -> None:
        log = _identity(f"{self._name}-wal")
        if self._log is None:  # SQLite makes it when it is needed
            self._log = log
        if log == self._log:
            return
        if log is None and self.autocommit:
            # Who had the log open can still read it, and nobody can begin another.
            with self.wrap_database_errors:
                self.connection.execute("PRAGMA wal_checkpoint").fetchall()
        raise LogGone

    def _look_inside(self, size: int) -> None:
        """A file that became smaller was compacted, or cut off."""
        with self.wrap_database_errors:
            pages, of = self._pragma("page_count"), self._pragma("page_size")
            # The rest may wait in the log, so only SQLite can tell.
            if pages * of > size and not self._is_whole():
                raise Damaged

    def _is_whole(self) -> bool:
        self.connection.execute("PRAGMA shrink_memory")  # or it would look at what it remembers
        return bool(self._pragma("quick_check(1)") == "ok")

    def _pragma(self, name: str) -> Any:
        return self.connection.execute(f"PRAGMA {name}").fetchone()[0]

    @property
    def _name(self) -> str:
        return str(self.settings_dict["NAME"])


def _log_was_removed(name: str) -> bool:
    """Is the log's index there without the log? SQLite makes it later and removes it earlier.

    Looked at twice, as another process may be opening or closing the database.
    """
    log, index = f"{name}-wal", f"{name}-shm"
    return not any((_identity(log), not _identity(index), _identity(log)))
