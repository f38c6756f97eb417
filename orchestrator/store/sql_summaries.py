"""The campaigns' projection in a database, kept in step with the events inside the same transaction."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, select, text, update

from orchestrator.domain.events import ordered_json
from orchestrator.domain.ports import Summary
from orchestrator.store.chain import Row
from orchestrator.store.tables import campaigns

_COLUMNS = tuple(column.name for column in campaigns.columns)
# The names are our own columns.
_UPSERT = text(
    f"INSERT INTO campaigns ({', '.join(_COLUMNS)}) VALUES ({', '.join(f':{name}' for name in _COLUMNS)}) "  # nosec B608
    f"ON CONFLICT (campaign) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in _COLUMNS[1:])}"
)
_FOLLOW = update(campaigns).where(campaigns.c.campaign == bindparam("of"))
_ALL = select(campaigns).order_by(campaigns.c.created_at.desc(), campaigns.c.campaign.desc())
_ONE = select(campaigns).where(campaigns.c.campaign == bindparam("of"))
_HEADS = select(campaigns.c.campaign, campaigns.c.seq)
_PROJECTED = select(campaigns.c.seq, campaigns.c.head).where(campaigns.c.campaign == bindparam("of"))


def project(connection: Connection, last: Row, summary: Summary | None) -> None:
    """Store the projection as of the last event; without a new one, what is stored follows the stream."""
    if summary is None:
        connection.execute(_FOLLOW, {"of": last["stream"], "seq": last["seq"], "head": last["hash"]})
    else:
        connection.execute(_UPSERT, {**_columns(summary), "seq": last["seq"], "head": last["hash"]})


def all_of(connection: Connection) -> tuple[Summary, ...]:
    return tuple(_summary(row) for row in connection.execute(_ALL).mappings())


def one_of(connection: Connection, campaign: str) -> Summary | None:
    row = connection.execute(_ONE, {"of": campaign}).mappings().one_or_none()
    return None if row is None else _summary(row)


def heads_of(connection: Connection) -> Mapping[str, int]:
    """Return every campaign's last sequence number as projected."""
    return {row.campaign: row.seq for row in connection.execute(_HEADS)}


def projected(connection: Connection, stream: str) -> tuple[int, str] | None:
    """Return sequence number and head as projected; None for a stream without a projection."""
    row = connection.execute(_PROJECTED, {"of": stream}).one_or_none()
    return None if row is None else (row.seq, row.head)


def _columns(summary: Summary) -> dict[str, Any]:
    return {
        "campaign": summary.campaign,
        "name": summary.name,
        "status": summary.status,
        "trials": summary.trials,
        "best_point": None if summary.best_point is None else ordered_json(dict(summary.best_point)),
        "best_score": summary.best_score,
        "created_at": summary.created_at.isoformat(),
        "updated_at": summary.updated_at.isoformat(),
        "reason": summary.reason,
    }


def _summary(row: RowMapping) -> Summary:
    return Summary(
        campaign=row["campaign"],
        name=row["name"],
        status=row["status"],
        trials=row["trials"],
        best_point=None if row["best_point"] is None else json.loads(row["best_point"]),
        best_score=row["best_score"],
        seq=row["seq"],
        head=row["head"],
        created_at=datetime.fromisoformat(row["created_at"]),
        updated_at=datetime.fromisoformat(row["updated_at"]),
        reason=row["reason"],
    )
