"""Best so far, beside what random points would have found."""

from collections.abc import Sequence

import numpy as np

from orchestrator.api.following import Followed
from orchestrator.wire.trials import Progress, ProgressPoint

_FEWEST = 5
"""With fewer points that were chosen without a model, nothing is said about chance."""
_MOST_POINTS = 20_000
_MOST_VALUES = 1000
_EVERY = 100
"""Numbers of draws that are worked out one by one, and how many are beyond."""


def shown_progress(followed: Followed) -> Progress:
    """Return one campaign's progress by the first objective."""
    state = followed.state
    if not state.objectives:
        return Progress(objective="", goal="maximise", unit="", points=())  # of a campaign over samples, whose parts have it
    objective = state.objectives[0]
    points = tuple(followed.bests[-_MOST_POINTS:])
    drawn = [best.value for best in followed.bests if best.is_blind]
    expected = expected_best(drawn, len(points), is_maximised=objective.goal == "maximise")
    source = "" if expected is None else f"estimated from the {len(drawn)} trials of this campaign that were chosen without a model"
    return Progress(
        objective=objective.name,
        goal=objective.goal,
        unit=objective.unit,
        points=tuple(ProgressPoint(trial=point.trial, value=point.value, best=point.best) for point in points),
        random=expected,
        random_source=source,
    )


def expected_best(values: Sequence[float], n: int, *, is_maximised: bool) -> tuple[float, ...] | None:
    """Return the expected best of 1 … n draws, with replacement, from values that were found by chance; None if they are few.

    Source:
        Order statistics of the empirical distribution: P(best ≤ v_i) = (i/m)^k for k draws from m sorted values. Beyond a
        hundred draws it is worked out at a few numbers of draws, and drawn straight between them.
    """
    if len(values) < _FEWEST or n == 0:
        return None
    ordered = np.sort(np.asarray(values, dtype=float))
    ordered = _quantiles(ordered if is_maximised else -ordered[::-1])
    share = np.arange(len(ordered) + 1) / len(ordered)
    draws = np.unique(np.concatenate([np.arange(1, min(n, _EVERY) + 1), np.geomspace(1, n, _EVERY).round()]))
    best = np.interp(np.arange(1, n + 1), draws, np.diff(share[None, :] ** draws[:, None], axis=1) @ ordered)
    return tuple((best if is_maximised else -best).tolist())


def _quantiles(ordered: np.ndarray) -> np.ndarray:
    """Return at most ``_MOST_VALUES`` of ascending values, evenly among them, the first and last kept."""
    if len(ordered) <= _MOST_VALUES:
        return ordered
    return ordered[np.linspace(0, len(ordered) - 1, _MOST_VALUES).round().astype(int)]
