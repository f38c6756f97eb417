"""What may be asked for besides a number of points: some parameters fixed, and a short way from point to point."""

import math
from collections.abc import Mapping, Sequence
from itertools import combinations

from orchestrator.domain.base import Point, Setting
from orchestrator.domain.errors import BadInput
from orchestrator.domain.space import Space, problem_with

_MOST_REVERSALS = 1000
_LEAST_GAIN = 1e-12


def fixing(space: Space, fixed: Mapping[str, Setting]) -> Space:
    """Return the space with parameters fixed. Raises BadInput for what cannot be fixed so."""
    _require_parameters(space, "fixed", fixed)
    problems = [problem for name, value in fixed.items() if (problem := problem_with(name, space.parameters[name], value))]
    if problems:
        raise BadInput(f"fixed: {problems[0]}")
    if len(fixed) == len(space.parameters):
        raise BadInput(f"fixed: {', '.join(fixed)} are all there is, which leaves nothing to choose; tell that point instead")
    return space.fixing(fixed)


def required_seconds(space: Space, seconds: Mapping[str, float]) -> Mapping[str, float]:
    """Return the times as they are. Raises BadInput if they are none."""
    _require_parameters(space, "seconds", seconds)
    for name, value in seconds.items():
        if not (math.isfinite(value) and value >= 0):
            raise BadInput(f"seconds: {name} = {value} s per unit is no time; give a finite number from 0, or leave it out")
    return seconds


def _require_parameters(space: Space, argument: str, names: Mapping[str, object]) -> None:
    for name in names:
        if name not in space.parameters:
            raise BadInput(f"{argument}: {name!r} is no parameter; choose from {', '.join(space.parameters)}")


def short_way(points: Sequence[dict[str, Setting]], here: Point | None, seconds: Mapping[str, float]) -> list[dict[str, Setting]]:
    """Return the points in an order that takes little time: to the nearest each time, then stretches are reversed while that helps.

    The second part is 2-opt (Croes, Operations Research 6, 791 (1958)).

    Args:
        points: To be visited.
        here: Where the way begins; at the first point if None.
        seconds: To move each parameter by one unit, all moving together.
    """
    places = list(points) if here is None else [here, *points]
    times = [[_seconds(one, other, seconds) for other in places] for one in places]
    way = _nearest_each_time(times)
    for _ in range(_MOST_REVERSALS):
        stretch = next((each for each in combinations(range(1, len(way) + 1), 2) if _gain(times, way, *each) > _LEAST_GAIN), None)
        if stretch is None:
            break
        start, end = stretch
        way[start:end] = way[start:end][::-1]
    n_before = len(places) - len(points)
    return [points[index - n_before] for index in way if index >= n_before]


def _nearest_each_time(times: Sequence[Sequence[float]]) -> list[int]:
    way, left = [0], set(range(1, len(times)))
    while left:
        nearest = min(left, key=lambda index: (times[way[-1]][index], index))
        way.append(nearest)
        left.remove(nearest)
    return way


def _gain(times: Sequence[Sequence[float]], way: Sequence[int], start: int, end: int) -> float:
    """Return the seconds saved where the stretch from start up to, not including, end is gone the other way."""
    before, first, last = way[start - 1], way[start], way[end - 1]
    saved = times[before][first] - times[before][last]
    return saved if end == len(way) else saved + times[last][way[end]] - times[first][way[end]]


def _seconds(one: Point, other: Point, seconds: Mapping[str, float]) -> float:
    return max((each * _distance(one[name], other[name]) for name, each in seconds.items()), default=0.0)


def _distance(one: Setting, other: Setting) -> float:
    return float(one != other) if isinstance(one, str) or isinstance(other, str) else abs(one - other)
