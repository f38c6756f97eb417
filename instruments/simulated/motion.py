"""How an axis moves: constant velocity, limits, play in the gears. Time is an argument; nothing here waits."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from instruments.simulated.axes import Axis
from orchestrator.domain.errors import InstrumentError

_OVERSHOOT = 1.5
"""Times the backlash that an approach goes beyond its target, as motor records do (BDST)."""


@dataclass(frozen=True, slots=True)
class Motion:
    """A journey through waypoints at constant velocity."""

    begin: float
    """Simulated seconds."""
    waypoints: tuple[float, ...]
    velocity: float
    """Units per simulated second; 0 arrives at once."""

    @property
    def target(self) -> float:
        return self.waypoints[-1]

    @property
    def duration(self) -> float:
        """Simulated seconds."""
        if self.velocity == 0:
            return 0.0
        return sum(abs(end - start) for start, end in pairwise(self.waypoints)) / self.velocity

    @property
    def end(self) -> float:
        return self.begin + self.duration

    def passed(self, now: float) -> Iterator[float]:
        """Yield every turning point reached so far, and where the axis is now."""
        left = self.velocity * max(now - self.begin, 0.0)
        for start, end in pairwise(self.waypoints):
            if left < abs(end - start) and now < self.end:
                yield start + left * (1.0 if end > start else -1.0)
                return
            left -= abs(end - start)
            yield end


class Stage:
    """One axis with its play: what it carries lags behind the readback until the gears touch."""

    def __init__(self, name: str, axis: Axis) -> None:
        self.name = name
        self.axis = axis
        self.velocity = axis.velocity
        self.corrects_backlash = True
        self.limits = axis.limits
        self._readback = axis.start
        self._carried = axis.start - axis.backlash / 2
        self._motion: Motion | None = None

    def check(self, target: float) -> None:
        """Raise InstrumentError if the target lies outside the limits."""
        low, high = self.limits
        unit = self.axis.unit
        if not low <= target <= high:
            raise InstrumentError(f"{self.name} = {target:g} {unit} is outside [{low:g}, {high:g}] {unit}; choose a point inside")

    def move(self, target: float, now: float) -> Motion:
        """Start moving; the target must have been checked."""
        start = self.readback(now)
        over = (target - _OVERSHOOT * self.axis.backlash,) if self._must_approach(target) else ()
        self._motion = Motion(begin=now, waypoints=(start, *over, target), velocity=self.velocity)
        return self._motion

    def pretend(self, now: float) -> Motion:
        """Return a motion that goes nowhere: what a stuck motor does."""
        here = self.readback(now)
        self._motion = None
        return Motion(begin=now, waypoints=(here, here), velocity=self.velocity)

    def stop(self, now: float) -> bool:
        """Stop where it is; return whether it was moving."""
        was_moving = self.is_moving(now)
        self.readback(now)
        self._motion = None
        return was_moving

    def is_moving(self, now: float) -> bool:
        return self._motion is not None and now < self._motion.end

    def readback(self, now: float) -> float:
        """Return what the encoder on the motor's side says."""
        if self._motion is not None:
            for position in self._motion.passed(now):
                self._follow(position)
        return self._readback

    def carried(self, now: float) -> float:
        """Return where the optics really are.

        They sit half the play behind the motor after an approach from below; that offset is calibrated away, so
        corrected approaches arrive where the readback says.
        """
        self.readback(now)
        return self._carried + self.axis.backlash / 2

    def _must_approach(self, target: float) -> bool:
        """Return whether a direct move would leave the gears loose."""
        return self.corrects_backlash and self._carried > target - self.axis.backlash / 2 + 1e-12

    def _follow(self, readback: float) -> None:
        """Play: the load moves only when the readback has come half the backlash beyond it."""
        half = self.axis.backlash / 2
        self._readback = readback
        self._carried = min(max(self._carried, readback - half), readback + half)
