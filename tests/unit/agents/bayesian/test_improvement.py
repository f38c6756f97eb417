"""Predictions against the textbook, and what the acquisition functions prefer."""

from dataclasses import replace

import numpy as np
import pytest

from agents.bayesian.ageing import Drifting
from agents.bayesian.improvement import NoisyImprovement, baseline_of, log_gain
from agents.bayesian.process import Process, condition
from agents.bayesian.refusals import Refusals
from agents.bayesian.surrogate import Hyperparameters
from agents.bayesian.upper_bound import UpperBound

X = np.array([[0.1], [0.35], [0.6], [0.6], [0.9]])
Y = np.array([-1.0, 0.5, 1.5, 0.9, -0.8])
HYPERPARAMETERS = Hyperparameters(np.array([0.3]), outputscale=1.2, noise=0.1, mean=0.2)
NOWHERE = np.empty((0, 1))


def process(known: float = 0.0) -> Process:
    return condition(HYPERPARAMETERS, np.array([0]), X, Y, np.full(5, known))


def judge(*, pending: np.ndarray = NOWHERE, refused: np.ndarray = NOWHERE) -> NoisyImprovement:
    refusals = Refusals(refused, np.full(len(refused), 0.1))
    return NoisyImprovement(process(), baseline_of(process(), pending), factor=refusals, rng=np.random.default_rng(0))


def matern(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    r = np.sqrt(5) * np.abs(one - other.T) / 0.3
    return 1.2 * (1 + r + r**2 / 3) * np.exp(-r)


@pytest.mark.parametrize("known", [0.0, 0.3])
def test_predictions_are_those_of_the_textbook(known: float) -> None:
    new = np.array([[0.2], [0.6], [3.0]])
    mean, sd = process(known).predict(new)
    weights = matern(new, X) @ np.linalg.inv(matern(X, X) + (0.1 + known) * np.eye(5))
    assert mean == pytest.approx(0.2 + weights @ (Y - 0.2), rel=1e-6)
    assert sd**2 == pytest.approx(1.2 - np.einsum("ij,ij->i", weights, matern(new, X)), rel=1e-6)


def test_one_reading_more_is_as_good_as_all_from_the_start() -> None:
    groups, new = np.array([0]), np.linspace(0, 1, 7)[:, None]
    grown = condition(HYPERPARAMETERS, groups, X[:4], Y[:4], np.zeros(4)).with_reading(X[4], Y[4], 0.1)
    assert np.array(grown.predict(new)) == pytest.approx(np.array(process().predict(new)), rel=1e-9)
    assert grown.means_where_read() == pytest.approx(process().predict(X)[0], rel=1e-9)


def test_the_best_mean_is_that_of_generalised_least_squares() -> None:
    inverse = np.linalg.inv(matern(X, X) + 0.1 * np.eye(5))
    assert process().with_best_mean().hyperparameters.mean == pytest.approx(inverse.sum(axis=0) @ Y / inverse.sum())


def test_features_that_are_kept_are_those_worked_out_anew() -> None:
    """After two more readings, one of them an old one."""
    groups, cube = np.array([0]), np.linspace(0.0, 1.0, 7)[:, None]
    hyperparameters = replace(HYPERPARAMETERS, ageing=Drifting(0.5, 3.0))
    fresh = condition(hyperparameters, groups, X[:3], Y[:3], np.zeros(3), times=np.arange(3.0), now=6.0)
    kept = fresh.remembering(cube)
    for index, time in ((3, 6.0), (4, 2.0)):
        fresh, kept = (each.with_reading(X[index], Y[index], 0.1, time) for each in (fresh, kept))
    assert kept.remembers(cube)
    assert not kept.remembers(cube.copy())
    assert kept.features(cube) == pytest.approx(fresh.features(cube))
    assert len(kept.features(cube)) == 5


def test_expected_improvement_is_what_many_draws_give() -> None:
    """Against draws of the signal at the measured points and at the new one together."""
    new, rng = np.array([[0.5]]), np.random.default_rng(1)
    places = np.vstack([X[[0, 1, 2, 4]], new])
    believed = process()
    features = believed.features(places)
    spread = np.linalg.cholesky(believed.covariance(places, places) - features.T @ features + 1e-9 * np.eye(5))
    drawn = believed.predict(places)[0][:, None] + spread @ rng.standard_normal((5, 400_000))
    gain = np.maximum(drawn[4] - drawn[:4].max(axis=0), 0.0).mean()
    baseline, free = baseline_of(believed, NOWHERE), Refusals(NOWHERE, np.empty(0))
    ours = [np.exp(NoisyImprovement(believed, baseline, factor=free, rng=np.random.default_rng(seed)).of_cube(new)) for seed in range(20)]
    assert np.mean(ours) == pytest.approx(gain, rel=0.05)


@pytest.mark.parametrize("z", [-5.0, -1.0, 0.0, 3.0, 30.0])
def test_the_log_of_the_expected_gain_is_that_of_its_formula(z: float) -> None:
    from scipy.stats import norm

    assert log_gain(np.array([z]))[0] == pytest.approx(np.log(norm.pdf(z) + z * norm.cdf(z)), rel=1e-9)


@pytest.mark.parametrize("z", [-1e5, -2000.0, -900.0, -40.0])
def test_far_down_the_log_of_the_expected_gain_keeps_its_digits(z: float) -> None:
    bracket = 1 / z**2 - 3 / z**4 + 15 / z**6 - 105 / z**8  # asymptotic, of 1 + z Φ(z) / φ(z)
    assert log_gain(np.array([z]))[0] == pytest.approx(-(z**2) / 2 - np.log(2 * np.pi) / 2 + np.log(bracket), rel=1e-9)


def test_the_gradient_is_that_of_the_value() -> None:
    function = judge(pending=np.array([[0.45]]), refused=np.array([[0.52]]))
    cube, step = np.array([[0.2], [0.5], [0.71]]), 1e-6
    values, gradient = function.value_and_gradient(cube)
    assert values == pytest.approx(function.of_cube(cube))
    slope = (function.of_cube(cube + step) - function.of_cube(cube - step)) / (2 * step)
    assert gradient[:, 0] == pytest.approx(slope, rel=1e-4)


def test_measuring_the_best_point_again_promises_less_than_measuring_beside_it() -> None:
    again, beside = judge().of_cube(np.array([[0.6], [0.5]]))
    assert again < beside - 2.0  # in logarithms


def test_a_pending_point_makes_its_neighbourhood_less_interesting() -> None:
    best = np.array([[0.5]])
    assert judge(pending=best).of_cube(best + 0.01) < judge().of_cube(best + 0.01) - 1.0


def test_a_pending_member_of_a_pool_makes_its_neighbours_less_interesting() -> None:
    near, far = np.array([[0.76]]), np.array([[0.0]])
    free, waiting = UpperBound(process(), NOWHERE), UpperBound(process(), np.array([[0.75]]))
    assert waiting.of_cube(near) < free.of_cube(near) - 0.2
    assert waiting.of_cube(far) == pytest.approx(free.of_cube(far), abs=0.05)


def test_a_refused_point_repels_and_distant_points_hardly_notice() -> None:
    here = np.array([[0.5], [0.52], [0.95]])
    change = judge(refused=here[:1]).of_cube(here) - judge().of_cube(here)
    assert change[0] < -50
    assert -10 < change[1] < -1
    assert change[2] == pytest.approx(0.0, abs=1e-3)
