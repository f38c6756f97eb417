"""How soon something that died is started again, and when that is pointless. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patience:
    """At once the first time, then a little later each time."""

    limit: int | None = 5
    """Starts within the window after which a person has to look; None for never."""
    window_s: float = 600.0
    pauses_s: tuple[float, ...] = (0.0, 1.0, 2.0, 5.0, 10.0)
    """Before the first, second, … start again; the last stands for all further ones."""

    def pause(self, deaths: Sequence[float], now: float) -> float | None:
        """Return how many seconds to wait before the next start, or None to give up.

        Args:
            deaths: When it died, this time included; seconds.
            now: On the same clock.
        """
        recent = [death for death in deaths if now - death <= self.window_s]
        if self.limit is not None and len(recent) > self.limit:
            return None
        return self.pauses_s[min(max(len(recent), 1), len(self.pauses_s)) - 1]


ENGINE = Patience()
SERVICE = Patience(limit=None, window_s=30.0, pauses_s=(0.0, 0.5, 1.0, 2.0, 5.0))
"""For the API and the alerts: a campaign goes on without them, so there is no reason ever to stop trying."""
