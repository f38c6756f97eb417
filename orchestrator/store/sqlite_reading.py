"""SQLite, opened for reading only: a file others write, or a copy where nothing can be written."""

import os
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.exc import DisconnectionError

from orchestrator.domain.errors import LedgerUnusable
from orchestrator.store.database import Database
from orchestrator.store.folders import NETWORK_FILESYSTEMS, filesystem_of
from orchestrator.store.sqlite import DRIVER, LOCK_TIMEOUT_S, POOL, text_of

_Seen = tuple[object, ...]
"""What tells a file from the one it was when a connection was made."""


def open_sqlite_for_reading(
    url: URL, *, driver: ModuleType | Any = DRIVER, filesystem_of: Callable[[Path], str] = filesystem_of
) -> Database:
    """Return the database in an existing file, which this process will never write.

    A file written elsewhere on this machine is read along with its log. A copy may be replaced while it is open.

    Args:
        url: ``sqlite:///path``.
        driver: A DB-API module of SQLite.
        filesystem_of: Tells the type of the file system a path is on.

    Raises:
        LedgerUnusable: If there is no such file.
    """
    path = Path(url.database or "").expanduser().absolute()
    if not path.is_file():
        raise LedgerUnusable(f"there is no ledger {path} to read; name the file another Nightshift writes, or a copy of it")
    is_shared = filesystem_of(path) not in NETWORK_FILESYSTEMS

    def connect() -> Any:
        return _connect(path, driver, is_shared=is_shared)

    engine = create_engine(URL.create("sqlite", database=str(path)), module=driver, creator=connect, **POOL)
    _follow(engine, path)
    return Database(name=str(path), engine=engine, begin_writing="", begin_snapshot="BEGIN", is_read_only=True)


def _connect(path: Path, driver: ModuleType | Any, *, is_shared: bool) -> Any:
    """Return a connection that cannot write.

    Args:
        path: The file.
        driver: A DB-API module of SQLite.
        is_shared: Whether writers of the file share this machine's memory, so that its log can be read.
    """
    if _has_log(path) and not is_shared:
        raise LedgerUnusable(
            f"the ledger {path} is being written, or was copied while it was, and is on a network file system, where its log "
            "cannot be read; use PostgreSQL to read from another machine, or copy the ledger after its writers have ended"
        )
    # SQLite wants to lay a log beside the file even to read it; what nobody writes can be read without one.
    is_at_rest = not _has_log(path) and (not is_shared or not os.access(path.parent, os.W_OK))
    uri = f"file:{quote(str(path))}?mode=ro{'&immutable=1' if is_at_rest else ''}"
    connection = driver.connect(uri, uri=True, timeout=LOCK_TIMEOUT_S, isolation_level=None, check_same_thread=False)
    connection.text_factory = text_of
    connection.execute("PRAGMA query_only=ON")
    return connection


def _has_log(path: Path) -> bool:
    """Return whether there is a write-ahead log beside the file with something in it."""
    try:
        return path.with_name(path.name + "-wal").stat().st_size > 0
    except FileNotFoundError:
        return False


def _follow(engine: Engine, path: Path) -> None:
    """Let no pooled connection go on reading a copy that was replaced, or a file at rest that is written again."""

    @event.listens_for(engine, "connect")
    def remember(_connection: Any, record: Any) -> None:  # pyright: ignore[reportUnusedFunction]  (the listener registers it)
        record.info["seen"] = _seen(path)

    @event.listens_for(engine, "checkout")
    def compare(_connection: Any, record: Any, _proxy: object) -> None:  # pyright: ignore[reportUnusedFunction]  (as above)
        if record.info["seen"] != _seen(path):
            raise DisconnectionError(f"{path} was replaced or is written again")


def _seen(path: Path) -> _Seen:
    try:
        file = path.stat()
    except FileNotFoundError:
        return ()
    # Without a log, the file's own change is the only sign; with one, the file changes while its readers need not care.
    at_rest = () if _has_log(path) else (file.st_mtime_ns, file.st_size)
    return (file.st_dev, file.st_ino, at_rest)
