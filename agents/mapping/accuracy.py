"""The agent's own estimate of how wrong its map still is, and whether that is good enough."""

import math
from collections.abc import Sequence

import numpy as np

from agents.mapping.amplitude import left_out
from agents.mapping.field import Field
from agents.mapping.view import View, standardised
from orchestrator.domain.errors import SpaceExhausted
from orchestrator.domain.history import History

_FEWEST_BELOW = 3
_SHARE_BELOW = 0.25
"""Of all decisions so far, the newest, whose expected error must be low: a few may be luck, and early points may have missed
what there is to see."""
_NO_SPAN = 1e-6


def expected_error(view: View, field: Field, cube: np.ndarray) -> float | None:
    """Return the root mean square error expected over the map, as a share of its range (P99 − P1); None for a flat map.

    The variances are corrected by how large left-out errors really are, each counted for the share of the map its point
    stands for: the points alone would speak for the rough places, where they are dense. Scatter that the scores do not
    state themselves counts as error, because it cannot be told from detail finer than the points' distance.

    Args:
        view: The map, pending points counted as read.
        field: The same without pending points.
        cube: The view's places, shape (places, columns).
    """
    if view.span < _NO_SPAN:
        return None
    unread = field.hyperparameters.noise * view.heights**2
    return float(np.sqrt((view.variances + unread).mean() * honesty(field, cube))) / view.span


def honesty(field: Field, cube: np.ndarray) -> float:
    """Return squared left-out errors over their predicted variances, each point weighted by the map's share nearest to it."""
    from scipy.spatial import KDTree

    places = field.process.places
    counts = np.bincount(KDTree(places).query(cube)[1], minlength=len(places))
    errors, _ = left_out(field.picture)
    variances = field.amplitude.of(places) * left_out(field.process)[1]
    return max(float(counts @ errors**2 / (counts @ variances)), 1e-6)


def expected_wrong_side(view: View, field: Field, cube: np.ndarray, level: float) -> float:
    """Return the share of the map expected on the wrong side of a level, in the objective's unit."""
    from scipy.special import ndtr

    sds = np.sqrt(view.variances * honesty(field, cube))
    return float(ndtr(-np.abs(view.means - standardised(view.field, level)) / sds).mean())


def stop_if_good_enough(history: History, error: float | None, good_enough: float | None) -> None:
    """Complete the campaign once the expected error stays low.

    Raises:
        SpaceExhausted: If it was below ``good_enough`` now and at the decisions just before.
    """
    if good_enough is None or error is None or error >= good_enough:
        return
    earlier = _recorded_errors(history)
    n_below = max(_FEWEST_BELOW, math.ceil(_SHARE_BELOW * (len(earlier) + 1)))
    if len(earlier) >= n_below - 1 and all(each < good_enough for each in earlier[-(n_below - 1) :]):
        why = f"its expected error is {error:.3g}, and below good_enough = {good_enough:g} for {n_below} decisions in a row"
        raise SpaceExhausted(f"the map is good enough: {why}")


def _recorded_errors(history: History) -> Sequence[float]:
    """Return what the earlier decisions expected, oldest first."""
    models = (trial.evidence.model for trial in history.trials)
    return [model["expected_error"] for model in models if model.get("expected_error") is not None]
