"""What the model learns from: the scored trials of a history, in the unit cube."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np

from agents.bayesian.exposed import Exposed
from agents.bayesian.scaling import Scaling
from agents.encoding import Encoding
from agents.rows import is_of
from orchestrator.domain.base import Point
from orchestrator.domain.campaign import Trial, TrialStatus
from orchestrator.domain.history import History, measured_point, objective_score
from orchestrator.domain.records import Objective, ObjectiveScore
from orchestrator.domain.space import Space


@dataclass(frozen=True, slots=True)
class Outcome:
    """One objective's scores."""

    objective: Objective
    scores: np.ndarray
    """As the rewards gave them, shape (trials,)."""
    sds: np.ndarray | None
    """The scores' own sds, shape (trials,); None unless every score states one."""
    scaling: Scaling
    """To standardised outcomes, of which more is better."""
    is_doubted: np.ndarray
    """Which readings are contradicted by the others, shape (trials,), boolean."""
    counting: np.ndarray | None = None
    """Variances that the exposures explain, standardised, shape (trials,); None unless they are chosen and no sds are stated."""

    @property
    def values(self) -> np.ndarray:
        """Return the scores standardised, shape (trials,)."""
        return self.scaling.standardised(self.scores)

    @property
    def variances(self) -> np.ndarray:
        """Return the variances the scores state, standardised, zeros where they state none, shape (trials,).

        A doubted reading may be wrong by as much as it differs from the mean of all.
        """
        stated = self.undoubted_variances
        return np.where(self.is_doubted, stated + np.maximum(self.values**2, 1.0), stated)

    @property
    def undoubted_variances(self) -> np.ndarray:
        """Return the same as if no reading were doubted, shape (trials,)."""
        if self.sds is not None:
            return self.scaling.variances(self.scores, self.sds)
        return np.zeros(len(self.scores)) if self.counting is None else self.counting

    @property
    def tells_noise(self) -> bool:
        """Return whether it is known how much each reading scatters, so that only what that leaves out is to be found."""
        return self.sds is not None or self.counting is not None

    def with_score(self, score: ObjectiveScore) -> "Outcome":
        """Return the outcome with one score more, in the same scaling."""
        sds = None if self.sds is None or score.sd is None else np.append(self.sds, score.sd)
        return replace(self, scores=np.append(self.scores, score.value), sds=sds, is_doubted=np.append(self.is_doubted, False))

    def doubting(self, is_doubted: np.ndarray) -> "Outcome":
        """Return the outcome with other doubts, scaled by the readings that are not doubted."""
        return replace(self, is_doubted=is_doubted, scaling=Scaling.of(self.scores[~is_doubted], self.scaling.sign))


@dataclass(frozen=True, slots=True)
class Observations:
    """Everything a surrogate is fitted to."""

    cube: np.ndarray
    """Where the trials were measured, shape (trials, columns)."""
    numbers: tuple[int, ...]
    """Of the trials."""
    outcomes: tuple[Outcome, ...]
    pending: np.ndarray
    """Points that are suggested and not yet scored, shape (pending, columns)."""
    now: int
    """The number of the next trial."""
    exposures: np.ndarray | None = None
    """How long the trials were exposed, shape (trials,); None unless that is chosen."""

    @property
    def n(self) -> int:
        return len(self.cube)

    @property
    def times(self) -> np.ndarray:
        """Return when the trials were measured: their numbers, shape (trials,)."""
        return np.array(self.numbers, dtype=float)


def observe(history: History, encoding: Encoding) -> Observations:
    """Return what can be learned from, and what is awaited."""
    space, trials = history.space, teaching(history)
    return Observations(
        cube=encoding.of_points([position_of(space, trial) for trial in trials]),
        numbers=tuple(trial.number for trial in trials),
        outcomes=tuple(_outcome(trials, objective) for objective in history.objectives),
        pending=encoding.of_points([trial.point for trial in awaited(history)]),
        now=history.n_suggestions + 1,
        exposures=history.exposures_of(trials) if isinstance(history, Exposed) else None,
    )


def teaching(history: History) -> list[Trial]:
    """Return the trials that have a score for every objective and a point of this space."""
    return [trial for trial in history.scored() if _teaches(history, trial)]


def n_teaching(history: History, most: int) -> int:
    """Return how many trials teach, without looking further once there are as many as ``most``."""
    return sum(1 for _ in islice((trial for trial in history.scored() if _teaches(history, trial)), most))


def is_failure(trial: Trial) -> bool:
    """Return whether it was tried to measure a trial that was to be judged, in vain."""
    return trial.is_judged and trial.status is TrialStatus.FAILED


def n_failed(history: History) -> int:
    """Return how many measurements failed."""
    return sum(map(is_failure, history.trials))


def awaited(history: History) -> list[Trial]:
    """Return the trials that will teach once they are scored."""
    return [trial for trial in history.pending() if is_of(history.space, trial.point)]


def _teaches(history: History, trial: Trial) -> bool:
    return _has_all(trial, history.objectives) and is_of(history.space, trial.point)


def observe_newest(before: Observations, history: History, encoding: Encoding) -> Observations | None:
    """Return the observations with the history's newest trial, in their scaling; None if it cannot join them so.

    Args:
        before: Observed while that trial was still pending, the last of the pending ones.
        history: The same with its score.
        encoding: Of the space.
    """
    newest, space = history.trials[-1], history.space
    if not (newest.is_judged and _teaches(history, newest)):
        return None
    scores = [score for objective in history.objectives if (score := objective_score(newest, objective)) is not None]
    outcomes = tuple(outcome.with_score(score) for outcome, score in zip(before.outcomes, scores, strict=True))
    if any((one.sds is None) != (other.sds is None) for one, other in zip(outcomes, before.outcomes, strict=True)):
        return None
    place = encoding.of_points([position_of(space, newest)])
    numbers = (*before.numbers, newest.number)
    exposures = before.exposures
    if exposures is not None and isinstance(history, Exposed):
        exposures = np.append(exposures, history.exposures_of([newest]))
    return Observations(np.vstack([before.cube, place]), numbers, outcomes, before.pending[:-1], before.now, exposures)


def _has_all(trial: Trial, objectives: Sequence[Objective]) -> bool:
    return all(objective_score(trial, objective) is not None for objective in objectives)


def position_of(space: Space, trial: Trial) -> Point:
    """Return where the trial was measured, or was meant to be if the readback makes no sense in this space."""
    readback = measured_point(trial)
    return readback if is_of(space, readback) else trial.point


def _outcome(trials: Sequence[Trial], objective: Objective) -> Outcome:
    scores = [score for trial in trials if (score := objective_score(trial, objective)) is not None]
    values = np.array([score.value for score in scores], dtype=float)
    sds = [score.sd for score in scores if score.sd is not None]
    scaling = Scaling.of(values, 1.0 if objective.goal == "maximise" else -1.0)
    return Outcome(
        objective, values, np.array(sds) if scores and len(sds) == len(scores) else None, scaling, np.zeros(len(values), dtype=bool)
    )
