"""`make test`: the suite on SQLite, then what touches the database again on PostgreSQL.

Two processes share the tests. Those that drive a browser or kill real processes come after
the others, which would keep them from their processors. One of them that fails is run once
more, and both are told: a machine that stalls for seconds is not a fault of Helios, a test
that needs its second run every time is. Arguments run pytest once, with them.

PostgreSQL is found at HELIOS_TEST_POSTGRES, else at postgres://postgres@127.0.0.1:5432/test.
Where none answers, the second run is left out, and that is said.
"""

import os
import subprocess
import sys

import psycopg

ADDRESS = os.environ.get("HELIOS_TEST_POSTGRES") or "postgres://postgres@127.0.0.1:5432/test"

# In order: by itself xdist leaves the files of few tests for the end, and the longest have few.
SHARED = ("-n", "2", "--dist", "loadfile", "--no-loadscope-reorder")
ONCE_MORE = ("--reruns", "1", "-raR")


def say(text: str) -> None:
    """A line between the lines of pytest, in the right order."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def run(*options: str, **extra: str) -> int:
    """pytest in a process of its own; returns its exit status."""
    environment = {k: v for k, v in os.environ.items() if k != "HELIOS_TEST_POSTGRES"}
    command = [sys.executable, "-m", "pytest", *options]
    return subprocess.call(command, env=environment | extra)


def answers(address: str) -> bool:
    """Is a PostgreSQL server there, with the right to make a test database?"""
    try:
        psycopg.connect(address, connect_timeout=3).close()
    except psycopg.OperationalError as error:
        say(f"PostgreSQL at {address} does not answer: {str(error).splitlines()[0]}")
        return False
    return True


def main() -> int:
    """Exit status of the first run that failed, else 0."""
    chosen = sys.argv[1:]
    if chosen:
        return run(*chosen)
    status = run(*SHARED, "-m", "not browser and not faults")
    status = status or run(*SHARED, *ONCE_MORE, "-m", "browser or faults")
    if status:
        return status
    if not answers(ADDRESS):
        say("The second run, on PostgreSQL, is left out.")
        return 0
    say("The tests that use the database, again on PostgreSQL:")
    return run(*SHARED, HELIOS_TEST_POSTGRES=ADDRESS)


if __name__ == "__main__":
    sys.exit(main())
