"""One signal as the score."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from orchestrator.domain.errors import RewardError
from orchestrator.testing.reward_contract import observation_of
from rewards.scalar import ScalarReward, ScalarSettings

NUMBERS = st.floats(-1e9, 1e9)


def reward(**settings: object) -> ScalarReward:
    return ScalarReward(ScalarSettings.model_validate({"signal": "counts", **settings}))


@given(NUMBERS, st.floats(0, 1e3))
def test_a_reading_and_its_sd_are_the_score(reading: float, sd: float):
    score = reward().score(observation_of({"counts": reading}, sds={"counts": sd}), {})
    assert (score.value, score.sd, score.parts) == (reading, sd, {})


@given(NUMBERS, NUMBERS)
def test_a_target_is_approached_from_both_sides(reading: float, target: float):
    aimed = reward(goal="target", target=target)
    assert aimed.objective().goal == "minimise"
    assert aimed.score(observation_of({"counts": reading}), {}).value == abs(reading - target)


def test_the_objective_is_named_after_the_signal_and_points_the_right_way():
    assert (reward().objective().name, reward(unit="nA").objective().unit) == ("counts", "nA")
    assert [reward(goal=goal).objective().goal for goal in ("maximise", "minimise")] == ["maximise", "minimise"]


@pytest.mark.parametrize("settings", [{"goal": "target"}, {"target": 3.0}, {"goal": "best"}, {"signal": ""}])
def test_settings_that_make_no_sense_are_refused(settings: dict[str, object]):
    with pytest.raises(ValidationError):
        reward(**settings)


def test_a_reading_that_is_missing_or_not_finite_is_named():
    with pytest.raises(RewardError, match="'counts' was not read in trial 4; read: width; add it to measure"):
        reward().score(observation_of({"width": 1.0}, trial=4), {})
    with pytest.raises(RewardError, match="'counts' was not a finite number"):
        reward().score(observation_of({"counts": None}), {})
