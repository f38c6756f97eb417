"""Leases in a database."""

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, select, text, update

from orchestrator.domain.ports import Holder, Lease
from orchestrator.store.database import Database
from orchestrator.store.leasing import Clock, LeaseRecord, lost, replacing
from orchestrator.store.tables import leases

_FIND = select(leases).where(leases.c.name == bindparam("lease"))
_LOCK = _FIND.with_for_update()
"""SQLite ignores the clause: there a writer has the whole database already."""
_ENSURE = text("INSERT INTO leases (name, token, taken_from) VALUES (:lease, 0, '') ON CONFLICT (name) DO NOTHING")
_CHANGE = update(leases).where(leases.c.name == bindparam("lease"))


class SqlLeases:
    """The leases table."""

    def __init__(self, database: Database, clock: Clock, is_alive: Callable[[Holder], bool]) -> None:
        self._database = database
        self._clock = clock
        self._is_alive = is_alive

    def acquire(self, name: str, holder: Holder, *, ttl: float, take_over: bool) -> Lease:
        with self._database.writing() as connection:
            connection.execute(_ENSURE, {"lease": name})
            record = _record(connection.execute(_LOCK, {"lease": name}).mappings().one())
            is_held_alive = record.holder is not None and self._is_alive(record.holder)
            now = self._clock()
            taken_from = replacing(record, holder, now=now, take_over=take_over, is_held_alive=is_held_alive)
            taken = LeaseRecord(name, record.token + 1, holder, taken_from, now + timedelta(seconds=ttl))
            _store(connection, taken)
        return taken.lease

    def renew(self, lease: Lease, *, ttl: float, holder: Holder | None) -> None:
        with self._database.writing() as connection:
            record = require(connection, lease)
            expires_at = self._clock() + timedelta(seconds=ttl)
            _store(connection, replace(record, holder=holder or record.holder, expires_at=expires_at))

    def release(self, lease: Lease) -> None:
        with self._database.writing() as connection:
            record = _locked(connection, lease.name)
            if record is not None and record.is_held_by(lease):
                _store(connection, LeaseRecord(record.name, record.token))

    def holder(self, name: str) -> tuple[Holder, Lease, datetime] | None:
        with self._database.reading() as connection:
            row = connection.execute(_FIND, {"lease": name}).mappings().one_or_none()
        record = None if row is None else _record(row)
        if record is None or record.holder is None or record.expires_at is None:
            return None
        return record.holder, record.lease, record.expires_at


def require(connection: Connection, lease: Lease) -> LeaseRecord:
    """Lock the lease until the transaction ends. Raises LeaseLost if its token is not the current one."""
    record = _locked(connection, lease.name)
    if record is None or not record.is_held_by(lease):
        raise lost(record, lease)
    return record


def _locked(connection: Connection, name: str) -> LeaseRecord | None:
    row = connection.execute(_LOCK, {"lease": name}).mappings().one_or_none()
    return None if row is None else _record(row)


def _store(connection: Connection, record: LeaseRecord) -> None:
    connection.execute(
        _CHANGE,
        {
            "lease": record.name,
            "token": record.token,
            "holder": None if record.holder is None else json.dumps(asdict(record.holder)),
            "taken_from": record.taken_from,
            "expires_at": None if record.expires_at is None else record.expires_at.isoformat(),
        },
    )


def _record(row: RowMapping | dict[str, Any]) -> LeaseRecord:
    return LeaseRecord(
        name=row["name"],
        token=row["token"],
        holder=None if row["holder"] is None else Holder(**json.loads(row["holder"])),
        taken_from=row["taken_from"],
        expires_at=None if row["expires_at"] is None else datetime.fromisoformat(row["expires_at"]),
    )
