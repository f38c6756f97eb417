"""Simulated seconds: real ones divided by a scale, or real ones that jump over every wait."""

import time


class SimulationClock:
    """Time for a world.

    Args:
        scale: Real seconds per simulated second: 1 runs as a beamline would, 0.05 twenty times faster. At 0 a wait takes no
            time and the clock jumps over it; time that passes otherwise still counts.
    """

    def __init__(self, scale: float) -> None:
        self.scale = scale
        self._jumped = 0.0

    def now(self) -> float:
        """Return simulated seconds since some fixed moment."""
        return time.monotonic() / (self.scale or 1.0) + self._jumped

    def real_seconds(self, simulated: float) -> float:
        """Return how long to wait; at scale 0 jump over the wait and return 0."""
        if self.scale == 0:
            self._jumped += max(simulated, 0.0)
            return 0.0
        return max(simulated, 0.0) * self.scale
