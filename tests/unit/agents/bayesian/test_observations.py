"""What the model learns from."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from agents.bayesian.observations import observe, observe_newest
from agents.encoding import Encoding
from orchestrator.domain.campaign import TrialStatus
from orchestrator.domain.history import History
from orchestrator.domain.records import Objective, Observation
from orchestrator.domain.space import Categorical, Continuous, Space
from orchestrator.testing.histories import YIELD, history_with

SPACE = Space(parameters={"x": Continuous(limits=(0, 10)), "filter": Categorical(values=("Al", "Cu"))})
COST = Objective(name="cost", goal="minimise")
AL = {"x": 2.0, "filter": "Al"}


def seen(history: History):
    return observe(history, Encoding.of(history.space))


def test_stated_sds_count_only_if_every_score_states_one() -> None:
    history = history_with(SPACE, [(AL, 1.0), (AL, 3.0)], sd=0.5)
    sds = seen(history).outcomes[0].sds
    assert sds is not None
    assert sds.tolist() == [0.5, 0.5]
    mixed = replace(history, trials=(*history.trials, *history_with(SPACE, [(AL, 2.0)]).trials))
    assert seen(mixed).outcomes[0].sds is None


def test_the_newest_score_joins_the_others_in_their_scaling() -> None:
    pending = history_with(SPACE, [(AL, 1.0), (AL, 3.0), ({"x": 7.0, "filter": "Cu"}, None)])
    scored = history_with(SPACE, [(AL, 1.0), (AL, 3.0), ({"x": 7.0, "filter": "Cu"}, 9.0)])
    before = seen(pending)
    after = observe_newest(before, scored, Encoding.of(SPACE))
    assert after is not None
    assert after.outcomes[0].scaling == before.outcomes[0].scaling
    assert after.outcomes[0].scores.tolist() == [1.0, 3.0, 9.0]
    assert (after.cube == seen(scored).cube).all()
    assert len(after.pending) == 0


def test_only_complete_scores_of_this_space_are_learned_from() -> None:
    trials = [
        (AL, {"yield": 1.0, "cost": 2.0}),
        (AL, {"yield": 1.0}),
        (AL, TrialStatus.FAILED),
        ({"x": 1.0}, {"yield": 1.0, "cost": 2.0}),
        ({"x": 1.0, "filter": "gone"}, {"yield": 1.0, "cost": 2.0}),
        ({"x": 7.0, "filter": "Cu"}, TrialStatus.AWAITING),
    ]
    observations = seen(history_with(SPACE, trials, [YIELD, COST]))
    assert observations.n == 1
    assert observations.pending == pytest.approx(np.array([[0.7, 0.0, 0.5**0.5]]))


def test_where_the_axes_really_were_is_what_counts() -> None:
    history = history_with(SPACE, [(AL, 1.0)])
    now = datetime(2026, 1, 1, tzinfo=UTC)
    observation = Observation(
        trial=1, attempt=1, setpoint=AL, readback={"x": 2.5, "filter": "Al"}, readings={}, started_at=now, finished_at=now
    )
    measured = replace(history, trials=(replace(history.trials[0], observation=observation),))
    assert seen(measured).cube[0, 0] == pytest.approx(0.25)
