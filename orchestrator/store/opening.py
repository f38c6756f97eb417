"""From a URL to a ledger."""

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from orchestrator.domain.errors import LedgerUnusable, NightshiftError
from orchestrator.domain.ports import Ledger
from orchestrator.store.database import Database
from orchestrator.store.folders import filesystem_of
from orchestrator.store.leasing import Clock, utc_now
from orchestrator.store.memory import MemoryLedger
from orchestrator.store.migrating import migrate, require_current
from orchestrator.store.postgresql import open_postgresql
from orchestrator.store.sql import SqlLedger
from orchestrator.store.sqlite import open_sqlite
from orchestrator.store.sqlite_reading import open_sqlite_for_reading

_EXAMPLES = "sqlite:///path/to/ledger.db, postgresql://user@host/database or memory:"


def default_url(folder: Path) -> str:
    """Return the URL of the SQLite ledger in a folder."""
    return URL.create("sqlite", database=str(folder / "ledger.db")).render_as_string(hide_password=False)


def open_ledger(
    url: str, *, clock: Clock = utc_now, filesystem_of: Callable[[Path], str] = filesystem_of, read_only: bool = False
) -> Ledger:
    """Return a ledger ready for use; a new one is created, an old one upgraded.

    Args:
        url: ``sqlite:///path``, ``postgresql://…`` or ``memory:``.
        clock: What leases and commands are timed by; UTC.
        filesystem_of: Tells the type of the file system a path is on.
        read_only: Open what another Nightshift writes, and never write: nothing is created or upgraded.

    Raises:
        LedgerUnusable: If it cannot be opened or written, is on a network file system, or was written by a newer Nightshift.
    """
    if url == "memory:" and read_only:
        raise LedgerUnusable(
            "memory: is empty and nobody else writes it, so there is nothing to read; write sqlite:///path or postgresql://…"
        )
    if url == "memory:":
        return MemoryLedger(clock=clock)
    database = _open(url, filesystem_of, read_only)
    try:
        require_current(database) if read_only else migrate(database)
    except NightshiftError as error:
        database.close()
        raise LedgerUnusable(str(error)) from error
    if database.ballast is not None:
        database.ballast.fill()
    return SqlLedger(database, clock=clock)


def _open(url: str, filesystem_of: Callable[[Path], str], read_only: bool) -> Database:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise LedgerUnusable(f"{url!r} is not a ledger's URL; write {_EXAMPLES}") from None
    match parsed.get_backend_name():
        case "sqlite":
            open_file = open_sqlite_for_reading if read_only else open_sqlite
            return open_file(parsed, filesystem_of=filesystem_of)
        case "postgresql":
            return open_postgresql(parsed, read_only=read_only)
        case other:
            raise LedgerUnusable(f"a ledger cannot be kept in {other}; write {_EXAMPLES}")
