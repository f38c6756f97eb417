"""What server-sent events carry. ``id`` is the ledger's sequence number, so that a reconnecting client misses nothing."""

from orchestrator.domain.base import Moment, Value
from orchestrator.wire.trials import Trial


class StreamedEvent(Value):
    """``event: ledger``: one ledger event, and the trial it concerns as it stands after it."""

    seq: int
    type: str
    at: Moment
    actor: str
    text: str
    """One line for people."""
    trial: Trial | None = None


class Timeline(Value):
    """What happened besides measuring, oldest first: faults, repeats, interventions, notes."""

    events: tuple[StreamedEvent, ...]


class Heartbeat(Value):
    """``event: beat``, every few seconds: a page that hears none for a while says that its data is stale."""

    now: Moment
    seq: int


class Reset(Value):
    """``event: reset``: what the client knew is of another ledger. It forgets that, and hears everything after ``seq`` anew."""

    seq: int
