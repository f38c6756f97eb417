"""Who may take a lease: pure decisions, shared by every store."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from orchestrator.domain.errors import Busy, LeaseLost
from orchestrator.domain.ports import Holder, Lease

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class LeaseRecord:
    """A lease as stored. The record outlives its holder, so that tokens only ever grow."""

    name: str
    token: int = 0
    holder: Holder | None = None
    taken_from: str = ""
    expires_at: datetime | None = None

    @property
    def lease(self) -> Lease:
        return Lease(name=self.name, token=self.token, holder=str(self.holder), taken_from=self.taken_from)

    def is_held_by(self, lease: Lease) -> bool:
        return self.holder is not None and self.token == lease.token


def replacing(record: LeaseRecord, asking: Holder, *, now: datetime, take_over: bool, is_held_alive: bool) -> str:
    """Return from whom the lease would be taken and why that is allowed; empty when it is free.

    Args:
        record: The lease as stored.
        asking: Who wants it.
        now: The current time.
        take_over: Whether an expired holder may be replaced.
        is_held_alive: Whether the stored holder's process runs; only looked at when it is on the asking host.

    Raises:
        Busy: If the holder has it; names the holder and how long until its lease expires.
    """
    if record.holder is None or record.expires_at is None:
        return ""
    if record.holder.host == asking.host and not is_held_alive:
        return f"{record.holder}, which no longer runs"
    left = (record.expires_at - now).total_seconds()
    if left > 0:
        raise Busy(f"{record.name} is held by {record.holder} for another {left:.1f} s; wait for it, or stop that runner")
    if take_over:
        return f"{record.holder}, whose lease expired {-left:.1f} s ago"
    raise Busy(
        f"{record.name} is held by {record.holder}, whose lease expired {-left:.1f} s ago but which may still run; "
        "make sure it does not, then take over"
    )


def lost(record: LeaseRecord | None, lease: Lease) -> LeaseLost:
    """Return the error for a writer whose token is not the current one."""
    fate = "was given back"
    if record is not None and record.holder is not None:
        fate = f"now belongs to {record.holder} under token {record.token}"
    return LeaseLost(f"lease {lease.name}, token {lease.token} of {lease.holder}, {fate}; this runner must neither append nor move")
