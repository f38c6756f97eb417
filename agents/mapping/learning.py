"""Hyperparameters across trials: refitted as the points grow by a tenth, from the last decision's evidence.

A map changes little with each point, and the fit is the dearest step: a tenth more points refit from where the last fit
ended, twice as many from scratch.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from agents.bayesian.belief import Fit
from agents.bayesian.observations import Observations, Outcome
from agents.bayesian.recording import recorded
from agents.bayesian.surrogate import Hyperparameters, Problem, cold_starts, fit
from agents.encoding import Encoding
from agents.mapping.amplitude import amplitude_of
from agents.mapping.field import Field, field_of, normalised, stationary
from agents.mapping.recall import plain_in, record_of
from orchestrator.domain.history import History

_GROWTH = 1.1
_DOUBLE = 2
_MOST_FITTED = 400
"""Points, drawn at random, that hyperparameters are fitted to. All of them are conditioned on."""


def learn(history: History, encoding: Encoding, observations: Observations) -> list[Field]:
    """Return one field per objective."""
    chosen = _chosen(observations.n, history.rng())
    return [_learn(_last_record(history, outcome), encoding, observations, outcome, chosen) for outcome in observations.outcomes]


def _chosen(n: int, rng: np.random.Generator) -> np.ndarray:
    return np.arange(n) if n <= _MOST_FITTED else np.sort(rng.permutation(n)[:_MOST_FITTED])


def _last_record(history: History, outcome: Outcome) -> Mapping[str, Any] | None:
    """Return what the newest decision by a map of this objective in this space recorded."""
    records = (record_of(trial.evidence.model, outcome.objective.name, history.space.names) for trial in reversed(history.trials))
    return next((found for found in records if found is not None), None)


def _learn(
    earlier: Mapping[str, Any] | None, encoding: Encoding, observations: Observations, outcome: Outcome, chosen: np.ndarray
) -> Field:
    n = observations.n
    if earlier is None or n >= _DOUBLE * earlier["n_cold"]:
        problem = _problem(encoding, observations, outcome, outcome.values, outcome.variances, chosen)
        plain = fit(problem, cold_starts(problem))
        return _refitted(encoding, observations, outcome, Fit(plain, n, n, was_refit=True), plain, chosen)
    last = Fit(recorded(earlier, encoding), int(earlier["n_fitted"]), int(earlier["n_cold"]), was_refit=False)
    plain = plain_in(earlier, encoding)
    if n >= _GROWTH * last.n_fitted:
        problem = _problem(encoding, observations, outcome, outcome.values, outcome.variances, chosen)
        plain = fit(problem, [plain.as_log()])
        return _refitted(encoding, observations, outcome, replace(last, n_fitted=n, was_refit=True), plain, chosen)
    return field_of(encoding, observations, outcome, last, plain)


def _refitted(
    encoding: Encoding, observations: Observations, outcome: Outcome, start: Fit, plain: Hyperparameters, chosen: np.ndarray
) -> Field:
    """Return the field fitted to readings without their amplitude, as the start sees it: else rough places pass for noise."""
    before = stationary(encoding, observations, outcome, start.hyperparameters)
    values, variances = normalised(outcome, amplitude_of(before), observations.cube, before.hyperparameters.mean)
    problem = _problem(encoding, observations, outcome, values, variances, chosen)
    found = fit(problem, [start.hyperparameters.as_log()])
    return field_of(encoding, observations, outcome, replace(start, hyperparameters=found), plain)


def _problem(
    encoding: Encoding, observations: Observations, outcome: Outcome, values: np.ndarray, variances: np.ndarray, chosen: np.ndarray
) -> Problem:
    states_noise = outcome.sds is not None
    return Problem.of(observations.cube[chosen], encoding.groups, values[chosen], variances[chosen], states_noise=states_noise)
