#!/usr/bin/env python3
"""Django's command line, with Helios's home prepared and refusals said in one line."""

import errno
import os
import sys
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import OperationalError, ProgrammingError

from helios_site.home import prepare_home
from memory.refusals import Refusal
from memory.sqlite3.troubles import Trouble

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
# How SQLite and PostgreSQL say that a table, or a column of a newer version, is not there.
MISSING = ("no such table", "no such column", "does not exist")


def main() -> None:
    """Run the command; a refusal or a bad setting is one line and exit status 2."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helios_site.settings")
    # One thread per process, before any library reads it: the queue's workers share the
    # cores already, and a fork after a pool of threads has started would hang.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    home = Path(os.environ.get("HELIOS_HOME") or Path(__file__).parent / "var").resolve()
    try:
        prepare_home(home)
        execute_from_command_line(sys.argv)
    except OSError as error:
        if error.errno in NO_ROOM:  # pyarrow names no file
            sys.stderr.write(
                f"error: nothing more can be written: {os.strerror(error.errno)}\n"
            )
            sys.exit(2)
        if error.filename is None or not Path(str(error.filename)).is_relative_to(home):
            raise
        sys.stderr.write(f"error: {error.filename}: {error.strerror}\n")
        sys.exit(2)
    except (Refusal, ImproperlyConfigured) as error:
        sys.stderr.write(f"error: {error}\n")
        sys.exit(2)
    except (OperationalError, ProgrammingError) as error:
        if "--traceback" in sys.argv:
            raise
        sys.stderr.write(f"error: {about_database(error, home)}\n")
        sys.exit(2)


def about_database(error: Exception, home: Path) -> str:
    """What a database that cannot be asked lacks, in a line."""
    text = str(error).strip().splitlines()[0]
    if isinstance(error, Trouble):
        return f"{text} ({home})"
    if any(words in text for words in MISSING):
        return f"The database of {home} is not prepared ({text}): run `manage.py migrate`."
    return f"The database does not answer: {text}"


if __name__ == "__main__":
    main()
