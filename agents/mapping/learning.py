"""Hyperparameters across trials: refitted as the points grow by a tenth, from the last decision's evidence.

A map changes little with each point, and the fit is the dearest step: a tenth more points refit from where the last fit
ended, twice as many from scratch.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from agents.bayesian.fitting import Fit, last_record, recalled
from agents.bayesian.observations import Observations, Outcome
from agents.bayesian.surrogate import Hyperparameters, Problem, cold_starts, fit, with_mean
from agents.encoding import Encoding
from agents.mapping.field import field_of, normalised
from orchestrator.domain.history import History

_GROWTH = 1.1
_DOUBLE = 2


def learn(history: History, encoding: Encoding, observations: Observations) -> list[tuple[Fit, int]]:
    """Return one fit per objective, each with the number of points at the last fit from scratch."""
    return [_learn(last_record(history, outcome.objective.name), encoding, observations, outcome) for outcome in observations.outcomes]


def _learn(earlier: Mapping[str, Any] | None, encoding: Encoding, observations: Observations, outcome: Outcome) -> tuple[Fit, int]:
    problem, n = Problem.of(observations.cube, encoding.groups, outcome.values, outcome.variances), observations.n
    n_from_scratch = 0 if earlier is None else int(earlier.get("n_from_scratch", 0))
    if earlier is None or n >= _DOUBLE * n_from_scratch:
        start = fit(problem, cold_starts(problem))
        return Fit(_refitted(encoding, observations, outcome, problem, start), n, was_refit=True), n
    start = with_mean(problem, recalled(earlier, outcome, encoding))
    if n >= _GROWTH * earlier["n_fitted"]:
        return Fit(_refitted(encoding, observations, outcome, problem, start), n, was_refit=True), n_from_scratch
    return Fit(start, int(earlier["n_fitted"]), was_refit=False), n_from_scratch


def _refitted(
    encoding: Encoding, observations: Observations, outcome: Outcome, problem: Problem, start: Hyperparameters
) -> Hyperparameters:
    """Return hyperparameters of the readings without their amplitude, as the start sees it: else rough places pass for noise."""
    amplitude = field_of(encoding, observations, outcome, start).amplitude
    values, variances = normalised(outcome, amplitude, observations.cube, start.mean)
    found = fit(replace(problem, values=values, variances=variances), [start.as_log()])
    return with_mean(problem, found)
