"""What becomes of documents that have arrived: deleted; and of a campaign's folder: kept for a day, so that people can ask."""

import shutil
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from orchestrator.outbox.losses import losses_in
from orchestrator.outbox.post import Cursor, read_cursor
from orchestrator.outbox.spooled import forget_before, numbers
from orchestrator.outbox.standing import campaigns_in, targets_in

KEPT_FOR = timedelta(days=1)
"""What an engine still tells after a campaign's end, such as that its instrument is safe, is long sent by then."""


def tidy(outbox: Path, now: datetime | None = None) -> None:
    """Delete what every target has had, and the folders of campaigns that are long over and went out without a loss."""
    for campaign in campaigns_in(outbox):
        folder = outbox / campaign
        if not (targets := targets_in(folder)):
            continue
        forget_sent(folder, targets)
        if _is_done_with(folder, targets, now or datetime.now(UTC)):
            shutil.rmtree(folder, ignore_errors=True)


def forget_sent(folder: Path, targets: Sequence[str]) -> None:
    """Delete the spool's files that every target has had."""
    forget_before(folder, min(read_cursor(folder, target).position for target in targets))


def _is_done_with(folder: Path, targets: Sequence[str], now: datetime) -> bool:
    last = max(numbers(folder), default=-1)
    return not losses_in(folder)[0] and all(_has_all(read_cursor(folder, target), last, now) for target in targets)


def _has_all(cursor: Cursor, last: int, now: datetime) -> bool:
    is_quiet = cursor.sent_at is not None and now - cursor.sent_at > KEPT_FOR
    return cursor.is_over and not cursor.n_refused and cursor.file > last and is_quiet
