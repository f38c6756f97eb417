"""The ledger in a database: SQLite beside the experiment, or PostgreSQL for a facility."""

from collections.abc import Callable, Generator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select, text

from orchestrator.domain.access import AccessRecords
from orchestrator.domain.events import GENESIS, Draft, LedgerEvent
from orchestrator.domain.ports import Command, Holder, Lease, Summary
from orchestrator.store import holders, sql_leases, sql_summaries
from orchestrator.store.chain import ChainCheck, Row, event_of, seal
from orchestrator.store.database import Database
from orchestrator.store.leasing import Clock, utc_now
from orchestrator.store.memory_access import ReadOnlyAccess
from orchestrator.store.refusals import check_note_stream, check_summary, conflict
from orchestrator.store.sql_access import SqlAccess
from orchestrator.store.sql_commands import SqlCommands
from orchestrator.store.tables import events
from orchestrator.store.upcasters import UPCASTERS, Upcaster

_COLUMNS = tuple(column.name for column in events.columns)
_INSERT = insert(events)
_LAST = select(events.c.seq, events.c.hash).where(events.c.stream == bindparam("of")).order_by(events.c.seq.desc()).limit(1)
_STREAMS = select(events.c.stream).distinct().order_by(events.c.stream)
_AFTER = select(events).where(events.c.stream == bindparam("of"), events.c.seq > bindparam("after")).order_by(events.c.seq)
_VERIFY_ROWS = 1000
"""Rows held at once while verifying: a few megabytes."""
_NOTES_IN_TURN = text("SELECT pg_advisory_xact_lock(hashtext('nightshift notes'))")


class SqlLedger:
    """A ledger in an opened, migrated database. See ``opening.open_ledger``."""

    def __init__(
        self,
        database: Database,
        *,
        clock: Clock = utc_now,
        is_alive: Callable[[Holder], bool] = holders.is_alive,
        upcasters: Mapping[int, Upcaster] = UPCASTERS,
    ) -> None:
        self.database = database
        self._upcasters = upcasters
        self._leases = sql_leases.SqlLeases(database, clock, is_alive)
        self._commands = SqlCommands(database, clock)
        stored = SqlAccess(database)
        self.access: AccessRecords = ReadOnlyAccess(stored) if database.is_read_only else stored

    # --- events -------------------------------------------------------------------------------------------------------

    def append(
        self, stream: str, drafts: Sequence[Draft], *, expected_seq: int, lease: Lease, summary: Summary | None = None
    ) -> tuple[LedgerEvent, ...]:
        check_summary(stream, summary)
        with self.database.writing() as connection:
            sql_leases.require(connection, lease)
            seq, head = _last(connection, stream)
            if seq != expected_seq:
                raise conflict(stream, found=seq, expected=expected_seq)
            rows = seal(stream, drafts, after=seq, head=head, token=lease.token)
            connection.execute(_INSERT, rows)
            sql_summaries.project(connection, rows[-1], summary)
        return self._events(rows)

    def append_note(self, stream: str, draft: Draft) -> LedgerEvent:
        check_note_stream(stream)
        with self.database.writing() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(_NOTES_IN_TURN)
            seq, head = _last(connection, stream)
            rows = seal(stream, [draft], after=seq, head=head, token=0)
            connection.execute(_INSERT, rows)
        return self._events(rows)[0]

    def _events(self, rows: Sequence[Row]) -> tuple[LedgerEvent, ...]:
        """Decode what was stored, so that a writer sees exactly what every later reader will."""
        return tuple(event_of(row, self._upcasters) for row in rows)

    def read(self, stream: str, *, after: int = 0, limit: int | None = None) -> tuple[LedgerEvent, ...]:
        with self.database.reading() as connection:
            rows = _rows(connection, stream, after=after, limit=limit)
        return self._events(rows)

    def read_stored(self, stream: str, *, after: int = 0, limit: int | None = None) -> tuple[Row, ...]:
        with self.database.reading() as connection:
            return tuple(_rows(connection, stream, after=after, limit=limit))

    def last_seq(self, stream: str) -> int:
        with self.database.reading() as connection:
            return _last(connection, stream)[0]

    def heads(self) -> Mapping[str, int]:
        with self.database.reading() as connection:
            return sql_summaries.heads_of(connection)

    def streams(self) -> tuple[str, ...]:
        with self.database.reading() as connection:
            return tuple(connection.execute(_STREAMS).scalars())

    def verify(self, stream: str, *, head: str | None = None) -> None:
        check = ChainCheck(stream, head)
        with self.database.reading_one_moment() as connection:
            for row in _stored_rows(connection, stream):
                check.see(row)
            check.finish(sql_summaries.projected(connection, stream))

    # --- projections --------------------------------------------------------------------------------------------------

    def summaries(self) -> tuple[Summary, ...]:
        with self.database.reading() as connection:
            return sql_summaries.all_of(connection)

    def summary(self, campaign: str) -> Summary | None:
        with self.database.reading() as connection:
            return sql_summaries.one_of(connection, campaign)

    # --- leases -------------------------------------------------------------------------------------------------------

    def acquire(self, name: str, holder: Holder, *, ttl: float, take_over: bool = False) -> Lease:
        return self._leases.acquire(name, holder, ttl=ttl, take_over=take_over)

    def renew(self, lease: Lease, *, ttl: float, holder: Holder | None = None) -> None:
        self._leases.renew(lease, ttl=ttl, holder=holder)

    def release(self, lease: Lease) -> None:
        self._leases.release(lease)

    def holder(self, name: str) -> tuple[Holder, Lease, datetime] | None:
        return self._leases.holder(name)

    # --- commands -----------------------------------------------------------------------------------------------------

    def send(self, command: Command) -> Command:
        return self._commands.send(command)

    def commands(self, campaign: str) -> tuple[Command, ...]:
        return self._commands.open(campaign)

    def inbox(self) -> tuple[Command, ...]:
        return self._commands.inbox()

    def finish(self, command: Command) -> None:
        self._commands.finish(command)

    def close(self) -> None:
        self.database.close()


def _last(connection: Connection, stream: str) -> tuple[int, str]:
    """Return sequence number and hash of a stream's last event."""
    row = connection.execute(_LAST, {"of": stream}).one_or_none()
    return (0, GENESIS) if row is None else (row.seq, row.hash)


def _rows(connection: Connection, stream: str, *, after: int, limit: int | None) -> list[Row]:
    """Return a stream's rows in order, as stored."""
    found = connection.execute(_AFTER.limit(limit), {"of": stream, "after": after})
    return [dict(zip(_COLUMNS, row, strict=True)) for row in found]


def _stored_rows(connection: Connection, stream: str) -> Generator[Row]:
    """Yield all of a stream's rows, holding one batch at a time."""
    after = 0
    while rows := _rows(connection, stream, after=after, limit=_VERIFY_ROWS):
        yield from rows
        after = rows[-1]["seq"]
