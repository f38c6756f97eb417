"""Best so far, beside what random points would have found."""

from collections.abc import Sequence

import numpy as np

from orchestrator.api.following import Followed
from orchestrator.domain.campaign import Trial, first_value
from orchestrator.queries.units import objective_unit
from orchestrator.wire.trials import Progress, ProgressPoint

_FEWEST = 5
"""With fewer points that were chosen without a model, nothing is said about chance."""
_MOST_POINTS = 20_000


def shown_progress(followed: Followed) -> Progress:
    """Return one campaign's progress by the first objective."""
    state = followed.state
    objective = state.objectives[0]
    points = tuple(followed.bests[-_MOST_POINTS:])
    drawn = [value for trial in state.trials if _is_blind(trial) and (value := first_value(trial, state.objectives)) is not None]
    expected = expected_best(drawn, len(points), is_maximised=objective.goal == "maximise")
    source = "" if expected is None else f"estimated from the {len(drawn)} trials of this campaign that were chosen without a model"
    return Progress(
        objective=objective.name,
        goal=objective.goal,
        unit=objective_unit(state, objective),
        points=tuple(ProgressPoint(trial=point.trial, value=point.value, best=point.best) for point in points),
        random=expected,
        random_source=source,
    )


def _is_blind(trial: Trial) -> bool:
    """Return whether nothing was known of its value when it was chosen: an initial design, or an agent without a model."""
    return trial.kind.is_scored and trial.role != "human" and not trial.evidence.predicted


def expected_best(values: Sequence[float], n: int, *, is_maximised: bool) -> tuple[float, ...] | None:
    """Return the expected best of 1 … n draws, with replacement, from values that were found by chance; None if they are few.

    Source:
        Order statistics of the empirical distribution: P(best ≤ v_i) = (i/m)^k for k draws from m sorted values.
    """
    if len(values) < _FEWEST or n == 0:
        return None
    ordered = np.sort(np.asarray(values, dtype=float))
    ordered = ordered if is_maximised else -ordered[::-1]
    share = np.arange(len(ordered) + 1) / len(ordered)
    draws = np.arange(1, n + 1)[:, None]
    weights = np.diff(share[None, :] ** draws, axis=1)
    best = weights @ ordered
    return tuple(float(value) for value in (best if is_maximised else -best))
