"""Readings that the others contradict: they are not believed, but neither are they forgotten.

A detector glitches, a sample slips: one reading in twenty may have nothing to do with the rest, and a Gaussian process
that must explain it takes everything for noise. So a reading may be given a variance of its own, where the likelihood
gains enough by it (relevance pursuit: Ament et al., NeurIPS 2024). What a reading is expected to be without itself has
a formula, and so has the variance that suits it best.
"""

import numpy as np

from agents.bayesian.process import Process

_LEAST_GAIN = 7.0
"""Of the log likelihood, for a variance of its own: a prior chance of 1 % for an outlier, and the price of one more parameter.
It takes a reading more than four sds from what the others say."""
_ENOUGH_TO_KEEP = 4.0
"""The same for a reading that is already doubted, so that doubts do not come and go."""
_MOST_IGNORANCE = 0.5
"""Share of the signal's variance that may be left without the reading. Where nothing else was measured nothing contradicts it:
a lonely high reading may be what is looked for."""
_MOST_DOUBTED = 0.2
"""Share of the readings; with more the model is wrong, not the readings."""


def doubted(process: Process, is_doubted: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Return which readings the others contradict, shape (readings,), boolean.

    At most one reading is doubted anew: the next may look quite different without it.

    Args:
        process: Conditioned on all readings.
        is_doubted: Which readings are doubted so far, shape (readings,).
        known: What the readings scatter by besides the common noise, variances of shape (readings,): what states a
            large sd, or was exposed briefly, is no outlier for lying far off.
    """
    gain, ignorance = _gain_and_ignorance(process, known)
    is_contradicted = ignorance <= _MOST_IGNORANCE * process.variance
    kept = is_doubted & (gain >= _ENOUGH_TO_KEEP) & is_contradicted
    fresh = np.where(~is_doubted & is_contradicted, gain, 0.0)
    worst = int(np.argmax(fresh))
    if fresh[worst] >= _LEAST_GAIN and kept.sum() + 1 <= _MOST_DOUBTED * len(kept):
        kept[worst] = True
    return kept


def _gain_and_ignorance(process: Process, known: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return what doubting each reading would add to the log likelihood, and the signal's variance there without it.

    A reading has the common noise, and what is known of its own, beside what is not known of the signal; all it has beyond
    that, it has from being doubted.
    """
    precision = np.einsum("ij,ij->j", process.inverse_factor, process.inverse_factor)
    residual = process.weights / precision
    ignorance = np.maximum(1.0 / precision - process.variances, 0.0)
    ratio = np.maximum(residual**2 / (ignorance + process.hyperparameters.noise + known), 1.0)
    return (ratio - 1.0 - np.log(ratio)) / 2, ignorance
