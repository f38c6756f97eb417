"""Which measurements are best: the one by the first objective, or all that none outdoes."""

from collections.abc import Mapping

import numpy as np

from orchestrator.asktell.state import AskTellState, Best, Told
from orchestrator.domain.dominance import undominated
from orchestrator.domain.records import Objective


def keeps_limits(state: AskTellState, values: Mapping[str, float]) -> bool:
    """Return whether every limited signal was told and keeps its limit."""
    return all(name in values and limit.keeps(values[name]) for name, limit in state.limits.items())


def measured(state: AskTellState, objective: str) -> list[Told]:
    """Return every measurement of an objective that keeps the limits, in the order they were told."""
    return [trial for trial in state.trials if trial.values is not None and objective in trial.values and keeps_limits(state, trial.values)]


def best_of(state: AskTellState, objective: Objective) -> Best | None:
    """Return the best measurement of an objective that keeps the limits, the first of equal ones; None where there is none."""
    best: Best | None = None
    for trial in measured(state, objective.name):
        value = (trial.values or {})[objective.name]
        if best is None or objective.is_better(value, best.value):
            best = Best(dict(trial.point), value, trial.sd.get(objective.name))
    return best


def front_of(state: AskTellState) -> list[int]:
    """Return the places in the history, from 0, of the measurements that no other outdoes, of those that keep the limits.

    One outdoes another if it is at least as good in every objective and better in one. Of equal ones all are returned, and none
    that lacks an objective.
    """
    complete = [
        (place, told.values)
        for place, told in enumerate(state.trials)
        if told.values is not None and state.objectives.keys() <= told.values.keys() and keeps_limits(state, told.values)
    ]
    if not complete:
        return []
    signs = {name: 1.0 if goal == "maximise" else -1.0 for name, goal in state.objectives.items()}
    worths = np.array([[sign * values[name] for name, sign in signs.items()] for _, values in complete])
    return [complete[index][0] for index in sorted(undominated(worths))]
