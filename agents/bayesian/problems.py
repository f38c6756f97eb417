"""From readings to what hyperparameters are fitted to."""

import numpy as np

from agents.bayesian.ageing import kind_of
from agents.bayesian.observations import Observations, Outcome
from agents.bayesian.surrogate import Hyperparameters, Problem
from agents.encoding import Encoding

_MOST_FITTED = 400
"""Readings that tell the hyperparameters well enough. All of them are conditioned on."""


def problem_of(
    encoding: Encoding,
    observations: Observations,
    outcome: Outcome,
    directions: np.ndarray | None,
    *,
    rng: np.random.Generator | None = None,
    most: int = _MOST_FITTED,
) -> Problem:
    """Return what to fit to: all readings, or as many of them, the newest or drawn, as tell the hyperparameters well enough."""
    chosen = np.arange(observations.n)
    if observations.n > most:
        chosen = chosen[-most:] if rng is None else np.sort(rng.permutation(chosen)[:most])
    return Problem.of(
        observations.cube[chosen],
        encoding.groups,
        outcome.values[chosen],
        outcome.variances[chosen],
        states_noise=outcome.tells_noise,
        times=observations.times[chosen],
        directions=directions,
    )


def problem_like(encoding: Encoding, observations: Observations, outcome: Outcome, before: Hyperparameters) -> Problem:
    """Return what to fit to, along the directions and of the kind found before."""
    return problem_of(encoding, observations, outcome, before.directions).of_kind(kind_of(before.ageing))
