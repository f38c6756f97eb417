"""What a comparison reports.

Source: Liang et al., npj Comput. Mater. 7, 188 (2021): Top-k %, acceleration factor AF, enhancement factor EF.
"""

from collections.abc import Mapping, Sequence

import numpy as np


def random_to_top(n_members: int, n_top: int, n_wanted: int) -> float:
    """Return the measurements that drawing without replacement needs on average until it holds ``n_wanted`` of ``n_top`` members.

    Source: the expectation of the negative hypergeometric distribution.
    """
    return n_wanted * (n_members + 1) / (n_top + 1)


def top_share_found(hits: Sequence[int], n_top: int, n_measured: int) -> np.ndarray:
    """Return the share of the top members found after 1, 2, … measurements, shape (n_measured,).

    Args:
        hits: The measurements that found a top member for the first time, counted from 1.
        n_top: Top members in the pool.
        n_measured: Measurements made.
    """
    steps = np.zeros(n_measured)
    steps[np.array(hits, dtype=int) - 1] = 1.0 / n_top
    return steps.cumsum()


def acceleration(random: float, ours: float) -> float:
    """Return AF: how many times as many measurements random search needs."""
    return random / ours


def enhancement(share_found: np.ndarray, n_members: int) -> np.ndarray:
    """Return EF after 1, 2, … measurements: the share found over the share that drawing at random finds on average."""
    return share_found / (np.arange(1, len(share_found) + 1) / n_members)


def ceiling(random: float, n_wanted: int, *, n_start: int) -> float:
    """Return the AF that nobody exceeds: after a start outside the top, every measurement finds a top member."""
    return acceleration(random, n_start + n_wanted)


def simple_regret(values: Sequence[float], optimum: float) -> float:
    """Return how far the best true value is from the optimum, never negative, in the objective's unit."""
    return float(np.min(np.abs(np.asarray(values) - optimum)))


def dominated_area(values: np.ndarray, reference: tuple[float, float]) -> float:
    """Return the area between points and a reference corner, both objectives minimised.

    Args:
        values: Shape (points, 2).
        reference: The corner; points beyond it count nothing.
    """
    inside = values[(values < np.array(reference)).all(axis=1)]
    area, height = 0.0, reference[1]
    for x, y in inside[np.lexsort((inside[:, 1], inside[:, 0]))]:
        if y < height:
            area += (reference[0] - x) * (height - y)
            height = y
    return float(area)


def mean_ranks(by_task: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """Return every engine's mean rank over the tasks, 1 the best; the fewer measurements the better, equals share their ranks.

    Args:
        by_task: Measurements by task and engine. An engine that is missing on a task has no rank there.
    """
    from scipy.stats import rankdata

    ranks: dict[str, list[float]] = {}
    for measurements in by_task.values():
        for engine, rank in zip(measurements, rankdata(list(measurements.values())), strict=True):
            ranks.setdefault(engine, []).append(float(rank))
    return {engine: float(np.mean(each)) for engine, each in ranks.items()}
