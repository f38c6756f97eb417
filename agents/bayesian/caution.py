"""How unsure to be of a signal that must never break its limit.

A fit is a best guess, and a safe search must not rest on one: it begins where the signal is tame, so that the fit takes it
for smooth and steady everywhere, and steps over the edge with confidence. So a signal may be rougher and wilder than the fit
says, never smoother or tamer than assumed here.
"""

from dataclasses import replace

import numpy as np

from agents.bayesian.surrogate import Hyperparameters

CONFIDENCE_SDS = 3.0
"""Sds that the limit must lie away from what is expected. A search steps to the edge of what is safe again and again: each
of 40 such steps may go wrong with a chance of 0.13 %, so that 95 % of campaigns break nothing. With 2, which is usual, a
third of them would (SafeOpt: Sui et al., ICML 2015; β = 2 in Berkenkamp, Krause and Schoellig, Machine Learning 112, 3713 (2023))."""
_LONGEST = 0.15
"""Lengthscale, as a share of each parameter's range, beyond which no smoothness is believed: that of a wave whose length is half the range.
It does not grow with the number of parameters: a limit is as steep along one of them as along that one alone."""
_LEAST_NOISE = 1e-6
"""Of the signal's variance; it keeps factors from breaking down."""


def cautious(hyperparameters: Hyperparameters, bounds: tuple[float, float]) -> Hyperparameters:
    """Return hyperparameters under which nothing is taken for safe but what lies near safe readings.

    Lengthscales are at most ``_LONGEST``, and the signal's sd is at least the distance of its mean from the limit: where nothing
    was read, the limit may well be broken.

    Args:
        hyperparameters: As fitted, with the mean of the readings.
        bounds: The lowest and highest standardised value that keeps the limit.
    """
    lengthscales = np.minimum(hyperparameters.lengthscales, _LONGEST)
    reach = max(abs(hyperparameters.mean - bound) for bound in bounds if np.isfinite(bound))
    outputscale = max(hyperparameters.outputscale, reach**2)
    return replace(
        hyperparameters, lengthscales=lengthscales, outputscale=outputscale, noise=max(hyperparameters.noise, _LEAST_NOISE * outputscale)
    )
