"""The beam current over time: full, except during dumps. Time is an argument."""

from dataclasses import dataclass, field
from itertools import chain

FULL_CURRENT = 100.0
"""mA."""
THRESHOLD = 80.0
"""mA below which a reading is worth nothing."""


@dataclass(frozen=True, slots=True)
class Change:
    """The beam went or came back."""

    at: float
    """Simulated seconds."""
    is_present: bool


@dataclass(slots=True)
class Beam:
    """Every dump so far and to come, as (begin, end) in simulated seconds."""

    dumps: list[tuple[float, float]] = field(default_factory=list)

    def dump(self, begin: float, end: float) -> None:
        self.dumps.append((begin, end))

    def current(self, now: float) -> float:
        """Return the beam current in mA."""
        return 0.0 if any(begin <= now < end for begin, end in self.dumps) else FULL_CURRENT

    def trips(self, now: float) -> int:
        """Return how many dumps have begun: a count that a short dump leaves its mark on."""
        return sum(begin <= now for begin, _ in self.dumps)

    def fraction(self, begin: float, end: float) -> float:
        """Return the mean current between two moments as a fraction of the full current."""
        if end <= begin:
            return self.current(begin) / FULL_CURRENT
        lost = sum(max(0.0, min(end, stop) - max(begin, start)) for start, stop in self.dumps)
        return max(0.0, 1.0 - lost / (end - begin))

    def changes(self, after: float, until: float) -> list[Change]:
        """Return what happened in (after, until], in order."""
        moments = chain.from_iterable((Change(begin, False), Change(end, True)) for begin, end in self.dumps)
        return sorted((change for change in moments if after < change.at <= until), key=lambda change: change.at)
