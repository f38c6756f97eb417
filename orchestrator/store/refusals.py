"""What every store refuses in the same words."""

from orchestrator.domain.errors import LedgerError, SequenceConflict
from orchestrator.domain.ports import Summary
from orchestrator.store.chain import SYSTEM


def check_summary(stream: str, summary: Summary | None) -> None:
    if summary is not None and summary.campaign != stream:
        raise ValueError(f"the projection of campaign {summary.campaign} cannot be stored with events of stream {stream}")


def check_note_stream(stream: str) -> None:
    if stream != SYSTEM:
        raise LedgerError(f"stream {stream} needs a lease; only {SYSTEM} takes notes without one: acquire the lease and append")


def conflict(stream: str, *, found: int, expected: int) -> SequenceConflict:
    return SequenceConflict(f"stream {stream} ends at event {found}, not {expected}: someone else appended; read it again, then append")
