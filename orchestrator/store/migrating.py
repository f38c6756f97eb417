"""Bringing a database to the schema this Nightshift knows."""

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, inspect, text

from orchestrator.domain.errors import LedgerUnusable
from orchestrator.store.database import Database
from orchestrator.store.tables import metadata

LATEST = "0002"
"""The newest revision in ``migrations``; known here so that an up-to-date ledger opens without importing alembic."""

_MIGRATIONS = Path(__file__).with_name("migrations")
_IN_TURN = text("SELECT pg_advisory_xact_lock(hashtext('nightshift migrations'))")
_REVISION = text("SELECT version_num FROM alembic_version")


def migrate(database: Database) -> None:
    """Create or upgrade the tables, unless they are as they should be.

    Raises:
        LedgerUnusable: If a newer Nightshift made them, or someone else's tables are in the way.
    """
    with database.reading() as connection:
        revision = _revision(connection)
    if revision == LATEST:
        return
    with database.writing() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(_IN_TURN)
        # Another process may have migrated while this one waited for its turn.
        revision = _revision(connection)
        _require_known(database.name, connection, revision)
        _upgrade(connection)


def require_current(database: Database) -> None:
    """Refuse tables that are not as this Nightshift knows them: a reader cannot upgrade them.

    Raises:
        LedgerUnusable: If they are older, newer, or not there.
    """
    with database.reading() as connection:
        revision = _revision(connection)
    if revision != LATEST:
        found = "no ledger's tables" if revision is None else f"schema revision {revision}"
        raise LedgerUnusable(
            f"{database.name} has {found}, but {LATEST} is needed to read it; "
            "open it once with this version of Nightshift where it is written"
        )


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(_REVISION).scalar()


def _require_known(name: str, connection: Connection, revision: str | None) -> None:
    from alembic.script import ScriptDirectory

    known = [script.revision for script in ScriptDirectory(str(_MIGRATIONS)).walk_revisions()]
    if revision is not None and revision not in known:
        raise LedgerUnusable(
            f"the ledger {name} has schema revision {revision}, but this Nightshift knows none later than {LATEST}; "
            "install the Nightshift that wrote it, or choose another --ledger"
        )
    foreign = set(inspect(connection).get_table_names()) & set(metadata.tables)
    if revision is None and foreign:
        raise LedgerUnusable(
            f"{name} already has tables called {', '.join(sorted(foreign))} that Nightshift did not make; choose another --ledger"
        )


def _upgrade(connection: Connection) -> None:
    _upgrade_to(connection, "head")


def _upgrade_to(connection: Connection, revision: str) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", _escaped(_MIGRATIONS))
    command.upgrade(config, revision)


def _escaped(path: Any) -> str:
    """Return a path as alembic's configuration, which interpolates per cent signs, wants it."""
    return str(path).replace("%", "%%")
