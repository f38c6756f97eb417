"""Scores in a straight scale."""

import numpy as np
import pytest

from agents.bayesian.observations import Observations, observe
from agents.encoding import Encoding
from agents.straight import straightened
from orchestrator.domain.records import Objective
from orchestrator.domain.space import Continuous, Space
from orchestrator.testing.histories import YIELD, history_with

LINE = Space(parameters={"x": Continuous(limits=(0, 1))})
LOSS = Objective(name="loss", goal="minimise", unit="")


def observed(scores: list[float], objective: Objective = YIELD) -> Observations:
    points = [{"x": index / len(scores)} for index in range(len(scores))]
    history = history_with(LINE, list(zip(points, scores, strict=True)), [objective], sd=0.5)
    return straightened(observe(history, Encoding.of(LINE)))


@pytest.mark.parametrize("size", [1.0, 1e300, 1e-300])
def test_a_long_tail_stays_long(size: float) -> None:
    [outcome] = observed([size * score for score in (1.0, 2.0, 3.0, 100.0)]).outcomes
    np.testing.assert_allclose(np.diff(outcome.values) / np.diff(outcome.values)[0], [1, 1, 97])
    assert outcome.values.mean() == pytest.approx(0, abs=1e-12)
    assert outcome.values.std() == pytest.approx(1)


def test_of_a_loss_less_is_more_and_sds_are_in_the_same_scale() -> None:
    [outcome] = observed([1.0, 3.0], LOSS).outcomes
    np.testing.assert_allclose(outcome.values, [1, -1])
    np.testing.assert_allclose(outcome.variances, [0.25, 0.25])
    np.testing.assert_allclose(outcome.scaling.in_unit(outcome.values), [1, 3])


@pytest.mark.parametrize("score", [0.0, 7.0, 1e300])
def test_scores_that_all_agree_are_all_zero(score: float) -> None:
    [outcome] = observed([score] * 3).outcomes
    np.testing.assert_allclose(outcome.values, 0, atol=1e-9)
