"""How the best so far improved, and which trials nothing beats in every objective at once."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from orchestrator.domain.campaign import Trial, keeps_limits
from orchestrator.domain.dominance import undominated
from orchestrator.domain.history import objective_score
from orchestrator.domain.limits import NO_LIMITS, Limits
from orchestrator.domain.records import Objective


@dataclass(frozen=True, slots=True)
class ProgressPoint:
    """One scored trial and the best value up to it."""

    trial: int
    value: float
    sd: float | None
    best: float
    is_new_best: bool


def scored(trials: Sequence[Trial]) -> tuple[Trial, ...]:
    """Return the trials whose score agents learn from."""
    return tuple(trial for trial in trials if trial.score is not None and trial.kind.is_scored)


def progress(trials: Sequence[Trial], objective: Objective, limits: Limits = NO_LIMITS) -> tuple[ProgressPoint, ...]:
    """Return one objective's values in the order of trials, of those that keep the limits; one scored twice has its latest score."""
    points: list[ProgressPoint] = []
    for trial in scored(trials):
        score = objective_score(trial, objective)
        if score is None or not keeps_limits(trial, limits):
            continue
        is_new_best = not points or objective.is_better(score.value, points[-1].best)
        best = score.value if is_new_best else points[-1].best
        points.append(ProgressPoint(trial.number, score.value, score.sd, best, is_new_best))
    return tuple(points)


def pareto_front(trials: Sequence[Trial], objectives: Sequence[Objective], limits: Limits = NO_LIMITS) -> tuple[int, ...]:
    """Return the numbers of trials that no other beats in one objective without losing in another, of those that keep the limits."""
    kept = (trial for trial in scored(trials) if keeps_limits(trial, limits))
    complete = [trial for trial in kept if all(objective_score(trial, objective) for objective in objectives)]
    if not complete or not objectives:
        return ()
    values = np.array([[_upward(trial, objective) for objective in objectives] for trial in complete])
    return tuple(complete[index].number for index in sorted(undominated(values)))


def _upward(trial: Trial, objective: Objective) -> float:
    """Return a score with its sign turned so that larger is better."""
    score = objective_score(trial, objective)
    if score is None:
        raise LookupError(f"trial {trial.number} has no score for {objective.name}")
    return score.value if objective.goal == "maximise" else -score.value
