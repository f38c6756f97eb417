"""A database's errors in Nightshift's words."""

from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft

from orchestrator.domain.errors import LedgerCorrupt, LedgerError, LedgerFull, LedgerUnusable, NightshiftError, SequenceConflict

_FULL = frozenset({"SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_IOERR_SHMSIZE", "53100"})
"""A full disk surfaces as an I/O error where SQLite extends its shared-memory file."""
_LOCKED = frozenset({"SQLITE_BUSY", "SQLITE_BUSY_RECOVERY", "SQLITE_BUSY_SNAPSHOT", "SQLITE_LOCKED", "55P03"})
_CORRUPT = frozenset({"SQLITE_CORRUPT", "SQLITE_CORRUPT_INDEX", "XX001", "XX002"})
_READ_ONLY = frozenset({"SQLITE_READONLY", "SQLITE_READONLY_DIRECTORY", "SQLITE_READONLY_DBMOVED", "SQLITE_CANTOPEN", "SQLITE_PERM"})
_UNREADABLE = _READ_ONLY | {"SQLITE_READONLY_ROLLBACK", "SQLITE_READONLY_RECOVERY", "SQLITE_READONLY_CANTINIT", "SQLITE_READONLY_CANTLOCK"}
_FORBIDDEN = frozenset({"25006", "42501"})


def code_of(error: DBAPIError) -> str:
    """Return the database's own code: SQLite's name for it, or PostgreSQL's SQLSTATE; empty if there is none."""
    return str(getattr(error.orig, "sqlite_errorname", None) or getattr(error.orig, "sqlstate", None) or "")


def is_full(error: DBAPIError) -> bool:
    return code_of(error) in _FULL


def unreadable(error: DBAPIError, name: str) -> NightshiftError:
    """Return what to raise instead where the database was opened for reading only."""
    if code_of(error) in _UNREADABLE:
        return LedgerUnusable(
            f"the ledger {name} cannot be read: {error.orig}; it may have been moved, or copied while it was written, and its last changes "
            "lie in a log beside it that cannot be worked in here: give this user write access to its folder, or copy it again at rest"
        )
    return translated(error, name)


def overcrowded(error: NoConnectionLeft, name: str) -> NightshiftError:
    """Return what to raise when every connection stayed in use."""
    return LedgerError(f"the ledger {name} is in use by too many at once: {error}; try again in a moment")


def translated(error: DBAPIError, name: str) -> NightshiftError:
    """Return what to raise instead.

    Args:
        error: What the database said.
        name: What people call the database.
    """
    code = code_of(error)
    if isinstance(error, IntegrityError):
        return SequenceConflict(f"the ledger {name} already holds that event: someone else appended; read the stream again, then append")
    if code in _FULL:
        return LedgerFull(f"the disk holding the ledger {name} is full; free some space, then resume")
    if code in _LOCKED:
        return LedgerError(f"the ledger {name} stayed locked: another process is stuck while writing; end that process, then resume")
    if code == "SQLITE_NOTADB":
        return LedgerUnusable(f"the file {name} is no SQLite database; choose another --ledger")
    if not code:
        return LedgerError(f"the ledger {name} cannot be reached: {error.orig}; check that the server runs and that the URL is right")
    if code in _CORRUPT:
        return LedgerCorrupt(f"the ledger {name} is damaged: {error.orig}; restore it from a backup")
    if code in _READ_ONLY | _FORBIDDEN:
        return LedgerUnusable(f"the ledger {name} cannot be written: {error.orig}; give this user write access, or choose another --ledger")
    return LedgerError(f"the ledger {name} refused: {error.orig}; nothing of this transaction counts until it is read back")
