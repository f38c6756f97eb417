"""The campaign spec: short to write, hard to get wrong, the same after a round trip."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from orchestrator.domain.spec import Approval, Budget, CampaignSpec
from tests.builders import make_spec

MINIMAL = {"name": "focus", "instrument": "simulated-beamline", "reward": {"signal": "ion_chamber", "goal": "maximise"}}

names = st.from_regex(r"\A[A-Za-z][A-Za-z0-9_.-]{0,10}\Z")
finite = st.floats(-1e6, 1e6)
intervals = st.tuples(finite, finite).filter(lambda pair: pair[0] < pair[1])
parameters = st.one_of(
    st.builds(lambda limits, unit: {"limits": limits, "unit": unit}, intervals, st.text(max_size=5)),
    st.builds(lambda low, span: {"type": "integer", "limits": (low, low + span)}, st.integers(-99, 99), st.integers(1, 99)),
    st.builds(lambda values: {"values": sorted(values)}, st.sets(finite, min_size=1, max_size=4)),
    st.builds(lambda values: {"values": sorted(values)}, st.sets(st.text(min_size=1, max_size=5), min_size=1, max_size=4)),
)
specs = st.fixed_dictionaries(
    {"name": names, "instrument": names, "reward": st.fixed_dictionaries({"type": names, "signal": names})},
    optional={
        "space": st.dictionaries(names, parameters, max_size=4),
        "budget": st.fixed_dictionaries(
            {"trials": st.integers(1, 10_000)}, optional={"wall_time": st.sampled_from(["8 h", "30 min", 60.0])}
        ),
        "approval": st.sampled_from(["auto", "always", {"first": 3}]),
        "stop": st.fixed_dictionaries({}, optional={"target": finite, "no_improvement": st.integers(1, 50)}),
        "metadata": st.dictionaries(st.text(max_size=8), st.one_of(finite, st.text(max_size=8), st.booleans(), st.none()), max_size=3),
        "seed": st.integers(0, 2**63 - 1),
        "agent": st.one_of(names, st.fixed_dictionaries({"type": names, "n_initial": st.integers(1, 9), "timeout": st.just("2 min")})),
    },
)


@given(specs)
def test_a_spec_survives_its_json(written):
    spec = CampaignSpec.model_validate(written)
    assert CampaignSpec.model_validate_json(spec.model_dump_json()) == spec


def test_a_minimal_spec_has_defaults_worth_having():
    spec = CampaignSpec.model_validate(MINIMAL)
    assert spec.agent.type == "bayesian"
    assert spec.fallback.type == "sobol"
    assert (spec.approval.mode, spec.on_ambiguous, spec.on_finish, spec.seed) == ("auto", "remeasure", "stay", 0)
    assert spec.rewards[0].type == "scalar"
    assert spec.rewards[0].settings == {"signal": "ion_chamber", "goal": "maximise"}


def test_a_plugin_may_be_a_name_or_carry_its_own_settings():
    spec = make_spec(agent={"type": "bayesian", "n_initial": 7, "timeout": "30 s"}, fallback="random")
    assert spec.agent.settings == {"n_initial": 7}
    assert spec.agent.timeout == 30
    assert spec.fallback.settings == {}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"colour": "red"}, "Extra inputs are not permitted"),
        ({"name": "../escape"}, "should match pattern"),
        ({"name": ""}, "should match pattern"),
        ({"space": {"1x": {"limits": [0, 1]}}}, "should match pattern"),
        ({"budget": {}}, "the budget is empty; give trials, wall_time, until, exposure or dose"),
        ({"budget": {"trials": 0}}, "greater than or equal to 1"),
        ({"budget": {"wall_time": 0}}, "greater than 0"),
        ({"budget": {"until": "25:00"}}, "is not a time of day; write it as HH:MM"),
        ({"rewards": []}, "at least 1 item"),
        ({"approval": {"first": 0}}, "needs a number"),
        ({"approval": {"mode": "always", "on_timeout": "approve"}}, "'skip', 'fallback' or 'pause'"),
        ({"max_attempts": 0}, "greater than or equal to 1"),
        ({"seed": -1}, "greater than or equal to 0"),
        ({"seed": 2**63}, "less than"),
        ({"measure": {"exposure": "-1 s"}}, "greater than or equal to 0"),
        ({"metadata": {"energy": float("nan")}}, "finite number"),
        ({"candidates": {"sha256": "short", "n": 3}}, "should match pattern"),
    ],
)
def test_a_wrong_entry_is_refused(changes, said):
    with pytest.raises(ValidationError, match=said):
        make_spec(**changes)


def test_metadata_cannot_pose_as_nightshifts_own():
    with pytest.raises(ValidationError, match="start documents reserve nightshift, uid"):
        CampaignSpec.model_validate({**MINIMAL, "metadata": {"nightshift": {"trial": 99}, "uid": "1", "sample": "S1"}})


def test_reward_and_rewards_together_are_refused():
    with pytest.raises(ValidationError, match="both reward and rewards are given; keep one"):
        CampaignSpec.model_validate({**MINIMAL, "rewards": [{"signal": "ion_chamber"}]})


@pytest.mark.parametrize(
    ("approval", "waits"),
    [("auto", [False, False, False]), ("always", [True, True, True]), ({"first": 2}, [True, True, False])],
)
def test_approval_waits_for_the_trials_it_was_asked_to(approval, waits):
    approval = Approval.model_validate(approval)
    assert [approval.is_needed(number) for number in (1, 2, 3)] == waits


def test_any_one_limit_is_a_budget():
    for limit in ({"trials": 1}, {"wall_time": "1 h"}, {"until": "07:30"}, {"exposure": 5}, {"dose": 1.5}):
        Budget.model_validate(limit)
