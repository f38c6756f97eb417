"""Readings that the others contradict."""

import math

import numpy as np
import pytest

from agents.bayesian import BayesianAgent
from orchestrator.domain.base import Point
from orchestrator.domain.history import History
from orchestrator.domain.records import Suggestion
from orchestrator.domain.space import Continuous, Space
from orchestrator.testing.histories import extended, history_with

LINE = Space(parameters={"x": Continuous(limits=(0, 10), unit="mm")})
GLITCH = 9
"""The trial whose detector failed."""


def hill(point: Point) -> float:
    return 10 * math.exp(-((float(point["x"]) - 6.0) ** 2) / 4)


def measured(glitch: float | None, n: int = 24) -> History:
    """Return a well measured hill, with one reading replaced by a glitch."""
    rng = np.random.default_rng(0)
    points = [{"x": 10 * (index + 0.5) / n} for index in rng.permutation(n)]
    scores = [hill(point) + rng.normal(0, 0.1) for point in points]
    if glitch is not None:
        scores[GLITCH - 1] = glitch
    return history_with(LINE, zip(points, scores, strict=True))


def ask(history: History):
    return BayesianAgent(BayesianAgent.Settings()).ask(history)


@pytest.mark.parametrize("glitch", [-40.0, 40.0, 1e3])
def test_a_glitch_among_good_readings_is_doubted_and_named(glitch: float) -> None:
    suggestion, clean = ask(measured(glitch)), ask(measured(None))
    assert suggestion.evidence.model["doubted"] == [GLITCH]
    assert suggestion.evidence.reason.endswith(f"; doubts the reading of trial {GLITCH}, which the others contradict")
    assert suggestion.evidence.predicted["yield"].mean == pytest.approx(clean.evidence.predicted["yield"].mean, abs=0.3)
    assert float(suggestion.point["x"]) == pytest.approx(6.0, abs=1.0)


def test_good_readings_are_not_doubted() -> None:
    assert ask(measured(None)).evidence.model["doubted"] == []


@pytest.mark.parametrize(("sd", "doubted"), [(0.1, [GLITCH]), (3.0, [])])
def test_a_reading_that_states_how_far_off_it_may_be_is_held_against_that(sd: float, doubted: list[int]) -> None:
    history = history_with(LINE, [])
    for trial in measured(None).trials:
        assert trial.score is not None
        is_glitch = trial.number == GLITCH
        value = trial.score.objectives["yield"].value + (5.0 if is_glitch else 0.0)
        history = extended(history, Suggestion(point=trial.point), value, sd=sd if is_glitch else 0.1)
    assert ask(history).evidence.model["doubted"] == doubted


def test_a_lonely_high_reading_is_not_doubted_because_nothing_contradicts_it() -> None:
    """It may be what is looked for: a narrow peak on flat ground."""
    flat = [({"x": x}, 0.1 * math.sin(9 * x)) for x in (0.2, 0.9, 1.5, 2.2, 2.9, 3.4, 8.0)]
    history = history_with(LINE, [*flat, ({"x": 6.0}, 50.0)])
    suggestion = ask(history)
    assert suggestion.evidence.model["doubted"] == []
    assert float(suggestion.point["x"]) == pytest.approx(6.0, abs=2.0)


def test_a_doubted_reading_is_believed_again_once_others_bear_it_out() -> None:
    history = measured(40.0)
    suggestion = ask(history)
    assert suggestion.evidence.model["doubted"]
    place = float(history.trials[GLITCH - 1].point["x"])
    history = extended(history, suggestion, hill(suggestion.point))
    for offset, elsewhere in zip((-0.05, 0.0, 0.05, 0.1), (2.1, 8.3, 4.9, 7.2), strict=True):
        history = extended(history, suggestion.model_copy(update={"point": {"x": place + offset}}), 40.0)
        history = extended(history, suggestion.model_copy(update={"point": {"x": elsewhere}}), hill({"x": elsewhere}))
    assert GLITCH not in ask(history).evidence.model["doubted"]


def test_what_was_doubted_is_recalled_with_the_model() -> None:
    agent, history = BayesianAgent(BayesianAgent.Settings()), measured(40.0)
    suggestion = agent.ask(history)
    mean, sd = agent.posterior(history, suggestion.evidence).predict([suggestion.point])["yield"]
    predicted = suggestion.evidence.predicted["yield"]
    assert (mean[0], sd[0]) == (pytest.approx(predicted.mean, rel=1e-6), pytest.approx(predicted.sd, rel=1e-6))
