"""Hyperparameters across trials: refitted as the points grow by a tenth, from the last decision's evidence.

A map changes little with each point, and the fit is the dearest step: a tenth more points refit from where the last fit
ended, twice as many from scratch.
"""

from collections.abc import Mapping
from typing import Any

from agents.bayesian.fitting import Fit, last_record, recalled
from agents.bayesian.observations import Observations, Outcome
from agents.bayesian.surrogate import Problem, cold_starts, fit, with_mean
from agents.encoding import Encoding
from orchestrator.domain.history import History

_GROWTH = 1.1


def learn(history: History, encoding: Encoding, observations: Observations) -> list[tuple[Fit, int]]:
    """Return one fit per objective, each with the number of points at the last fit from scratch."""
    return [_learn(last_record(history, outcome.objective.name), encoding, observations, outcome) for outcome in observations.outcomes]


def _learn(earlier: Mapping[str, Any] | None, encoding: Encoding, observations: Observations, outcome: Outcome) -> tuple[Fit, int]:
    problem = Problem.of(observations.cube, encoding.groups, outcome.values, outcome.variances)
    n = observations.n
    if earlier is None or n >= 2 * earlier.get("n_from_scratch", 0):
        return Fit(fit(problem, cold_starts(problem)), n, was_refit=True), n
    warm, n_fitted, n_from_scratch = recalled(earlier, outcome, encoding), int(earlier["n_fitted"]), int(earlier["n_from_scratch"])
    if n >= _GROWTH * n_fitted:
        return Fit(fit(problem, [warm.as_log()]), n, was_refit=True), n_from_scratch
    return Fit(with_mean(problem, warm), n_fitted, was_refit=False), n_from_scratch
