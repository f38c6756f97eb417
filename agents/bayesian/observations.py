"""What the model learns from: the scored trials of a history, in the unit cube and in comparable outcome units."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from agents.encoding import Encoding
from orchestrator.domain.base import Point
from orchestrator.domain.campaign import Trial
from orchestrator.domain.history import History, measured_point, objective_score
from orchestrator.domain.records import Objective
from orchestrator.domain.space import Categorical, Space

_TINY = 1e-12
"""Outcomes that differ by less than this share of their size are the same."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One objective's scores, standardised so that more is better, their mean is 0 and their sd 1."""

    objective: Objective
    values: np.ndarray
    """Shape (trials,), standardised."""
    variances: np.ndarray | None
    """The scores' own variances, standardised; None unless every score states its sd."""
    shift: float
    """What stands at 0, in the objective's unit."""
    scale: float
    """What 1 is worth, in the objective's unit; always positive."""

    @property
    def sign(self) -> float:
        return 1.0 if self.objective.goal == "maximise" else -1.0

    def in_unit(self, standardised: float) -> float:
        """Return a standardised mean in the objective's unit."""
        return self.shift + self.sign * self.scale * standardised


@dataclass(frozen=True, slots=True)
class Observations:
    """Everything a surrogate is fitted to."""

    cube: np.ndarray
    """Where the trials were measured, shape (trials, columns)."""
    outcomes: tuple[Outcome, ...]
    pending: np.ndarray
    """Points that are suggested and not yet scored, shape (pending, columns)."""

    @property
    def n(self) -> int:
        return len(self.cube)


def observe(history: History, encoding: Encoding) -> Observations:
    """Return the trials that have a score for every objective; all others teach nothing."""
    space = history.space
    trials = [trial for trial in history.scored() if _has_all(trial, history.objectives) and _fits(space, trial.point)]
    return Observations(
        cube=encoding.of_points([_position(space, trial) for trial in trials]),
        outcomes=tuple(_outcome(trials, objective) for objective in history.objectives),
        pending=encoding.of_points([trial.point for trial in history.pending() if _fits(space, trial.point)]),
    )


def standardisation(values: np.ndarray) -> tuple[float, float]:
    """Return the mean and sd of scores, safe for huge, tiny and constant ones; the sd of constant scores is 1."""
    largest = float(np.abs(values).max(initial=0.0))
    if largest == 0.0:
        return 0.0, 1.0
    share = values / largest
    sd = float(share.std())
    return float(share.mean()) * largest, sd * largest if sd > _TINY else 1.0


def _has_all(trial: Trial, objectives: Sequence[Objective]) -> bool:
    return all(objective_score(trial, objective) is not None for objective in objectives)


def _fits(space: Space, point: Point) -> bool:
    """Return whether the point has this space's parameters; an amendment may have changed them since."""
    return point.keys() == space.parameters.keys() and all(
        point[name] in parameter.values if isinstance(parameter, Categorical) else not isinstance(point[name], str)
        for name, parameter in space.parameters.items()
    )


def _position(space: Space, trial: Trial) -> Point:
    """Return where the trial was measured, or was meant to be if the readback makes no sense in this space."""
    readback = measured_point(trial)
    return readback if _fits(space, readback) else trial.point


def _outcome(trials: Sequence[Trial], objective: Objective) -> Outcome:
    scores = [score for trial in trials if (score := objective_score(trial, objective)) is not None]
    values = np.array([score.value for score in scores], dtype=float)
    shift, scale = standardisation(values)
    sign = 1.0 if objective.goal == "maximise" else -1.0
    sds = [score.sd for score in scores if score.sd is not None]
    variances = (np.array(sds) / scale) ** 2 if scores and len(sds) == len(scores) else None
    return Outcome(objective, sign * (values / scale - shift / scale), variances, shift, scale)
