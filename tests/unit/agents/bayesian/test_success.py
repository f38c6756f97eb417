"""Measurements that fail: regions where they do are learned and left, bad luck is borne."""

from dataclasses import replace

import numpy as np
import pytest

from agents.bayesian import BayesianAgent
from agents.bayesian.odds import hyperparameters_of, loss_and_gradient, mode_of
from agents.bayesian.success import success
from agents.bayesian.surrogate import Problem
from agents.encoding import Encoding
from orchestrator.domain.base import Point
from orchestrator.domain.campaign import TrialStatus
from orchestrator.domain.history import History
from orchestrator.domain.records import Objective
from orchestrator.domain.space import Continuous, Space
from orchestrator.testing.agent_contract import without_seconds
from orchestrator.testing.histories import YIELD, Outcome, empty_history, extended, history_with, played

LINE = Space(parameters={"x": Continuous(limits=(0.0, 1.0))})
SQUARE = Space(parameters={"x": Continuous(limits=(0.0, 1.0)), "y": Continuous(limits=(0.0, 1.0))})


def agent() -> BayesianAgent:
    return BayesianAgent(BayesianAgent.Settings())


def half(point: Point) -> Outcome:
    """Return a yield with its peak at (0.75, 0.4), which nobody can measure below x = 0.5."""
    x, y = float(point["x"]), float(point["y"])
    return TrialStatus.FAILED if x < 0.5 else -((x - 0.75) ** 2) - (y - 0.4) ** 2


def n_failed(history: History) -> int:
    return sum(trial.status is TrialStatus.FAILED for trial in history.trials)


def judged(failed: list[float], succeeded: list[float]) -> History:
    return history_with(LINE, [*(({"x": x}, TrialStatus.FAILED) for x in failed), *(({"x": x}, x) for x in succeeded)])


def test_where_half_the_space_fails_that_half_is_left() -> None:
    history = played(agent(), empty_history(SQUARE), half, 24)
    assert n_failed(replace(history, trials=history.trials[-12:])) <= 1
    assert max(trial.score.objectives["yield"].value for trial in history.trials if trial.score) > -1e-3


def test_between_failures_success_is_less_probable_than_among_successes_and_known_failure_counts_for_more() -> None:
    learned = success(judged([0.05, 0.2, 0.35, 0.5], [0.65, 0.8, 0.95]), Encoding.of(LINE))
    assert learned is not None
    places = np.array([[0.1], [0.275], [0.575], [0.7], [0.9]])
    probability = learned.probability(places)
    assert probability[:2].max() < 0.2 < probability[2] < 0.75
    assert probability[3:].min() > 0.75
    log_factor = learned.log_factor(places)[0]
    assert log_factor[3:] == pytest.approx(np.log(probability[3:]), abs=0.01)
    assert (log_factor[:2] < 10 * np.log(probability[:2])).all()


def test_bad_luck_bars_no_place() -> None:
    rng = np.random.default_rng(3)
    points = rng.random((60, 2))
    trials = [({"x": float(x), "y": float(y)}, TrialStatus.FAILED if index % 10 == 4 else float(x)) for index, (x, y) in enumerate(points)]
    learned = success(history_with(SQUARE, trials), Encoding.of(SQUARE))
    assert learned is not None
    factor = learned.log_factor(points)[0]
    assert np.median(np.exp(factor)) == pytest.approx(0.9, abs=0.05)
    assert factor.min() > np.log(0.5)


def test_a_veto_is_no_failure_and_one_or_two_failures_teach_nothing() -> None:
    vetoed = history_with(LINE, [*(({"x": x}, TrialStatus.VETOED) for x in (0.1, 0.2, 0.3, 0.4)), ({"x": 0.7}, 1.0), ({"x": 0.9}, 2.0)])
    assert success(vetoed, Encoding.of(LINE)) is None
    assert success(judged([0.1, 0.2], [0.6, 0.7, 0.8]), Encoding.of(LINE)) is None
    assert success(judged([0.1, 0.2, 0.3], [0.6]), Encoding.of(LINE)) is None
    assert success(judged([0.1, 0.2, 0.3], [0.6, 0.7]), Encoding.of(LINE)) is not None


