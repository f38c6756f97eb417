"""Ledger events as bytes: encoded once, sent to every viewer."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate


@dataclass(frozen=True, slots=True)
class Batch:
    """Consecutive events of one campaign."""

    first: int
    """Sequence number of the first one."""
    content: bytes
    """Their frames, one after the other."""
    ends: tuple[int, ...]
    """Where each frame ends in ``content``."""

    @classmethod
    def of(cls, first: int, frames: Sequence[bytes]) -> "Batch":
        return cls(first, b"".join(frames), tuple(accumulate(map(len, frames))))

    @property
    def last(self) -> int:
        return self.first + len(self.ends) - 1

    def after(self, seq: int) -> bytes:
        """Return the frames of later events; the very same bytes for every viewer that has none of them yet."""
        return self.content if seq < self.first else self.content[self.ends[min(seq, self.last) - self.first] :]
