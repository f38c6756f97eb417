"""What a trial costs in time, with the way there: learned from the trials so far.

Motors move together or one after the other; which of the two suits the times better is found out. What improves most per
second comes next (Snoek, Larochelle and Adams, NeurIPS 2012, section 3.2).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from agents.bayesian.exposed import Exposed
from agents.bayesian.observations import position_of
from agents.encoding import Encoding
from agents.past import newest_point
from agents.rows import is_of
from orchestrator.domain.campaign import Trial
from orchestrator.domain.history import History
from orchestrator.domain.space import Categorical

_FEWEST = 5
"""Timed trials below which nothing is said about times."""
_ROUNDS = 10
_SHORTEST = 1e-3
"""Seconds, so that an instrument that answers at once does not divide by zero."""


@dataclass(frozen=True, slots=True)
class Travel:
    """Seconds from where the instrument stands to the end of a measurement elsewhere."""

    here: np.ndarray
    """Where it stands, shape (columns,)."""
    groups: np.ndarray
    """The parameter each column belongs to, shape (columns,)."""
    base: float
    """Seconds of a trial that moves nothing."""
    slowness: np.ndarray
    """Seconds to cross a parameter's whole range, shape (parameters,)."""
    is_together: bool
    """Whether axes move at the same time, so that the slowest counts; else the times add up."""
    per_exposure: float = 0.0
    """Seconds more for each unit of the exposure, where that is chosen; ``base`` and all times here are without it."""

    def seconds(self, cube: np.ndarray) -> np.ndarray:
        """Return how long trials at points of shape (points, columns) take, shape (points,)."""
        each = distances(cube, self.here, self.groups) * self.slowness
        return self.base + (each.max(axis=1) if self.is_together else each.sum(axis=1))

    def as_record(self, encoding: Encoding) -> dict[str, Any]:
        """Return it as JSON, slowness in seconds per unit of each parameter (per change, of a category)."""
        spans = {
            name: 1.0 if isinstance(parameter, Categorical) else float(span)
            for (name, parameter), span in zip(encoding.space.parameters.items(), encoding.span, strict=True)
        }
        slowness = {name: float(each) / spans[name] for name, each in zip(spans, self.slowness, strict=True)}
        return {"seconds_at_rest": self.base, "slowness": slowness, "axes_move": "together" if self.is_together else "in turn"}

    def log_factor(self, cube: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return minus the log of the time, relative to a trial that moves nothing, shape (points,), and its gradient."""
        seconds, gradient = self.seconds_and_gradient(cube)
        return -np.log(seconds / self.base), -gradient / seconds[:, None]

    def seconds_and_gradient(self, cube: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return how long trials take, shape (points,), and its gradient, shape (points, columns)."""
        far = distances(cube, self.here, self.groups)
        counts = np.ones_like(far)
        if self.is_together:
            counts = (np.arange(far.shape[1]) == np.argmax(far * self.slowness, axis=1)[:, None]).astype(float)
        step = (cube - self.here) / np.maximum(far[:, self.groups], 1e-12)
        return self.seconds(cube), (counts * self.slowness)[:, self.groups] * step


def distances(cube: np.ndarray, here: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Return how far points are from one place or each from its own, by parameter in shares of its range, shape (points, parameters).

    Args:
        cube: Shape (points, columns).
        here: Shape (columns,) or (points, columns).
        groups: The parameter each column belongs to, shape (columns,).
    """
    squares = np.zeros((len(cube), int(groups.max()) + 1))
    np.add.at(squares.T, groups, ((cube - here) ** 2).T)
    return np.sqrt(squares)


def travel(history: History, encoding: Encoding) -> Travel | None:
    """Return what the trials so far tell about times; None while they are too few, or if it takes no time to move.

    Where exposures are chosen there is always an answer: at first, that an exposure takes as long as it says, and nothing else does.
    """
    space = history.space
    timed = [trial for trial in history.trials if _is_timed(trial) and is_of(space, position_of(space, trial))]
    fewest, last = _FEWEST - 1 if isinstance(history, Exposed) else _FEWEST, newest_point(history)
    if len(timed) <= fewest or last is None:
        return _exposure_alone(encoding) if isinstance(history, Exposed) else None
    cube = encoding.of_points([position_of(space, trial) for trial in timed])
    moved = distances(cube[1:], cube[:-1], encoding.groups)
    seconds = np.array([_seconds(trial) for trial in timed[1:]])
    exposures = history.exposures_of(timed[1:])[:, None] if isinstance(history, Exposed) else np.empty((len(moved), 0))
    both = {is_together: _fit(moved, seconds, exposures, is_together=is_together) for is_together in (True, False)}
    is_together = both[True][3] <= both[False][3]
    base, slowness, per_exposure, _ = both[is_together]
    here = encoding.of_points([last])[0]
    if isinstance(history, Exposed):
        return Travel(here, encoding.groups, base, slowness, is_together, per_exposure)
    return Travel(here, encoding.groups, base, slowness, is_together) if slowness.any() else None


def _exposure_alone(encoding: Encoding) -> Travel:
    n_columns, n_parameters = len(encoding.groups), int(encoding.groups.max()) + 1
    return Travel(np.zeros(n_columns), encoding.groups, _SHORTEST, np.zeros(n_parameters), True, 1.0)


def _is_timed(trial: Trial) -> bool:
    """Return whether it is known when a trial was measured; where a person told a readback alone, it begins and ends at once."""
    return trial.observation is not None and trial.observation.finished_at > trial.observation.started_at


def _seconds(trial: Trial) -> float:
    observation = trial.observation
    assert observation is not None
    return (observation.finished_at - observation.started_at).total_seconds()


def _fit(moved: np.ndarray, seconds: np.ndarray, exposures: np.ndarray, *, is_together: bool) -> tuple[float, np.ndarray, float, float]:
    """Return base, slowness, the seconds per exposure and the root of the sum of squared errors, by non-negative least squares.

    Exposures are one column, or none where they are not chosen, shape (trials, 0 or 1).

    Where axes move together, which of them was the slowest in each trial follows from the slowness, and that from this: in turns.
    """
    from scipy.optimize import nnls

    counts = np.ones_like(moved)
    n = moved.shape[1] + 1
    solution, error = np.zeros(n), np.inf
    for _ in range(_ROUNDS if is_together else 1):
        if is_together:
            slowness = solution[1:n] if solution[1:n].any() else np.ones(moved.shape[1])
            counts = (np.arange(moved.shape[1]) == np.argmax(moved * slowness, axis=1)[:, None]).astype(float)
        solution, error = nnls(np.column_stack([np.ones(len(moved)), counts * moved, exposures]), seconds)
    return max(float(solution[0]), _SHORTEST), solution[1:n], float(solution[n:].sum()), float(error)
