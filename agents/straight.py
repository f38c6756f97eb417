"""Scores in a straight scale, of mean 0 and sd 1: for models that are to see them as the rewards gave them."""

from dataclasses import replace

import numpy as np

from agents.bayesian.observations import Observations, Outcome
from agents.bayesian.scaling import Scaling

_TINY = 1e-12
"""Scores that differ by less than this share of their size are the same."""


def straightened(observations: Observations) -> Observations:
    """Return the observations with every objective's outcomes of mean 0 and sd 1, and otherwise as scored."""
    return replace(observations, outcomes=tuple(_straightened(outcome) for outcome in observations.outcomes))


def _straightened(outcome: Outcome) -> Outcome:
    mean, sd = _mean_and_sd(outcome.scores)
    return replace(outcome, scaling=Scaling(outcome.scaling.sign, centre=mean, spread=sd, power=1.0, shift=0.0, scale=1.0))


def _mean_and_sd(scores: np.ndarray) -> tuple[float, float]:
    """Return mean and sd; of scores as large as numbers go, too. An sd of 1 where all agree."""
    largest = float(np.abs(scores).max(initial=0.0))
    if largest == 0.0:
        return 0.0, 1.0
    share = scores / largest
    sd = float(share.std())
    return float(share.mean()) * largest, sd * largest if sd > _TINY else 1.0
