"""Changes of a living campaign's spec."""

import pytest

from orchestrator.domain.access import Role
from orchestrator.domain.changes import FixParameter, ReleaseParameter, SetBudget, SetLimits, SwitchAgent, changed, in_words, widens
from orchestrator.domain.errors import BadInput
from orchestrator.domain.space import Continuous
from orchestrator.domain.spec import AgentPlugin, Budget, CampaignSpec

SPEC = CampaignSpec.model_validate(
    {
        "name": "night",
        "instrument": "fake",
        "space": {
            "pitch": {"limits": [0.0, 10.0], "unit": "mrad"},
            "frames": {"type": "integer", "limits": [1, 9]},
            "filter": {"values": ["Al", "Cu"]},
        },
        "reward": {"signal": "counts"},
        "budget": {"trials": 50},
    }
)


def test_each_role_includes_the_ones_below() -> None:
    assert Role.ADMIN.includes(Role.OPERATOR)
    assert Role.OPERATOR.includes(Role.OPERATOR)
    assert not Role.OBSERVER.includes(Role.OPERATOR)


def test_a_parameter_is_fixed_and_released() -> None:
    fixed = changed(SPEC, FixParameter(parameter="pitch", value=2.5))
    assert fixed.fixed == {"pitch": 2.5}
    assert changed(fixed, ReleaseParameter(parameter="pitch")) == SPEC


def test_limits_move_and_the_rest_stays() -> None:
    narrowed = changed(SPEC, SetLimits(parameter="pitch", lower=2, upper=3))
    assert narrowed.space["pitch"].limits == (2.0, 3.0)  # type: ignore[union-attr]
    assert narrowed.space["pitch"].unit == "mrad"
    assert changed(SPEC, SetLimits(parameter="frames", lower=2, upper=3)).space["frames"].limits == (2, 3)  # type: ignore[union-attr]


@pytest.mark.parametrize(("lower", "upper", "is_wider"), [(0, 10, False), (1, 9, False), (-1, 9, True), (1, 11, True)])
def test_only_leaving_the_old_limits_widens(lower: float, upper: float, is_wider: bool) -> None:
    assert widens(SPEC, SetLimits(parameter="pitch", lower=lower, upper=upper)) is is_wider


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (FixParameter(parameter="pitch", value=11.0), r"pitch = 11 mrad is outside \[0, 10\]"),
        (FixParameter(parameter="filter", value="Pb"), "filter = 'Pb' is not one of"),
        (FixParameter(parameter="yaw", value=1.0), "no parameter 'yaw'; it has pitch, frames, filter"),
        (ReleaseParameter(parameter="pitch"), "pitch is not fixed; fixed are: none"),
        (SetLimits(parameter="pitch", lower=3, upper=3), "reversed or empty"),
        (SetLimits(parameter="frames", lower=1.5, upper=3), "whole numbers"),
        (SetLimits(parameter="filter", lower=0, upper=1), "has values, not limits: Al, Cu"),
    ],
)
def test_what_cannot_be_done_is_refused_by_name_value_and_limit(change: object, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        changed(SPEC, change)  # type: ignore[arg-type]


def test_something_must_be_left_to_search() -> None:
    spec = changed(changed(SPEC, FixParameter(parameter="pitch", value=1.0)), FixParameter(parameter="frames", value=2))
    with pytest.raises(BadInput, match="leave nothing to search"):
        changed(spec, FixParameter(parameter="filter", value="Al"))


def test_limits_must_keep_a_fixed_value() -> None:
    spec = changed(SPEC, FixParameter(parameter="pitch", value=5.0))
    with pytest.raises(BadInput, match="fixed at 5"):
        changed(spec, SetLimits(parameter="pitch", lower=0, upper=4))


def test_changes_are_told_in_words() -> None:
    assert in_words(SPEC, FixParameter(parameter="pitch", value=2.5)) == "pitch fixed at 2.5 mrad"
    assert in_words(SPEC, SetBudget(budget=Budget(trials=80))) == "budget changed from trials 50 to trials 80"
    assert in_words(SPEC, SwitchAgent(agent=AgentPlugin(type="random"))) == "agent switched from bayesian to random"


def test_limits_that_have_no_logarithm_are_refused_where_the_scale_is_log() -> None:
    flow = {"limits": [0.1, 10.0], "unit": "ml/min", "scale": "log"}
    spec = CampaignSpec.model_validate({**SPEC.model_dump(mode="json"), "space": {"flow": flow, "x": {"limits": [0, 1]}}})
    with pytest.raises(BadInput, match=r"limits \[0, 3\] of flow reach 0 or below, and its scale is log; begin above 0"):
        changed(spec, SetLimits(parameter="flow", lower=0.0, upper=3.0))
    after = changed(spec, SetLimits(parameter="flow", lower=1.0, upper=3.0)).space["flow"]
    assert isinstance(after, Continuous)
    assert (after.limits, after.scale) == ((1.0, 3.0), "log")
