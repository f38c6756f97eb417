"""95 % intervals over seeds, by resampling the seeds.

Source: Efron and Tibshirani, An Introduction to the Bootstrap (1993), the percentile interval.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

_N_RESAMPLES = 10_000


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float


def mean_interval(values: Sequence[float]) -> Interval:
    """Return the mean over seeds."""
    return _over_seeds(lambda picked: picked[..., 0].mean(axis=-1), np.array(values, dtype=float)[:, None])


def ratio_interval(ours: Sequence[float], theirs: Sequence[float]) -> Interval:
    """Return our mean over their mean; both come from the same seeds in the same order, which are resampled together."""
    pairs = np.column_stack([np.array(ours, dtype=float), np.array(theirs, dtype=float)])
    return _over_seeds(lambda picked: picked[..., 0].mean(axis=-1) / picked[..., 1].mean(axis=-1), pairs)


def _over_seeds(figure: Callable[[np.ndarray], np.ndarray], rows: np.ndarray) -> Interval:
    """Apply a figure to rows, shape (seeds, columns), and to resamples of them; always the same resamples."""
    chosen = np.random.default_rng(0).integers(len(rows), size=(_N_RESAMPLES, len(rows)))
    low, high = np.quantile(figure(rows[chosen]), [0.025, 0.975])
    return Interval(float(figure(rows)), float(low), float(high))
