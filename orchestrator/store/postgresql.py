"""PostgreSQL, opened so that a frozen writer cannot hold everybody up."""

from typing import Any

import structlog
from sqlalchemy import URL, create_engine, event

from orchestrator.store.database import Database

_CONNECT_TIMEOUT_S = 10
_SESSION = {
    # A process stopped in the middle of a write would keep its row locks for ever.
    "idle_in_transaction_session_timeout": "10s",
    "lock_timeout": "20s",
}
_log = structlog.get_logger(__name__)


def open_postgresql(url: URL) -> Database:
    """Return the database at ``postgresql://…``; connects when first used."""
    url = url.set(drivername="postgresql+psycopg")
    engine = create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": _CONNECT_TIMEOUT_S})
    name = url.set(drivername="postgresql").render_as_string(hide_password=True)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:  # pyright: ignore[reportUnusedFunction]  (the listener registers it)
        with connection.cursor() as cursor:
            for setting, value in _SESSION.items():
                cursor.execute("SELECT set_config(%s, %s, false)", (setting, value))
            # Without it the server acknowledges commits that a power cut can still lose.
            cursor.execute("SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'")
            cursor.execute("SELECT current_setting('fsync')")
            if cursor.fetchone() == ("off",):
                _log.warning("PostgreSQL runs with fsync off: a power cut can lose the ledger", ledger=name, way_out="set fsync = on")
        connection.commit()

    return Database(name=name, engine=engine, begin_writing="", begin_snapshot="SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
