"""Several signals weighed into one."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from orchestrator.domain.errors import RewardError
from orchestrator.testing.reward_contract import observation_of
from rewards.composite import CompositeReward, CompositeSettings

NUMBERS = st.floats(-1e6, 1e6)


def reward(**parts: dict[str, object]) -> CompositeReward:
    return CompositeReward(CompositeSettings.model_validate({"parts": parts}))


def test_a_beam_is_judged_by_flux_size_and_position_at_once():
    beam = reward(
        flux={"signal": "current", "range": [0, 100], "weight": 2},
        size={"signal": "width", "goal": "minimise", "range": [10, 60]},
        aim={"signal": "centre", "goal": "target", "target": 320, "range": [300, 340], "weight": 0.5},
    )
    score = beam.score(observation_of({"current": 75.0, "width": 20.0, "centre": 310.0}), {})
    assert score.parts == pytest.approx({"flux": 2 * 0.75, "size": -0.2, "aim": -0.5 * 10 / 40})
    assert score.value == pytest.approx(1.5 - 0.2 - 0.125)
    assert beam.objective().goal == "maximise"
    assert beam.signals() == ("current", "width", "centre")


@given(NUMBERS, NUMBERS, st.floats(0.01, 100))
def test_parts_always_add_up(first: float, second: float, weight: float):
    score = reward(a={"signal": "a", "weight": weight}, b={"signal": "b", "goal": "target", "target": 1}).score(
        observation_of({"a": first, "b": second}), {}
    )
    assert math.isclose(sum(score.parts.values()), score.value, rel_tol=1e-9, abs_tol=1e-9)


def test_independent_sds_add_in_quadrature_after_weight_and_range():
    parts = {"a": {"signal": "a", "weight": 3.0}, "b": {"signal": "b", "goal": "minimise", "range": [0, 2], "weight": 8.0}}
    score = reward(**parts).score(observation_of({"a": 1.0, "b": 1.0}, sds={"a": 1.0, "b": 1.0}), {})
    assert score.sd == pytest.approx(5.0)


def test_a_signal_used_twice_is_not_two_independent_ones():
    parts = {"up": {"signal": "a"}, "down": {"signal": "a", "goal": "minimise"}}
    score = reward(**parts).score(observation_of({"a": 7.0}, sds={"a": 0.3}), {})
    assert (score.value, score.sd) == (0.0, 0.0)


@pytest.mark.parametrize(("reading", "slope"), [(2.0, 2.0), (4.0, 0.0)])
def test_below_a_target_growing_is_good_and_above_it_bad(reading: float, slope: float):
    parts = {"more": {"signal": "a"}, "aim": {"signal": "a", "goal": "target", "target": 3}}
    assert reward(**parts).score(observation_of({"a": reading}, sds={"a": 1.0}), {}).sd == pytest.approx(slope)


def test_an_unknown_sd_leaves_the_sum_without_one():
    score = reward(a={"signal": "a"}, b={"signal": "b"}).score(observation_of({"a": 1.0, "b": 1.0}, sds={"a": 1.0}), {})
    assert score.sd is None


def test_a_missing_part_is_named():
    with pytest.raises(RewardError, match="'b'"):
        reward(a={"signal": "a"}, b={"signal": "b"}).score(observation_of({"a": 1.0}), {})


@pytest.mark.parametrize("part", [{"signal": "a", "range": [2, 1]}, {"signal": "a", "weight": 0}, {"signal": "a", "goal": "target"}])
def test_a_part_that_makes_no_sense_is_refused(part: dict[str, object]):
    with pytest.raises(ValidationError):
        reward(a=part)


def test_no_parts_are_refused():
    with pytest.raises(ValidationError):
        reward()
