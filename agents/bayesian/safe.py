"""The search that never leaves the region where the model is sure of every safe limit.

Its goal is the point that promises most, wherever it lies. If that is safe, it is measured. If not, then where much more is
promised than anywhere safe, the next measurement is the safe one that tells most about the way there, so that the region
grows towards the goal and nowhere else (goal-oriented safe exploration: Turchetta, Berkenkamp and Krause, NeurIPS 2019).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from agents.bayesian.caution import CONFIDENCE_SDS
from agents.bayesian.choice import Judge
from agents.bayesian.climb import climb
from agents.bayesian.outlook import Outlook
from agents.bayesian.process import Process
from agents.bayesian.search import ALTERNATIVES_APART, Ranked, Worth, around, best_of, distinct
from agents.encoding import Encoding
from agents.feasible import draw
from agents.known_safe import known_safe_points, nothing_safe
from agents.past import Key, key_of
from agents.rows import point_of
from orchestrator.domain.base import Point
from orchestrator.domain.errors import AgentError
from orchestrator.domain.history import History

_N_AROUND = 512
_N_EVERYWHERE = 256
_N_KEPT = 48
"""Safe points, of those that promise and of those that tell most, that are looked at closely."""
_N_STARTS = 4
_N_STEPS = 17
"""Places tried on the way from a safe start to where the gradient leads."""
_WORTH_A_DETOUR = float(np.log(2.0))
"""How much more the goal must promise, in logs, than what is safe: to open the way takes more than one measurement."""
_LEAST_UNKNOWN = 0.03
"""Share of the signal's sd that must be unknown where the region is to grow."""


@dataclass(frozen=True, slots=True)
class Region:
    """Where every safe limit is kept, as far as the model is sure."""

    looks: tuple[Outlook, ...]
    """On the safe limits."""
    pending: np.ndarray
    """Points that are still measured, shape (pending, columns)."""

    def margin(self, cube: np.ndarray) -> np.ndarray:
        """Return how many sds the nearest limit lies away beyond those asked for, shape (points,); a point is safe from 0."""
        margins = np.full(len(cube), np.inf)
        for look in self.looks:
            means, sds = look.process.predict(cube)
            sds = np.maximum(sds, 1e-12)
            lower, upper = look.bounds
            margins = np.minimum(margins, np.minimum((means - lower) / sds, (upper - means) / sds) - CONFIDENCE_SDS)
        return margins

    def holds(self, cube: np.ndarray) -> np.ndarray:
        """Return which points of shape (points, columns) are safe, shape (points,), boolean."""
        return self.margin(cube) >= 0.0

    def tells(self, cube: np.ndarray, goal: np.ndarray) -> np.ndarray:
        """Return how much measuring at points tells about the limit that is least sure at a goal, in logs, shape (points,).

        Their own ignorance times the squared correlation with the goal; minus infinity where one more reading tells nothing new.
        """
        look = min(self.looks, key=lambda each: float(each.log_factor(goal)[0][0]))
        process = _expecting(look.process, self.pending)
        hyperparameters = process.hyperparameters
        sds = process.predict(cube)[1]
        here, there = (hyperparameters.scaled(each, process.groups) for each in (cube, goal))
        apart = np.linalg.norm(here - there, axis=1) * 5.0**0.5
        log_correlation = np.log1p(apart + apart**2 / 3.0) - apart
        is_news = (sds**2 >= hyperparameters.noise) & (sds >= _LEAST_UNKNOWN * np.sqrt(hyperparameters.outputscale))
        return np.where(is_news, 2.0 * (np.log(np.maximum(sds, 1e-300)) + log_correlation), -np.inf)


def _expecting(process: Process, pending: np.ndarray) -> Process:
    """Return the process as if pending points had been read as expected."""
    for place in pending:
        expected = float(process.predict(place[None, :])[0][0])
        process = process.with_reading(place, expected, process.hyperparameters.noise)
    return process


class _Told:
    """Ranks safe points by what they tell about the way to a goal."""

    def __init__(self, region: Region, goal: np.ndarray) -> None:
        self._region, self._goal = region, goal

    def of_cube(self, cube: np.ndarray) -> np.ndarray:
        return self._region.tells(cube, self._goal)


