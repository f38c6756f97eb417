"""Signals that change along oblique directions, as two motors that undo each other make them."""

import numpy as np
import pytest

from agents.bayesian import BayesianAgent
from agents.bayesian.directions import Turning, fit_directions, steepest
from agents.bayesian.kernel import covariance, covariance_and_slope, gradient_of_shared
from agents.bayesian.process import condition
from agents.bayesian.surrogate import Hyperparameters, Problem, fit_and_loss
from orchestrator.domain.base import Point
from orchestrator.domain.history import History
from orchestrator.domain.records import Suggestion
from orchestrator.domain.space import Continuous, Space
from orchestrator.testing.histories import extended, history_with

PITCH_AND_HEIGHT = Space(parameters={"pitch": Continuous(limits=(-1, 1), unit="mrad"), "height": Continuous(limits=(0, 10), unit="mm")})
ACROSS = np.array([0.8, -0.6])
OBLIQUE = np.array([[0.6, 0.8], [0.8, -0.6]])


def ridge(cube: np.ndarray) -> np.ndarray:
    """A narrow ridge: both motors matter, and what matters is nearly one number."""
    return -np.log1p(((cube - 0.5) @ ACROSS / 0.05) ** 2) - 0.2 * (cube - 0.5) @ [0.6, 0.8]


def ask(signal: str, n: int = 30) -> tuple[Suggestion, History, BayesianAgent]:
    cube = np.random.default_rng(1).random((n, 2))
    points: list[Point] = [{"pitch": 2 * x - 1, "height": 10 * y} for x, y in cube]
    scores = ridge(cube) if signal == "ridge" else np.sin(3 * cube[:, 0]) + np.cos(4 * cube[:, 1])
    history = history_with(PITCH_AND_HEIGHT, list(zip(points, map(float, scores), strict=True)))
    agent = BayesianAgent(BayesianAgent.Settings())
    return agent.ask(history), history, agent


def test_motors_that_undo_each_other_are_seen_as_one_direction() -> None:
    suggestion, history, agent = ask("ridge")
    turn = suggestion.evidence.model["directions"]
    narrow = np.array(turn["matrix"])[:, int(np.argmin(turn["lengthscales"]))]
    assert abs(narrow @ ACROSS) == pytest.approx(1.0, abs=0.02)
    assert "changes fastest along" in suggestion.evidence.reason
    mean, sd = agent.posterior(history, suggestion.evidence).predict([suggestion.point])["yield"]
    assert (mean[0], sd[0]) == pytest.approx((suggestion.evidence.predicted["yield"].mean, suggestion.evidence.predicted["yield"].sd))


def test_a_signal_that_changes_along_the_axes_is_left_there() -> None:
    suggestion, _, _ = ask("axes")
    assert suggestion.evidence.model["directions"] is None
    assert "changes fastest" not in suggestion.evidence.reason


def test_the_next_decision_goes_on_with_the_directions_found() -> None:
    suggestion, history, agent = ask("ridge")
    found = agent.ask(extended(history, suggestion, -0.5)).evidence.model["directions"]
    assert np.array(found["matrix"]) == pytest.approx(np.array(suggestion.evidence.model["directions"]["matrix"]), abs=0.2)


def test_directions_gain_likelihood_where_they_are_oblique() -> None:
    cube = np.random.default_rng(2).random((25, 2))
    problem = Problem.of(cube, np.arange(2), ridge(cube) / ridge(cube).std())
    start = Hyperparameters(np.array([0.3, 0.3]), 1.0, 0.01)
    straight, straight_loss = fit_and_loss(problem, [start.as_log()])
    process = condition(straight, np.arange(2), cube, problem.values, np.zeros(25))
    guess = steepest(process, np.array([True, True]))
    assert abs(guess[:, -1] @ ACROSS) > 0.8
    turned, loss = fit_directions(problem.along(guess), np.array([True, True]), straight)
    assert loss < straight_loss - 10
    assert turned.directions is not None
    assert turned.directions.T @ turned.directions == pytest.approx(np.eye(2))


def test_the_gradient_is_that_of_the_loss() -> None:
    cube, is_number = np.random.default_rng(4).random((10, 5)), np.array([True, True, True, False, False])
    problem = Problem.of(cube, np.array([0, 1, 2, 3, 3]), np.sin(4 * cube[:, 0] + 3 * cube[:, 1]))
    turning = Turning(problem, is_number)
    parameters = np.append(problem.prior_location, [0.3, -0.5, 0.2])
    gradient = turning.loss(parameters)[1]
    for index, step in enumerate(1e-6 * np.eye(len(parameters))):
        slope = (turning.loss(parameters + step)[0] - turning.loss(parameters - step)[0]) / 2e-6
        assert gradient[index] == pytest.approx(slope, rel=1e-4, abs=1e-4)


def test_categories_are_never_turned() -> None:
    process = condition(Hyperparameters(np.ones(3), 1.0, 0.1), np.array([0, 1, 2, 2]), np.eye(4), np.arange(4.0), np.zeros(4))
    directions = steepest(process, np.array([True, True, False, False]))
    assert directions[2:, :2] == pytest.approx(np.zeros((2, 2)))
    assert directions[2:, 2:] == pytest.approx(np.eye(2))


def test_the_gradient_along_oblique_directions_is_that_of_the_covariance() -> None:
    groups, other = np.arange(2), np.random.default_rng(3).random((5, 2))
    hyperparameters = Hyperparameters(np.array([0.2, 0.7]), 1.3, 0.1, directions=OBLIQUE)
    here = np.array([[0.3, 0.6]])
    slope = covariance_and_slope(here, other, groups, hyperparameters)[1]
    gradient = gradient_of_shared(slope, here, other, groups, hyperparameters)[0]
    for index in range(2):
        step = 1e-6 * np.eye(2)[index]
        up, down = (covariance(here + sign * step, other, groups, hyperparameters).sum() for sign in (1, -1))
        assert gradient[index] == pytest.approx((up - down) / 2e-6, rel=1e-5)
