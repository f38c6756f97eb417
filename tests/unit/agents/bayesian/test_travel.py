"""The time that trials take, and choosing by gain per second."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from agents.bayesian import BayesianAgent
from agents.bayesian.travel import Travel, travel
from agents.encoding import Encoding
from orchestrator.domain.base import Point
from orchestrator.domain.history import History
from orchestrator.domain.records import Observation
from orchestrator.domain.space import Continuous, Space
from orchestrator.testing.histories import history_with

STAGE = Space(parameters={"x": Continuous(limits=(0, 100), unit="mm"), "y": Continuous(limits=(0, 10), unit="mm")})
ENCODING = Encoding.of(STAGE)
EXPOSURE, ACROSS = 2.0, np.array([50.0, 5.0])
"""Seconds a trial takes at rest, and seconds to cross each range."""
BEGUN = datetime(2026, 1, 1, tzinfo=UTC)


def timed(points: list[Point], scores: list[float], *, is_together: bool) -> History:
    """Return a history whose trials took as long as such a stage takes."""
    history, cube = history_with(STAGE, zip(points, scores, strict=True)), ENCODING.of_points(points)
    moved = np.abs(np.diff(cube, axis=0, prepend=cube[:1])) * ACROSS
    seconds = EXPOSURE + (moved.max(axis=1) if is_together else moved.sum(axis=1))
    observations = [
        Observation(
            trial=trial.number,
            attempt=1,
            setpoint=trial.point,
            readback=trial.point,
            readings={},
            started_at=BEGUN,
            finished_at=BEGUN + timedelta(seconds=float(took)),
        )
        for trial, took in zip(history.trials, seconds, strict=True)
    ]
    return replace(history, trials=tuple(replace(t, observation=o) for t, o in zip(history.trials, observations, strict=True)))


def scattered(n: int) -> list[Point]:
    return [{"x": float(100 * x), "y": float(10 * y)} for x, y in np.random.default_rng(2).random((n, 2))]


@pytest.mark.parametrize("is_together", [True, False])
def test_times_are_learned_from_the_trials(is_together: bool) -> None:
    learned = travel(timed(scattered(25), [0.0] * 25, is_together=is_together), ENCODING)
    assert learned is not None
    assert learned.is_together is is_together
    assert learned.base == pytest.approx(EXPOSURE, rel=0.05)
    assert learned.slowness == pytest.approx(ACROSS, rel=0.1)


def test_nothing_is_said_of_times_before_there_are_some_or_where_moving_takes_none() -> None:
    assert travel(timed(scattered(4), [0.0] * 4, is_together=True), ENCODING) is None
    assert travel(history_with(STAGE, [(point, 0.0) for point in scattered(20)]), ENCODING) is None
    still = timed([{"x": 5.0, "y": 5.0}] * 20, [0.0] * 20, is_together=True)
    assert travel(still, ENCODING) is None


@pytest.mark.parametrize("is_together", [True, False])
def test_the_gradient_is_that_of_the_time(is_together: bool) -> None:
    away = Travel(np.array([0.2, 0.7]), ENCODING.groups, EXPOSURE, ACROSS, is_together)
    cube, step = np.random.default_rng(0).random((5, 2)), 1e-6
    gradient = away.log_factor(cube)[1]
    for column, change in enumerate(step * np.eye(2)):
        slope = (away.log_factor(cube + change)[0] - away.log_factor(cube - change)[0]) / (2 * step)
        assert gradient[:, column] == pytest.approx(slope, rel=1e-4, abs=1e-6)


def test_of_two_peaks_alike_the_nearer_one_comes_first_where_time_counts() -> None:
    """Both are as promising; the stage stands beside one of them, and it is slow."""
    line: list[Point] = [{"x": float(x), "y": 5.0} for x in (0, 50, 100, 14, 86, 32, 68, 23, 77, 27)]
    peaks = [sum(float(np.exp(-(((float(point["x"]) - at) / 9) ** 2))) for at in (20, 80)) for point in line]
    history = timed(line, peaks, is_together=True)
    sparing = BayesianAgent(BayesianAgent.Settings(cost="time")).ask(history)
    assert abs(float(sparing.point["x"]) - 27) < 25
    assert re.search(r"; takes about [\d.]+ s with the way there$", sparing.evidence.reason)
    assert sparing.evidence.model["travel"]["slowness"]["x"] == pytest.approx(0.5, rel=0.1)
