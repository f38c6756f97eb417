"""The parts of the mapping agent against plain calculations."""

from dataclasses import replace

import numpy as np
import pytest

from agents.bayesian.belief import Fit
from agents.bayesian.observations import observe
from agents.bayesian.process import Process, condition
from agents.bayesian.surrogate import Hyperparameters
from agents.encoding import Encoding
from agents.mapping.accuracy import stop_if_good_enough
from agents.mapping.amplitude import amplitude_of, left_out
from agents.mapping.field import field_of
from agents.mapping.smoothing import Likeness
from agents.mapping.view import view
from orchestrator.domain.errors import SpaceExhausted
from orchestrator.domain.history import History
from orchestrator.domain.records import Evidence, Suggestion
from orchestrator.testing.histories import empty_history, extended, history_with
from tests.unit.agents.mapping.maps import GRID, POOL, peak, waves

GROUPS = np.array([0, 1])
KNOWN = Hyperparameters(np.array([0.2, 0.3]), 1.2, 0.05, 0.1)


def scattered(seed: int, n: int = 80) -> tuple[np.ndarray, np.ndarray]:
    """Return places and pure noise at them."""
    rng = np.random.default_rng(seed)
    return rng.random((n, 2)), rng.standard_normal(n)


def test_left_out_errors_are_those_of_refitting_without_the_point() -> None:
    places, values = scattered(0, 12)
    errors, variances = left_out(condition(KNOWN, GROUPS, places, values, np.zeros(12)))
    for index in range(12):
        others = np.arange(12) != index
        mean, sd = condition(KNOWN, GROUPS, places[others], values[others], np.zeros(11)).predict(places[[index]])
        assert errors[index] == pytest.approx(values[index] - mean[0])
        assert variances[index] == pytest.approx(sd[0] ** 2 + KNOWN.noise)


def test_errors_alike_everywhere_ask_for_little_unevenness() -> None:
    weights = []
    for seed in range(6):
        places, values = scattered(seed)
        process = condition(Hyperparameters(np.array([9.0, 9.0]), 0.05, 1.0), GROUPS, places, values, np.zeros(80))
        weights.append(amplitude_of(process).unevenness)
    assert np.median(weights) < 0.5


def test_the_amplitude_is_large_where_errors_are() -> None:
    places, values = scattered(0)
    values *= np.where(places[:, 0] > 0.5, 1.0, 0.05)
    amplitude = amplitude_of(condition(Hyperparameters(np.array([9.0, 9.0]), 0.05, 0.5), GROUPS, places, values, np.zeros(80)))
    rough, flat = amplitude.of(np.array([[0.8, 0.5], [0.2, 0.5]]))
    assert amplitude.unevenness > 0.99
    assert rough > 20 * flat


def test_the_amplitude_is_large_at_the_level_where_errors_are() -> None:
    process = striped(rough_stripes=(True, False))
    amplitude = amplitude_of(process)
    rough, flat = amplitude.of(np.array([[0.5, 0.0625], [0.5, 0.1875]]))
    assert rough > 5 * flat
    by_place_alone = [smoothing.weight for smoothing in amplitude.smoothings if smoothing.breadth is None]
    assert sum(by_place_alone) < 0.1 < amplitude.unevenness


def test_levels_that_tell_nothing_of_errors_change_nothing() -> None:
    amplitude = amplitude_of(striped(rough_stripes=(True, True)))
    high, low = amplitude.of(np.array([[0.5, 0.0625], [0.5, 0.1875]]))
    assert 0.5 < high / low < 2.0


def striped(rough_stripes: tuple[bool, bool]) -> Process:
    """Return what is known of a map of high and low stripes along y, four of each, when the high, the low or both have a texture."""
    rng = np.random.default_rng(0)
    places = rng.random((300, 2))
    is_low = (places[:, 1] * 8.0).astype(int) % 2
    sds = np.where(np.array(rough_stripes)[is_low], 0.3, 0.03)
    values = np.where(is_low, -1.0, 1.0) + sds * rng.standard_normal(300)
    return condition(Hyperparameters(np.array([2.0, 0.05]), 1.0, 0.05), GROUPS, places, values, np.zeros(300))


def test_the_amplitude_is_about_one_on_average_over_the_points() -> None:
    places, values = scattered(3)
    amplitude = amplitude_of(condition(KNOWN, GROUPS, places, values, np.zeros(80)))
    assert amplitude.of(places).mean() == pytest.approx(1.0, abs=0.1)


def test_many_places_are_looked_at_as_few_are() -> None:
    amplitude = amplitude_of(striped(rough_stripes=(True, False)))
    many = np.random.default_rng(1).random((1500, 2))
    assert amplitude.of(many)[1400:] == pytest.approx(amplitude.of(many[1400:]))


