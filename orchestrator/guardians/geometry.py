"""Where a straight line meets a box or a sphere; plain numbers by axis name."""

import math
from collections.abc import Mapping

Place = Mapping[str, float]
Interval = tuple[float | None, float | None]
"""(low, high), both included; None is no bound."""


def is_in_box(place: Place, box: Mapping[str, Interval]) -> bool:
    """Return whether every interval of the box holds its axis."""
    return all((low is None or place[axis] >= low) and (high is None or place[axis] <= high) for axis, (low, high) in box.items())


def line_meets_box(start: Place, end: Place, box: Mapping[str, Interval]) -> bool:
    """Return whether the straight line from start to end touches the box.

    Source:
        The slab method, Kay and Kajiya, SIGGRAPH 1986: the line is inside the box where it is inside every interval at once.
    """
    enter, leave = 0.0, 1.0
    for axis, (low, high) in box.items():
        first, last = _inside(start[axis], end[axis], -math.inf if low is None else low, math.inf if high is None else high)
        enter, leave = max(enter, first), min(leave, last)
    return enter <= leave


def _inside(start: float, end: float, low: float, high: float) -> tuple[float, float]:
    """Return between which fractions of its way an axis is inside an interval; (1, 0) when never."""
    step = end - start
    if step == 0:
        return (0.0, 1.0) if low <= start <= high else (1.0, 0.0)
    fractions = sorted(((low - start) / step, (high - start) / step))
    return max(0.0, fractions[0]), min(1.0, fractions[1])


def distance_of_line(start: Place, end: Place, centre: Place) -> float:
    """Return how near the straight line from start to end comes to the centre, over the centre's axes."""
    steps = {axis: end[axis] - start[axis] for axis in centre}
    length_squared = sum(step**2 for step in steps.values())
    along = sum((centre[axis] - start[axis]) * step for axis, step in steps.items())
    fraction = 0.0 if length_squared == 0 else min(1.0, max(0.0, along / length_squared))
    return math.dist([start[axis] + fraction * step for axis, step in steps.items()], list(centre.values()))
