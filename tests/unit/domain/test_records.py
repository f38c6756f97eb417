"""What is recorded about one trial."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from orchestrator.domain.records import Answer, Evidence, Observation, Prediction, TrialKind, Verdict, gravest, readback_of, where
from tests.builders import BEAM_SIZE, FLUX
from tests.night import EVENING

answers = st.sampled_from(list(Answer))


def verdict(answer: Answer) -> Verdict:
    return Verdict(guardian="limits", answer=answer)


def observation(**changes: object) -> Observation:
    seen: dict[str, object] = {
        "trial": 1,
        "attempt": 1,
        "setpoint": {"x": 1.0, "filter": "Al"},
        "readback": {"x": 1.001},
        "readings": {"ion_chamber": 5.0},
        "started_at": EVENING,
        "finished_at": EVENING + timedelta(seconds=2),
    }
    return Observation.model_validate(seen | changes)


def test_nobody_spoke_means_allow():
    assert gravest(()) is Answer.ALLOW


@given(st.lists(answers, min_size=1))
def test_the_gravest_answer_decides_whatever_the_order(spoken):
    order = ["allow", "re-measure", "veto", "hold", "pause", "stop"]
    decided = gravest(tuple(verdict(answer) for answer in spoken))
    assert order.index(decided) == max(order.index(answer) for answer in spoken)


def test_only_trials_of_agents_and_people_and_what_was_measured_before_are_scored():
    assert {kind for kind in TrialKind if kind.is_scored} == {TrialKind.AGENT, TrialKind.HUMAN, TrialKind.EARLIER}


def test_a_trial_was_where_the_encoders_say_and_else_where_it_was_sent():
    seen = observation()
    assert readback_of(seen, "x") == 1.001
    assert where(seen) == {"x": 1.001, "filter": "Al"}


def test_a_goal_decides_what_is_better():
    assert FLUX.is_better(2.0, 1.0)
    assert BEAM_SIZE.is_better(1.0, 2.0)
    assert not FLUX.is_better(1.0, 1.0)


def test_a_reading_that_was_not_finite_is_recorded_as_none():
    assert observation(readings={"ion_chamber": None}).readings == {"ion_chamber": None}
    with pytest.raises(ValidationError, match="finite number"):
        observation(readings={"ion_chamber": float("nan")})


@pytest.mark.parametrize("changes", [{"exposure_s": -1}, {"trial": 0}, {"attempt": 0}, {"dose": -0.1}])
def test_an_impossible_observation_is_refused(changes):
    with pytest.raises(ValidationError, match="greater than or equal"):
        observation(**changes)


def test_a_negative_sd_is_refused():
    with pytest.raises(ValidationError, match="greater than or equal to 0"):
        Prediction(mean=1.0, sd=-0.1)


def test_evidence_survives_its_json():
    evidence = Evidence(predicted={"flux": Prediction(mean=1.0, sd=0.1)}, model={"lengthscales": [0.1, 0.2], "kernel": "matern"})
    assert Evidence.model_validate_json(evidence.model_dump_json()) == evidence