def test_the_reason_says_how_probable_success_is_where_that_is_in_doubt() -> None:
    evidence = agent().ask(judged([0.1, 0.3, 0.6, 0.9], [0.2, 0.35, 0.4, 0.5, 0.7, 0.8])).evidence
    learned = evidence.model["success"]
    assert learned["probability"] < 0.9
    assert f"; succeeds with {100 * learned['probability']:.3g} %, as 4 of 10 measurements failed" in evidence.reason
    assert (learned["n_failed"], learned["n_succeeded"], set(learned["lengthscales"])) == (4, 6, {"x"})
    assert "succeeds" not in agent().ask(judged([], [0.1, 0.2, 0.3, 0.5, 0.9])).evidence.reason


@pytest.mark.parametrize("objectives", [[YIELD], [YIELD, Objective(name="cost", goal="minimise")]], ids=["one", "two"])
def test_a_fresh_agent_agrees_with_one_that_thought_ahead(objectives: list[Objective]) -> None:
    def measured(point: Point) -> Outcome:
        outcome = half(point)
        return outcome if isinstance(outcome, TrialStatus) else {"yield": float(point["x"]), "cost": float(point["y"])}

    lived = agent()
    history = played(lived, empty_history(SQUARE, objectives, seed=1), measured, 10)
    for _ in range(4):
        suggestion = lived.ask(history)
        assert "success" in suggestion.evidence.model
        assert without_seconds(agent().ask(history)) == without_seconds(suggestion)
        lived.prepare(extended(history, suggestion))
        history = extended(history, suggestion, measured(suggestion.point))


def test_among_listed_candidates_those_that_probably_fail_come_last() -> None:
    members = tuple({"x": float(x), "y": float(y)} for x in np.linspace(0.0, 1.0, 20) for y in np.linspace(0.0, 1.0, 20))
    history = played(agent(), empty_history(SQUARE.model_copy(update={"candidates": members})), half, 24)
    assert n_failed(replace(history, trials=history.trials[-12:])) <= 2


def test_the_gradient_of_the_factor_is_that_of_finite_differences() -> None:
    trials: list[tuple[Point, Outcome]] = [
        ({"x": x, "y": y}, half({"x": x, "y": y})) for x in (0.1, 0.3, 0.45, 0.6, 0.9) for y in (0.2, 0.7)
    ]
    learned = success(history_with(SQUARE, trials), Encoding.of(SQUARE))
    assert learned is not None
    cube, step = np.array([[0.2, 0.5], [0.48, 0.3], [0.53, 0.9], [0.8, 0.4]]), 1e-6
    for column in range(2):
        shift = step * np.eye(2)[column]
        slope = (learned.log_factor(cube + shift)[0] - learned.log_factor(cube - shift)[0]) / (2 * step)
        assert learned.log_factor(cube)[1][:, column] == pytest.approx(slope, rel=1e-4, abs=1e-7)


def test_the_gradient_of_the_fit_is_that_of_finite_differences_and_the_mode_is_one() -> None:
    rng = np.random.default_rng(0)
    cube = rng.random((25, 2))
    signs = np.where(cube[:, 0] < 0.5, -1.0, 1.0)
    signs[3] *= -1
    problem, parameters = Problem.of(cube, np.arange(2), signs), np.array([-1.0, 0.3, 1.5, 0.4])
    slopes = [
        (loss_and_gradient(problem, parameters + shift)[0] - loss_and_gradient(problem, parameters - shift)[0]) / 2e-5
        for shift in 1e-5 * np.eye(4)
    ]
    assert loss_and_gradient(problem, parameters)[1] == pytest.approx(slopes, rel=1e-5)
    mode = mode_of(np.eye(25), signs, 0.0)
    assert mode.weights == pytest.approx(mode.slopes, abs=1e-6)
    assert hyperparameters_of(parameters).mean == 0.4
