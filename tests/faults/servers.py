"""Redis and PostgreSQL of a test's own, on free ports, to be killed and started again."""

import getpass
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from copy import copy
from pathlib import Path

import psycopg
import redis

from tests.faults.house import until
from tests.ports import free_port

START_SECONDS = 20.0
# Killed processes are the fault here, not a power cut: nothing needs to reach the disk.
QUICK = "-c fsync=off -c full_page_writes=off -c shared_buffers=16MB"


def program(name: str) -> str | None:
    """The path of a server's program; Debian keeps PostgreSQL's out of PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return shutil.which(name) or (str(found[-1]) if found else None)


def missing() -> str:
    """What these servers lack here, "" when they can be started."""
    absent = [name for name in ("redis-server", "initdb", "pg_ctl") if not program(name)]
    if absent:
        return f"not installed here: {', '.join(absent)}"
    if os.geteuid() == 0 and not _account():
        return "PostgreSQL does not run as root, and there is no account named postgres"
    return ""


def _account() -> str | None:
    """Whom PostgreSQL runs as when this process is root's."""
    with suppress(KeyError):
        return pwd.getpwnam("postgres").pw_name
    return None


class RedisServer:
    """A broker that keeps nothing on disk: a restart loses every task."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.start()

    def start(self) -> None:
        command = [program("redis-server"), "--port", str(self.port), "--bind", "127.0.0.1"]
        quiet = ["--save", "", "--appendonly", "no", "--loglevel", "warning"]
        self.process = subprocess.Popen([*command, *quiet], stdout=subprocess.DEVNULL)
        until(self._answers, START_SECONDS, "the start of Redis")

    def _answers(self) -> bool:
        with suppress(redis.ConnectionError), redis.Redis.from_url(self.url) as client:
            return bool(client.ping())
        return False

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


class PostgresServer:
    """A cluster in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.user = _account() if os.geteuid() == 0 else getpass.getuser()
        self.url = f"postgres://{self.user}@127.0.0.1:{self.port}/postgres"
        if os.geteuid() == 0:
            shutil.chown(folder, self.user)
        self._run("initdb", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8")
        self.start()

    def _run(self, name: str, *options: str) -> None:
        command = [program(name), "-D", str(self.folder / "data"), *options]
        user = self.user if os.geteuid() == 0 else None
        # not captured: the server inherits the pipes, and they would never end
        subprocess.run(
            command,
            user=user,
            cwd=self.folder,
            check=True,
            stdout=subprocess.DEVNULL,
            timeout=60,
        )

    def start(self) -> None:
        where = f"-p {self.port} -c listen_addresses=127.0.0.1 -k {self.folder}"
        log = str(self.folder / "log")
        self._run("pg_ctl", "start", "-w", "-l", log, "-o", f"{where} {QUICK}")

    def stop(self) -> None:
        """As after a crash: no goodbye to clients, recovery at the next start."""
        self._run("pg_ctl", "stop", "-w", "-m", "immediate")

    def another(self, name: str) -> "PostgresServer":
        """The same server, with an empty database of this name."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        made = copy(self)
        made.url = f"{self.url.rpartition('/')[0]}/{name}"
        return made

    def rows(self, query: str, *values: object) -> list[tuple]:
        with psycopg.connect(self.url) as connection:
            return connection.execute(query, values).fetchall()


@contextmanager
def redis_server() -> Iterator[RedisServer]:
    server = RedisServer()
    try:
        yield server
    finally:
        server.kill()


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    folder = Path(tempfile.mkdtemp(prefix="helios-postgres-"))
    try:
        server = PostgresServer(folder)
        try:
            yield server
        finally:
            with suppress(subprocess.CalledProcessError):  # a test may have stopped it
                server.stop()
    finally:
        shutil.rmtree(folder)
