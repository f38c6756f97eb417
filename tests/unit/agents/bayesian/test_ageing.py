"""Readings that age: an instrument that drifts, a thing that changes."""

import math
from collections.abc import Callable

import numpy as np
import pytest

from agents.bayesian import BayesianAgent
from agents.bayesian.ageing import Drifting, Forgetting, Steady, as_record, from_record
from orchestrator.domain.base import Point
from orchestrator.domain.history import History
from orchestrator.domain.records import Suggestion
from orchestrator.domain.space import Continuous, Space
from orchestrator.testing.histories import history_with

LINE = Space(parameters={"x": Continuous(limits=(0, 10), unit="mm")})
N = 36


def peak(point: Point, at: float = 6.0) -> float:
    return 10 * math.exp(-((float(point["x"]) - at) ** 2) / 4)


def ask(score: Callable[[Point, int], float]) -> tuple[Suggestion, History, BayesianAgent]:
    """Return what is suggested after readings all over the line, in no order."""
    rng = np.random.default_rng(3)
    points: list[Point] = [{"x": 10 * (index + 0.5) / N} for index in rng.permutation(N)]
    history = history_with(LINE, [(point, score(point, trial) + rng.normal(0, 0.1)) for trial, point in enumerate(points, start=1)])
    agent = BayesianAgent(BayesianAgent.Settings())
    return agent.ask(history), history, agent


def test_nothing_is_said_to_change_where_nothing_does() -> None:
    suggestion, _, _ = ask(lambda point, trial: peak(point))
    assert suggestion.evidence.model["ageing"] == {"type": "steady"}
    assert "drift" not in suggestion.evidence.reason


def test_an_instrument_that_drifts_is_seen_through() -> None:
    """The signal falls by twice the peak's height while the peak stays where it is."""
    suggestion, history, agent = ask(lambda point, trial: peak(point) - 20 * trial / N)
    assert suggestion.evidence.model["ageing"]["type"] == "drifting"
    assert "; the readings drift, by about" in suggestion.evidence.reason
    assert float(suggestion.point["x"]) == pytest.approx(6.0, abs=0.5)
    mean, sd = agent.posterior(history, suggestion.evidence).predict([{"x": 6.0}, {"x": 0.5}])["yield"]
    now = -20 * (N + 1) / N
    assert mean == pytest.approx([10 + now, now], abs=1.5)
    assert (np.abs(mean - [10 + now, now]) < 3 * sd).all()


def test_where_a_peak_was_is_forgotten_once_it_moved() -> None:
    suggestion, history, agent = ask(lambda point, trial: peak(point, at=2.5 if trial < N / 2 else 7.5))
    assert suggestion.evidence.model["ageing"]["type"] == "forgetting"
    assert "readings are forgotten in about" in suggestion.evidence.reason
    before, after = agent.posterior(history, suggestion.evidence).predict([{"x": 2.5}, {"x": 7.5}])["yield"][0]
    assert after > before + 5


@pytest.mark.parametrize("ageing", [Steady(), Drifting(offset=0.5, pace=20.0), Forgetting(memory=30.0)])
def test_it_is_recorded_and_recalled(ageing: Steady | Drifting | Forgetting) -> None:
    assert from_record(as_record(ageing)) == ageing


def test_a_ledger_from_before_knows_no_ageing() -> None:
    assert from_record(None) == Steady()
