"""The latest events of a campaign, kept in memory for all who watch it."""

from collections import deque

from orchestrator.api.streams.batches import Batch

MOST_BYTES = 2 * 1024 * 1024
FEWEST_EVENTS = 400
"""Kept however large they are, so that whole pages of the ledger reach up to where the ring begins."""


class Ring:
    """Batches without a gap between them; the oldest go first."""

    def __init__(self, after: int) -> None:
        """Begin empty, after an event of that number."""
        self._batches: deque[Batch] = deque()
        self._n_bytes = 0
        self._start = after
        self.head = after
        """The last event's number."""

    def add(self, batch: Batch) -> None:
        """Take the events after the head."""
        if batch.first != self.head + 1:
            raise ValueError(f"events from {batch.first} on do not follow event {self.head}")
        self._batches.append(batch)
        self._n_bytes += len(batch.content)
        self.head = batch.last
        while self._n_bytes > MOST_BYTES and self.head - self._batches[0].last >= FEWEST_EVENTS:
            dropped = self._batches.popleft()
            self._n_bytes -= len(dropped.content)
            self._start = dropped.last

    def holds(self, seq: int) -> bool:
        """Return whether everything after that event is here."""
        return seq >= self._start

    def after(self, seq: int) -> Batch | None:
        """Return the batch with the event that follows; None at the head. Only for what the ring holds."""
        if seq >= self.head:
            return None
        return next(batch for batch in reversed(self._batches) if batch.first <= seq + 1)
