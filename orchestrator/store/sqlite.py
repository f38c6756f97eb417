"""SQLite, opened so that a committed append survives a power cut."""

import os
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import structlog
from sqlalchemy import URL, create_engine, event

from orchestrator.domain.errors import LedgerUnusable
from orchestrator.store.ballast import Ballast
from orchestrator.store.database import Database
from orchestrator.store.folders import NETWORK_FILESYSTEMS, filesystem_of, make_folder

try:
    import pysqlite3.dbapi2 as _bundled  # pyright: ignore[reportMissingTypeStubs]  (it ships none)
except ImportError:
    _bundled = None

DRIVER: Any = _bundled or sqlite3
"""The bundled SQLite where there is one: the system's own is often years old."""

LOCK_TIMEOUT_S = 10.0
"""How long to wait for whoever writes."""
POOL: dict[str, Any] = {"pool_size": 10, "max_overflow": 40}
"""Enough connections that none of an API's threads, which are 40, waits for another."""
_FIRST_WITH_RESET_BUG, _FIRST_WITHOUT = (3, 7, 0), (3, 51, 3)
_BACKPORTS = ((3, 44, 6), (3, 50, 7))
_log = structlog.get_logger(__name__)


def has_wal_reset_bug(version: tuple[int, int, int]) -> bool:
    """Return whether this SQLite can lose committed transactions in WAL mode.

    Two connections that write and checkpoint at the same instant can reset the log under each other.

    Source:
        SQLite's documentation of write-ahead logging: 3.7.0 to 3.51.2, fixed in 3.51.3, 3.50.7 and 3.44.6.
    """
    is_backported = any(version[:2] == fixed[:2] and version >= fixed for fixed in _BACKPORTS)
    return _FIRST_WITH_RESET_BUG <= version < _FIRST_WITHOUT and not is_backported


def open_sqlite(url: URL, *, driver: ModuleType | Any = DRIVER, filesystem_of: Callable[[Path], str] = filesystem_of) -> Database:
    """Return the database in a file; file and folder are created if need be.

    Args:
        url: ``sqlite:///path``.
        driver: A DB-API module of SQLite.
        filesystem_of: Tells the type of the file system a path is on.

    Raises:
        LedgerUnusable: If the file cannot be written, or is on a network file system.
    """
    path = _usable_path(url, filesystem_of)
    engine = create_engine(
        url.set(drivername="sqlite", database=str(path)),
        module=driver,
        connect_args={"timeout": LOCK_TIMEOUT_S, "isolation_level": None},
        **POOL,
    )
    journal, synchronous = _durability(driver.sqlite_version_info, path)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:  # pyright: ignore[reportUnusedFunction]  (the listener registers it)
        connection.text_factory = text_of
        _set_journal(connection, journal, driver.OperationalError)
        connection.execute(f"PRAGMA synchronous={synchronous}")

    return Database(
        name=str(path),
        engine=engine,
        # A transaction that reads first and writes later fails at once when another wrote in between, whatever the timeout.
        begin_writing="BEGIN IMMEDIATE",
        begin_snapshot="BEGIN",
        ballast=Ballast(path),
    )


def text_of(stored: bytes) -> str:
    """Return a text as stored. A flipped bit can break UTF-8; verify must still be able to read the row and name it."""
    return stored.decode("utf-8", "surrogateescape")


def _durability(version: tuple[int, int, int], path: Path) -> tuple[str, str]:
    """Return journal mode and synchronous level that keep every acknowledged commit."""
    if not has_wal_reset_bug(version):
        return "WAL", "FULL"
    written = ".".join(map(str, version))
    _log.warning("SQLite has the WAL-reset bug; appends are slower", sqlite=written, ledger=str(path), way_out="pip install pysqlite3")
    return "DELETE", "EXTRA"


def _set_journal(connection: Any, journal: str, busy: type[Exception]) -> None:
    """Switch the journal mode, waiting for other processes that open the same new file: SQLite itself does not wait here."""
    deadline = time.monotonic() + LOCK_TIMEOUT_S
    while (mode := _try_journal(connection, journal, busy)) != journal:
        if time.monotonic() > deadline:
            raise LedgerUnusable(
                f"the ledger's journal mode is {mode} but must be {journal}; "
                "close whatever else has it open, or choose a --ledger on another disk"
            )
        time.sleep(0.01)


def _try_journal(connection: Any, journal: str, busy: type[Exception]) -> str:
    try:
        return connection.execute(f"PRAGMA journal_mode={journal}").fetchone()[0].upper()
    except busy:
        return "LOCKED"


def _usable_path(url: URL, filesystem_of: Callable[[Path], str]) -> Path:
    if not url.database or url.database == ":memory:":
        raise LedgerUnusable(f"the ledger {url} names no file; write sqlite:///path, or memory: for one that is gone when the process ends")
    path = Path(url.database).expanduser().absolute()
    filesystem = filesystem_of(path)
    if filesystem in NETWORK_FILESYSTEMS:
        raise LedgerUnusable(
            f"the ledger {path} is on a network file system ({filesystem}), where SQLite loses or damages data; "
            "choose a --ledger on a local disk, or PostgreSQL"
        )
    _require_writable(path)
    return path


def _require_writable(path: Path) -> None:
    try:
        make_folder(path.parent)
    except OSError as error:
        raise LedgerUnusable(
            f"the folder {path.parent} of the ledger cannot be created: {error.strerror}; choose another --ledger"
        ) from error
    if path.is_dir():
        raise LedgerUnusable(f"the ledger {path} is a folder; name a file in it, for example {path / 'ledger.db'}")
    # SQLite puts its journal beside the file, so the folder must be writable too.
    for needed in (path.parent, *([path] if path.exists() else [])):
        if not os.access(needed, os.W_OK):
            raise LedgerUnusable(f"{needed} cannot be written; give this user write access, or choose another --ledger")
