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


def open_postgresql(url: URL, *, read_only: bool = False) -> Database:
    """Return the database at ``postgresql://…``; connects when first used. Read-only, the server refuses every write too."""
    url = url.set(drivername="postgresql+psycopg")
    engine = create_engine(url, pool_pre_ping=True, pool_size=5, max_overflow=40, connect_args={"connect_timeout": _CONNECT_TIMEOUT_S})
    name = url.set(drivername="postgresql").render_as_string(hide_password=True)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:  # pyright: ignore[reportUnusedFunction]  (the listener registers it)
        with connection.cursor() as cursor:
            session = {**_SESSION, "default_transaction_read_only": "on"} if read_only else _SESSION
            for setting, value in session.items():
                cursor.execute("SELECT set_config(%s, %s, false)", (setting, value))
            # Without it the server acknowledges commits that a power cut can still lose.
            cursor.execute("SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'")
            cursor.execute("SELECT current_setting('fsync')")
            if cursor.fetchone() == ("off",):
                _log.warning("PostgreSQL runs with fsync off: a power cut can lose the ledger", ledger=name, way_out="set fsync = on")
        connection.commit()

    return Database(
        name=name,
        engine=engine,
        begin_writing="",
        begin_snapshot="SET TRANSACTION ISOLATION LEVEL REPEATABLE READ",
        is_read_only=read_only,
    )
