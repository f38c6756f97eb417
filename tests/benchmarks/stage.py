"""A simulated stage and detector that note when the stage was told to move and when a reading was there.

Both engines are timed by these notes alone, so that neither is believed about itself: dead time is from the moment a reading
was there to the next order to move.
"""

import json
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from instruments.soft_devices import SoftAxis, SoftDetector
from orchestrator.benchmarks.functions import branin, hartmann6
from orchestrator.domain.space import Continuous

VARIABLE = "NIGHTSHIFT_BENCH_STAGE"
SIGNAL = "signal"
_MINIMA = {2: 0.397887, 6: -3.322368}
NOISE_SD = {2: 0.1, 6: 0.01}
"""Of each reading: a thousandth of the range of Branin's function, three thousandths of Hartmann's."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What to measure, and for how long."""

    dimensions: int
    """2: Branin's function; 6: Hartmann's. Both are to be minimised, over the unit cube."""
    exposures: Sequence[tuple[int, float]]
    """How many readings take how many seconds, in turn."""
    notes: str
    """A file; each line is a time, s, and what happened."""

    def environment(self) -> dict[str, str]:
        return {VARIABLE: json.dumps([self.dimensions, self.exposures, self.notes])}


def setup_from_environment() -> Setup:
    dimensions, exposures, notes = json.loads(os.environ[VARIABLE])
    return Setup(dimensions, exposures, notes)


class TimedDetector(SoftDetector):
    """Exposes for as long as it is the turn of."""

    def __init__(self, *, exposures: Sequence[tuple[int, float]], **settings: Any) -> None:
        super().__init__("detector", units={SIGNAL: ""}, **settings)
        self._turns = iter([seconds for n, seconds in exposures for _ in range(n)])

    def trigger(self) -> Any:
        self._seconds = next(self._turns, 0.0)
        return super().trigger()


def truth(point: Mapping[str, float]) -> float:
    """Return what a reading would be without noise."""
    row = np.array([[float(point[name]) for name in sorted(point)]])
    return float((branin(row * 15 - [[5, 0]]) if row.shape[1] == 2 else hartmann6(row))[0, 0])


def build(setup: Setup) -> tuple[dict[str, SoftAxis], TimedDetector]:
    """Return the axes by name, and the detector."""
    notes = Path(setup.notes).open("a", buffering=1)  # noqa: SIM115  (open as long as the devices live)
    rng = np.random.default_rng(setup.dimensions)

    def note(what: str) -> None:
        notes.write(f"{time.monotonic()} {what}\n")

    def measure() -> dict[str, float]:
        position = {name: float(axis.readback.get()) for name, axis in axes.items()}
        value = truth(position) + float(rng.normal(0.0, NOISE_SD[setup.dimensions]))
        note("read")
        return {SIGNAL: value}

    axes = {
        name: SoftAxis(name, parameter=Continuous(limits=(0.0, 1.0)), start=0.5, moved=lambda _name, _value: note("move"))
        for name in axis_names(setup.dimensions)
    }
    for axis in axes.values():
        axis.limits = (0.0, 1.0)
    return axes, TimedDetector(exposures=setup.exposures, measure=measure)


def axis_names(dimensions: int) -> list[str]:
    return [f"x{index}" for index in range(dimensions)]


def devices() -> Any:
    """Return what the entry point lends to campaigns."""
    from instruments.site import SiteDevices

    axes, detector = build(setup_from_environment())
    return SiteDevices(axes=axes, detectors=[detector])


def dead_times(notes: Path) -> list[float]:
    """Return the seconds from each reading to the next order to move; how many readings came in between does not matter here."""
    lines = [line.split() for line in notes.read_text().splitlines()]
    return [float(after) - float(before) for (before, what), (after, then) in pairwise(lines) if (what, then) == ("read", "move")]


def regret(points: Sequence[Mapping[str, float]]) -> float:
    """Return how far the best point measured lies above the minimum."""
    dimensions = len(points[0])
    return min(truth(point) for point in points) - _MINIMA[dimensions]
