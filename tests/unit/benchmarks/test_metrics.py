"""Metrics on examples that were worked out by hand."""

import numpy as np
import pytest

from orchestrator.benchmarks.intervals import mean_interval, ratio_interval
from orchestrator.benchmarks.metrics import (
    acceleration,
    ceiling,
    dominated_area,
    enhancement,
    mean_ranks,
    random_to_top,
    simple_regret,
    top_share_found,
)


def test_random_search_needs_what_drawing_all_cards_until_the_second_ace_does():
    assert random_to_top(4, 2, 2) == pytest.approx(10 / 3)  # orders of 2 aces among 4: 1 × 2, 2 × 3, 3 × 4 draws, of 6
    assert random_to_top(164, 9, 8) == pytest.approx(132)
    rng = np.random.default_rng(0)
    drawn = [np.sort(rng.permutation(30)[:4])[2] + 1 for _ in range(4000)]  # where the third of four top members comes
    assert np.mean(drawn) == pytest.approx(random_to_top(30, 4, 3), rel=0.03)


def test_the_share_found_rises_with_every_hit():
    share = top_share_found([2, 5], n_top=4, n_measured=6)
    assert share.tolist() == [0.0, 0.25, 0.25, 0.25, 0.5, 0.5]
    assert enhancement(share, n_members=20).tolist() == pytest.approx([0.0, 2.5, 5 / 3, 1.25, 2.0, 5 / 3])


def test_acceleration_is_what_random_needs_over_what_we_need():
    assert acceleration(132.0, 33.0) == 4.0
    assert ceiling(132.0, 8, n_start=2) == pytest.approx(13.2)


def test_regret_is_the_distance_of_the_best_from_the_optimum():
    assert simple_regret([3.0, -1.5, 2.0], optimum=-2.0) == 0.5
    assert simple_regret([7.0, 9.0], optimum=10.0) == 1.0


def test_the_dominated_area_is_that_of_a_staircase():
    points = np.array([[1.0, 3.0], [2.0, 1.0], [3.0, 2.0], [5.0, 0.0]])  # the third is dominated, the last beyond the corner
    assert dominated_area(points, (4.0, 4.0)) == pytest.approx(3 * 1 + 2 * 2)
    assert dominated_area(np.array([[5.0, 5.0]]), (4.0, 4.0)) == 0.0


def test_equal_engines_share_their_ranks_and_missing_ones_have_none():
    ranks = mean_ranks({"a": {"x": 10, "y": 20, "z": 20}, "b": {"x": 9, "y": 3}})
    assert ranks == {"x": 1.5, "y": 1.75, "z": 2.5}


def test_an_interval_holds_the_mean_and_shrinks_with_seeds():
    rng = np.random.default_rng(1)
    few, many = (mean_interval(rng.normal(50, 10, n).tolist()) for n in (5, 80))
    assert few.low < few.value < few.high
    assert many.high - many.low < few.high - few.low
    assert many == mean_interval(np.random.default_rng(1).normal(50, 10, 85)[5:].tolist())


def test_pairs_are_resampled_together():
    hard_seeds = [10.0, 100.0, 20.0, 80.0]
    half = ratio_interval([value / 2 for value in hard_seeds], hard_seeds)
    assert (half.value, half.low, half.high) == pytest.approx((0.5, 0.5, 0.5))