@dataclass(frozen=True, slots=True)
class Step:
    """What a safe search does next."""

    ranked: Ranked
    goal: Point | None = None
    """Where the region is to grow to, if that is what the measurement is for."""


def safe_step(encoding: Encoding, region: Region, judge: Worth, goal: Ranked, points: Sequence[Point]) -> Step | None:
    """Return the goal itself if it is safe, else the best safe point or one from which the region grows; None if none is safe.

    Args:
        encoding: Of the space.
        region: Where it is safe.
        judge: What is to be made large.
        goal: What promises most, safe or not.
        points: Safe ones.
    """
    if region.holds(goal.cube[:1])[0]:
        return Step(goal)
    if not points:
        return None
    best = best_of(encoding, points, judge, apart=ALTERNATIVES_APART)
    if goal.values[0] > best.values[0] + _WORTH_A_DETOUR:
        told = best_of(encoding, points, _Told(region, goal.cube[:1]), apart=ALTERNATIVES_APART)
        if np.isfinite(told.values[0]):
            is_news = np.isfinite(told.values)
            kept = tuple(point for point, is_kept in zip(told.points, is_news, strict=True) if is_kept)
            return Step(Ranked(kept, told.cube[is_news], told.values[is_news]), goal.points[0])
    return Step(best)


def safe_points(
    history: History, encoding: Encoding, region: Region, judge: Judge, goal: np.ndarray, taken: frozenset[Key], rng: np.random.Generator
) -> list[Point]:
    """Return safe points of a space too large to list: drawn around what was read, and what the gradient makes of the best.

    Args:
        history: What may be suggested.
        encoding: Of the space.
        region: Where it is safe.
        judge: What is to be made large.
        goal: What promises most, shape (1, columns).
        taken: What was suggested before.
        rng: Draws.
    """
    centres = region.looks[0].observations.cube
    rows = np.vstack([around(encoding, rng.permutation(centres), _N_AROUND, rng), draw(history.space, rng, _N_EVERYWHERE)])
    cube = encoding.of_rows(rows)
    is_safe = region.holds(cube)
    if not is_safe.any():
        return []
    rows, cube = rows[is_safe], cube[is_safe]
    promising, telling = (np.argsort(-each, kind="stable")[:_N_KEPT] for each in (judge.of_cube(cube), region.tells(cube, goal)))
    starts = rows[promising][distinct(cube[promising], np.arange(len(promising), 0.0, -1.0), _N_STARTS, ALTERNATIVES_APART)]
    ends = _as_far_as_safe(encoding, region, starts, climb(encoding, judge, starts))
    points = [point_of(history.space, row) for row in np.vstack([ends, rows[promising], rows[telling]])]
    fresh = [point for point in points if key_of(history.space, point) not in taken and history.space.contains(point)]
    still_safe = region.holds(encoding.of_points(fresh)) if fresh else ()
    return [point for point, safe in zip(fresh, still_safe, strict=True) if safe]


def _as_far_as_safe(encoding: Encoding, region: Region, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Return the rows farthest on the straight ways from safe starts to ends on which every step is safe."""
    shares = np.linspace(0.0, 1.0, _N_STEPS)[:, None, None]
    ways = starts + shares * (ends - starts)
    is_safe = region.holds(encoding.of_rows(ways.reshape(-1, starts.shape[1]))).reshape(_N_STEPS, len(starts))
    last = np.maximum(np.cumprod(is_safe, axis=0).sum(axis=0) - 1, 0)
    return ways[last, np.arange(len(starts))]


def again(history: History, encoding: Encoding, region: Region) -> Ranked:
    """Return the measured points that kept every safe limit, the surest first: where nothing else is safe, one is read again.

    Raises:
        AgentError: If there is none.
    """
    points = known_safe_points(history)
    if not points:
        raise AgentError(nothing_safe(history))
    return best_of(encoding, points, _Margin(region))


class _Margin:
    def __init__(self, region: Region) -> None:
        self._region = region

    def of_cube(self, cube: np.ndarray) -> np.ndarray:
        return self._region.margin(cube)
