"""Scores of any unit and shape become even ones, and come back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.bayesian.scaling import Scaling

RNG = np.random.default_rng(0)
NORMAL = RNG.normal(size=200)


@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=30), st.sampled_from([1.0, -1.0]))
def test_a_score_comes_back_as_it_was(scores: list[float], sign: float) -> None:
    known = np.array(scores)
    scaling = Scaling.of(known, sign)
    inside = np.abs(known - scaling.centre) < 1e5 * scaling.spread
    assert scaling.in_unit(scaling.standardised(known))[inside] == pytest.approx(known[inside], rel=1e-6, abs=1e-6 * scaling.spread)


@pytest.mark.parametrize(("scores", "power"), [(NORMAL, 1.0), (np.exp(NORMAL), 0.0), (-np.exp(NORMAL), 2.0)])
def test_the_power_is_the_one_that_evens_the_scores_out(scores: np.ndarray, power: float) -> None:
    scaling = Scaling.of(scores, 1.0)
    assert scaling.power == pytest.approx(power, abs=0.5)
    assert abs((scaling.standardised(scores) ** 3).mean()) < 0.6


def test_more_is_better_for_every_outcome() -> None:
    scores = np.array([1.0, 2.0, 4.0])
    assert (np.diff(Scaling.of(scores, 1.0).standardised(scores)) > 0).all()
    assert (np.diff(Scaling.of(scores, -1.0).standardised(scores)) < 0).all()


@pytest.mark.parametrize("scores", [[5.0, 5.0], [0.1] * 3, [0.0], [1e300, -1e300], [0.0, 0.0, 0.0, 0.0, 1e-300], [1.0, 1.0, 1.0, 1e30]])
def test_constant_and_enormous_scores_stay_finite(scores: list[float]) -> None:
    known = np.array(scores)
    scaling = Scaling.of(known, 1.0)
    assert np.isfinite(scaling.standardised(known)).all()
    assert np.isfinite(scaling.interval(np.array([0.0, 9.0]), np.array([1.0, 50.0]))).all()


def test_the_unit_makes_no_difference() -> None:
    scores = np.exp(NORMAL[:40])
    plain, other = Scaling.of(scores, 1.0), Scaling.of(273.15 + 1e-6 * scores, 1.0)
    assert other.standardised(273.15 + 1e-6 * scores) == pytest.approx(plain.standardised(scores), abs=1e-5)


def test_stated_sds_grow_and_shrink_with_the_slope() -> None:
    scores = np.exp(NORMAL)
    scaling, step = Scaling.of(scores, 1.0), 1e-6
    slope = (scaling.standardised(scores + step) - scaling.standardised(scores - step)) / (2 * step)
    assert scaling.variances(scores, np.full(200, 0.1)) == pytest.approx((0.1 * slope) ** 2, rel=1e-3)


def test_an_interval_is_mean_and_sd_where_nothing_is_bent() -> None:
    scaling = Scaling(sign=-1.0, centre=10.0, spread=2.0, power=1.0, shift=0.5, scale=3.0)
    middle, half = scaling.interval(np.array([1.0]), np.array([0.25]))
    assert (middle[0], half[0]) == pytest.approx((10.0 - 2.0 * 3.5, 1.5))


def test_no_scores_at_all_are_scaled_by_nothing_and_without_a_warning() -> None:
    scaling = Scaling.of(np.empty(0), -1.0)
    assert scaling.standardised(np.array([2.0])) == pytest.approx([-2.0])
