"""The command inbox in a database: rows survive a crash of either side."""

import json
from dataclasses import replace
from datetime import datetime

from sqlalchemy import RowMapping, bindparam, insert, select, update

from orchestrator.domain.access import Role
from orchestrator.domain.events import ordered_json
from orchestrator.domain.ports import Command
from orchestrator.store.database import Database
from orchestrator.store.leasing import Clock
from orchestrator.store.tables import commands

_INSERT = insert(commands)
_OPEN = select(commands).where(commands.c.campaign == bindparam("of"), commands.c.done_at.is_(None)).order_by(commands.c.id)
_INBOX = select(commands).where(commands.c.done_at.is_(None)).order_by(commands.c.id)
_FINISH = update(commands).where(commands.c.id == bindparam("done"), commands.c.done_at.is_(None))


class SqlCommands:
    """The commands table."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def send(self, command: Command) -> Command:
        columns = {
            "campaign": command.campaign,
            "at": command.at.isoformat(),
            "actor": command.actor,
            "verb": command.verb,
            "trial": command.trial,
            "note": command.note,
            "is_now": command.is_now,
            "suggestion_hash": command.suggestion_hash,
            "content": ordered_json(dict(command.content)),
            "role": str(command.role),
        }
        with self._database.writing() as connection:
            key = connection.execute(_INSERT, columns).inserted_primary_key
        assert key is not None
        return replace(command, id=key[0])

    def open(self, campaign: str) -> tuple[Command, ...]:
        """Return the commands not yet done, oldest first."""
        with self._database.reading() as connection:
            rows = connection.execute(_OPEN, {"of": campaign}).mappings().all()
        return tuple(_command(row) for row in rows)

    def inbox(self) -> tuple[Command, ...]:
        """Return the commands of all campaigns not yet done, oldest first."""
        with self._database.reading() as connection:
            rows = connection.execute(_INBOX).mappings().all()
        return tuple(_command(row) for row in rows)

    def finish(self, command: Command) -> None:
        with self._database.writing() as connection:
            connection.execute(_FINISH, {"done": command.id, "done_at": self._clock().isoformat()})


def _command(row: RowMapping) -> Command:
    return Command(
        id=row["id"],
        campaign=row["campaign"],
        at=datetime.fromisoformat(row["at"]),
        actor=row["actor"],
        verb=row["verb"],
        trial=row["trial"],
        note=row["note"],
        is_now=row["is_now"],
        suggestion_hash=row["suggestion_hash"],
        content=json.loads(row["content"]),
        role=Role(row["role"]),
    )
