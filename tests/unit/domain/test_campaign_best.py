"""Which trial is the best so far, and how long ago that was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.campaign import CampaignState, first_value
from orchestrator.domain.records import Objective
from tests.builders import BEAM_SIZE, FLUX, Night, make_spec

POINT = {"mirror_pitch": 3.0}


def measured(values: list[float], objective: Objective = FLUX) -> Night:
    night = Night(make_spec(("mirror_pitch",)), (objective,)).begin()
    for value in values:
        night.whole_trial(POINT, value)
    return night


def summary(state: CampaignState) -> tuple[int | None, int]:
    return state.best, state.n_since_best


@pytest.mark.parametrize(("objective", "expected"), [(FLUX, (2, 2)), (BEAM_SIZE, (3, 1))])
def test_the_goal_decides_which_trial_is_best(objective, expected):
    assert summary(measured([3.0, 9.0, 1.0, 4.0], objective).state()) == expected


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=12), st.sampled_from([FLUX, BEAM_SIZE]))
def test_the_best_is_the_first_trial_nothing_beats(values, objective):
    state = measured(values, objective).state()
    target = max(values) if objective is FLUX else min(values)
    assert state.best == values.index(target) + 1
    assert state.n_since_best == len(values) - state.best


def test_nothing_is_best_before_a_score():
    state = measured([]).state()
    assert (state.best_trial, state.n_scored) == (None, 0)


def test_a_second_score_replaces_the_first_and_is_not_counted_again():
    night = measured([3.0, 9.0, 1.0])
    night.score(2, "the dark current was wrong", flux=2.0)
    state = night.state()
    assert (state.best, state.n_scored, first_value(state.trial(2), state.objectives)) == (1, 3, 2.0)
    night.score(3, "the dark current was wrong", flux=20.0)
    assert night.state().best == 3


def test_without_objectives_a_campaign_has_no_best_but_counts_scores():
    night = measured([3.0, 9.0])
    night.objectives = ()
    state = night.state()
    assert (state.best, state.n_scored) == (None, 2)


def test_a_score_that_lacks_the_first_objective_is_never_best():
    night = measured([3.0])
    trial = night.suggest(POINT)
    night.review(trial)
    night.start(trial)
    night.measure(trial, {"ion_chamber": 5.0})
    night.score(trial, beam_size=1.0)
    assert summary(night.state()) == (1, 1)