def test_no_point_has_a_say_in_its_own_prediction() -> None:
    squares = np.random.default_rng(0).random((6, 6))
    np.fill_diagonal(squares, 0.0)
    ratios = np.arange(1.0, 7.0)
    ((_, tally),) = Likeness(squares, np.zeros((6, 6))).tallies(ratios, [(0.5, None)])
    weights = np.exp(-2.0 * squares) * (1.0 - np.eye(6))
    assert tally.without(ratios).smoothed(0.0) == pytest.approx(weights @ ratios / weights.sum(axis=1))


def test_few_smoothings_are_kept_when_many_are_as_good() -> None:
    places, values = scattered(1, 300)
    values *= np.where(places[:, 0] > 0.5, 1.0, 0.7)
    process = condition(Hyperparameters(np.array([9.0, 9.0]), 0.05, 0.5), GROUPS, places, values, np.zeros(300))
    assert 5 < len(amplitude_of(process).smoothings) <= 16


def test_a_gain_is_the_fall_of_the_variance_everywhere() -> None:
    history = history_with(POOL, [(point, peak(point)) for point in GRID[::23]])
    encoding = Encoding.of(POOL)
    observations = observe(history, encoding)
    field = field_of(encoding, observations, observations.outcomes[0], Fit(KNOWN, 20, 20, was_refit=True), KNOWN)
    cube = encoding.of_points(GRID)
    before = view(field, encoding, cube, goal="map", level=None)
    after = view(field.with_pending(cube[[100]]), encoding, cube, goal="map", level=None)
    assert before.gains(cube, np.array([100]))[0] == pytest.approx(float(before.weights @ (before.variances - after.variances)), rel=1e-6)
    assert np.allclose(before.means, after.means)


def test_the_map_is_what_a_stationary_process_expects_and_its_errors_are_not() -> None:
    history = history_with(POOL, [(point, peak(point)) for point in GRID[::9]])
    encoding = Encoding.of(POOL)
    observations = observe(history, encoding)
    field = field_of(encoding, observations, observations.outcomes[0], Fit(KNOWN, 49, 49, was_refit=True), KNOWN)
    outcome, cube = observations.outcomes[0], encoding.of_points(GRID)
    stationary = condition(KNOWN, GROUPS, observations.cube, outcome.values, outcome.variances).with_best_mean()
    expected, sds = stationary.predict(cube)
    means, uneven_sds = field.predict(cube)
    assert means == pytest.approx(expected)
    assert np.ptp(uneven_sds / sds) > 1.0


@pytest.mark.parametrize("is_plain_better", [False, True])
def test_the_map_is_that_of_the_lengthscales_which_miss_left_out_points_less(is_plain_better: bool) -> None:
    history = history_with(POOL, [(point, waves(point)) for point in GRID[::9]])
    encoding = Encoding.of(POOL)
    observations = observe(history, encoding)
    [outcome] = observations.outcomes
    poor = replace(KNOWN, lengthscales=np.array([0.03, 0.03]))
    fitted, plain = (poor, KNOWN) if is_plain_better else (KNOWN, poor)
    field = field_of(encoding, observations, outcome, Fit(fitted, 49, 49, was_refit=True), plain)
    better = condition(KNOWN, GROUPS, observations.cube, outcome.values, outcome.variances).with_best_mean()
    cube = encoding.of_points(GRID)
    assert field.predict(cube)[0] == pytest.approx(better.predict(cube)[0])


def decided(*errors: float) -> History:
    """Return a history of decisions that expected these errors."""
    history = empty_history(POOL)
    for number, error in enumerate(errors):
        history = extended(history, Suggestion(point=GRID[number], evidence=Evidence(reason="", model={"expected_error": error})), 1.0)
    return history


def test_a_quarter_of_all_decisions_must_find_the_map_good() -> None:
    many = [0.2] * 13
    stop_if_good_enough(decided(*many, 0.04, 0.04, 0.04), 0.04, 0.05)
    with pytest.raises(SpaceExhausted, match="5 decisions in a row"):
        stop_if_good_enough(decided(*many, 0.04, 0.04, 0.04, 0.04), 0.04, 0.05)


def test_one_doubtful_decision_keeps_the_campaign_going() -> None:
    stop_if_good_enough(decided(0.04, 0.06), 0.04, 0.05)
    stop_if_good_enough(decided(0.04, 0.04), 0.05, 0.05)
    with pytest.raises(SpaceExhausted):
        stop_if_good_enough(decided(0.04, 0.04), 0.04, 0.05)
