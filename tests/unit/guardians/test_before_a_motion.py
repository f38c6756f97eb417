"""Guardians that answer a suggestion."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from orchestrator.domain.dose import DoseRule
from orchestrator.domain.records import Answer, TrialKind, Verdict
from orchestrator.domain.space import Continuous, Space
from orchestrator.guardians.base import NoSettings
from orchestrator.guardians.budget import BudgetGuardian
from orchestrator.guardians.forbidden_region import ForbiddenRegionGuardian, ForbiddenRegionSettings
from orchestrator.guardians.limits import LimitsGuardian
from orchestrator.guardians.moved_by_another import MovedByAnotherGuardian
from orchestrator.guardians.step_size import StepSizeGuardian, StepSizeSettings
from orchestrator.guardians.travel import TravelGuardian, TravelSettings
from tests.unit.guardians.scenes import SPACE, STAGE, a_context, a_trial, measured

PLACES = st.floats(0, 10)


def limits(context: Any = None, kind: TrialKind = TrialKind.AGENT, **point: Any) -> Verdict:
    return LimitsGuardian(NoSettings()).review(a_trial(kind, **point), context or a_context())


def test_a_point_inside_every_limit_is_allowed():
    assert limits(x=10.0, y=0.0).answer is Answer.ALLOW


def test_a_point_outside_the_space_is_vetoed_with_its_limit():
    verdict = limits(x=10.5, y=0.0)
    assert (verdict.guardian, verdict.answer) == ("limits", Answer.VETO)
    assert "x = 10.5 mm is outside [0, 10] mm" in verdict.reason


def test_a_space_wider_than_the_device_does_not_move_the_device():
    wide = Space(parameters={"x": Continuous(limits=(0, 100), unit="mm"), "y": Continuous(limits=(0, 10), unit="mm")})
    verdict = limits(a_context(space=wide), x=50.0, y=0.0)
    assert verdict.answer is Answer.VETO
    assert verdict.reason == "x = 50.0 mm is outside what the device can do, [0.0, 20.0] mm; narrow space.x"


@pytest.mark.parametrize("kind", [kind for kind in TrialKind if kind is not TrialKind.FINISH])
def test_limits_do_not_care_who_suggested(kind: TrialKind):
    assert limits(kind=kind, x=11.0, y=1.0).answer is Answer.VETO


def test_an_axis_the_instrument_does_not_have_is_vetoed():
    space = Space(parameters={"z": Continuous(limits=(0, 1))})
    assert "z is no axis of the instrument; it has x, y" in limits(a_context(space=space), z=0.5).reason


@pytest.mark.parametrize(("x", "answer"), [(15.0, Answer.ALLOW), (25.0, Answer.VETO)])
def test_the_finishing_move_may_leave_the_space_but_not_the_device(x: float, answer: Answer):
    assert limits(kind=TrialKind.FINISH, x=x).answer is answer


def forbidden(trial_point: dict[str, Any], start: dict[str, Any] | None = None, **settings: Any) -> Verdict:
    guardian = ForbiddenRegionGuardian(ForbiddenRegionSettings.model_validate(settings))
    return guardian.review(a_trial(**trial_point), a_context(positions=start))


BEAM_STOP = {"name": "beam stop", "within": {"x": [4, 6], "y": [0, 3]}}


def test_a_point_inside_a_box_is_vetoed_by_the_boxs_name():
    verdict = forbidden({"x": 5.0, "y": 1.0}, boxes=[BEAM_STOP])
    assert verdict.answer is Answer.VETO
    assert verdict.reason.startswith("x = 5, y = 1 is inside beam stop")


def test_all_intervals_of_a_box_must_hold():
    assert forbidden({"x": 5.0, "y": 3.1}, boxes=[BEAM_STOP]).answer is Answer.ALLOW


def test_a_motion_through_a_box_is_vetoed_although_both_ends_are_clear():
    start, end = {"x": 0.0, "y": 1.0}, {"x": 10.0, "y": 1.0}
    verdict = forbidden(end, start, boxes=[BEAM_STOP])
    assert verdict.answer is Answer.VETO
    assert "the way from x = 0, y = 1 to x = 10, y = 1 crosses beam stop" in verdict.reason
    assert forbidden(end, start, boxes=[BEAM_STOP], check_path=False).answer is Answer.ALLOW
    assert forbidden({"x": 10.0, "y": 7.0}, {"x": 0.0, "y": 7.0}, boxes=[BEAM_STOP]).answer is Answer.ALLOW


def test_an_axis_that_stays_counts_where_it_stands():
    assert forbidden({"x": 5.0}, {"x": 5.0, "y": 9.0}, boxes=[BEAM_STOP]).answer is Answer.ALLOW
    assert forbidden({"x": 5.0}, {"x": 5.0, "y": 2.0}, boxes=[BEAM_STOP]).answer is Answer.VETO


def test_an_open_interval_has_no_far_side():
    below = {"name": "floor", "within": {"y": [None, 1]}}
    assert forbidden({"x": 0.0, "y": -50.0}, boxes=[below]).answer is Answer.VETO
    assert forbidden({"x": 0.0, "y": 9.0}, {"x": 0.0, "y": 2.0}, boxes=[below]).answer is Answer.ALLOW
    assert forbidden({"x": 0.0, "y": 9.0}, {"x": 0.0, "y": 0.5}, boxes=[below]).answer is Answer.VETO


def test_a_sphere_is_kept_clear_of_too():
    post = {"name": "post", "centre": {"x": 5, "y": 5}, "radius": 1}
    assert forbidden({"x": 5.5, "y": 5.5}, spheres=[post]).answer is Answer.VETO
    assert forbidden({"x": 5.8, "y": 5.8}, spheres=[post]).answer is Answer.ALLOW
    assert forbidden({"x": 9.0, "y": 9.0}, {"x": 0.0, "y": 0.0}, spheres=[post]).answer is Answer.VETO
    assert forbidden({"x": 9.0, "y": 0.0}, {"x": 0.0, "y": 0.0}, spheres=[post]).answer is Answer.ALLOW


def test_a_misspelt_axis_protects_nothing_and_is_therefore_refused():
    verdict = forbidden({"x": 1.0, "y": 1.0}, boxes=[{"within": {"stage_z": [0, 1]}}])
    assert verdict.answer is Answer.VETO
    assert "stage_z" in verdict.reason


@given(PLACES, PLACES, PLACES, PLACES, st.floats(0, 1))
def test_a_way_is_refused_whenever_any_place_on_it_is_inside(x0: float, y0: float, x1: float, y1: float, fraction: float):
    on_the_way = {"x": x0 + fraction * (x1 - x0), "y": y0 + fraction * (y1 - y0)}
    margin = 1e-6
    inside = 4 + margin < on_the_way["x"] < 6 - margin and margin < on_the_way["y"] < 3 - margin
    if inside:
        assert forbidden({"x": x1, "y": y1}, {"x": x0, "y": y0}, boxes=[BEAM_STOP]).answer is Answer.VETO


@given(PLACES, PLACES, PLACES, PLACES)
def test_a_way_is_as_long_back_as_there(x0: float, y0: float, x1: float, y1: float):
    there = forbidden({"x": x1, "y": y1}, {"x": x0, "y": y0}, boxes=[BEAM_STOP], spheres=[{"centre": {"x": 8, "y": 8}, "radius": 1}])
    back = forbidden({"x": x0, "y": y0}, {"x": x1, "y": y1}, boxes=[BEAM_STOP], spheres=[{"centre": {"x": 8, "y": 8}, "radius": 1}])
    assert there.answer is back.answer


@pytest.mark.parametrize("settings", [{}, {"boxes": [{"within": {"x": [2, 1]}}]}, {"spheres": [{"centre": {"x": 1}, "radius": 0}]}])
def test_regions_that_make_no_sense_are_refused(settings: dict[str, Any]):
    with pytest.raises(ValidationError):
        ForbiddenRegionSettings.model_validate(settings)


def step(start: dict[str, Any], **settings: Any) -> Verdict:
    guardian = StepSizeGuardian(StepSizeSettings.model_validate({"largest": {"x": 2.0}, **settings}))
    return guardian.review(a_trial(x=5.0, y=0.0), a_context(positions=start))


def test_a_step_longer_than_allowed_waits_for_a_person_or_is_vetoed():
    verdict = step({"x": 2.5})
    assert verdict.answer is Answer.HOLD
    assert "x would step 2.5 mm from 2.5 to 5 mm, above 2 mm" in verdict.reason
    assert step({"x": 2.5}, answer="veto").answer is Answer.VETO
    assert step({"x": 3.0}).answer is Answer.ALLOW


def test_a_first_step_from_nowhere_known_is_allowed_and_a_misspelt_axis_is_not():
    assert step({}).answer is Answer.ALLOW
    assert step({"x": 5.0}, largest={"stage_z": 1}).answer is Answer.HOLD


def test_travel_adds_up_over_the_campaign_and_ends_it():
    guardian = TravelGuardian(TravelSettings(largest={"x": 12.0}))
    trials = (measured(1, x=4.0, y=0.0), a_trial(number=2, x=9.0, y=0.0), measured(3, x=1.0, y=0.0))
    context = a_context(start_positions={"x": 0.0}, trials=trials)
    assert guardian.review(a_trial(x=6.0, y=0.0), context).answer is Answer.ALLOW
    verdict = guardian.review(a_trial(x=6.5, y=0.0), context)
    assert verdict.answer is Answer.STOP
    assert "x would have travelled 12.5 mm in all, above 12 mm" in verdict.reason


def budget(**context: Any) -> Verdict:
    return BudgetGuardian(NoSettings()).review(a_trial(x=1.0), a_context(**context))


def test_an_exposure_that_would_overrun_stops_the_campaign():
    assert budget(budget={"exposure": 10}, exposure=2.5, exposure_s=7.5).answer is Answer.ALLOW
    verdict = budget(budget={"exposure": 10}, exposure=2.5, exposure_s=7.6)
    assert verdict.answer is Answer.STOP
    assert "exposure would reach 10.1 s, above the budget of 10 s" in verdict.reason


def test_ten_exposures_of_a_tenth_are_not_more_than_one():
    assert budget(budget={"exposure": 1}, exposure=0.1, exposure_s=sum([0.1] * 9)).answer is Answer.ALLOW


def test_a_dose_is_expected_at_the_rate_seen_so_far():
    assert budget(budget={"dose": 100}, exposure=2.0, exposure_s=4.0, dose=60.0).answer is Answer.ALLOW
    assert budget(budget={"dose": 100}, exposure=2.0, exposure_s=4.0, dose=70.0).answer is Answer.STOP
    assert budget(budget={"dose": 100}, exposure=2.0, dose=100.0).answer is Answer.STOP
    assert budget(budget={"dose": 100}, exposure=2.0).answer is Answer.ALLOW


def test_a_dose_that_the_instrument_knows_is_looked_ahead_for_from_the_first_trial_on():
    instrument = STAGE.model_copy(update={"dose": DoseRule(factor=30.0, unit="kGy")})
    assert budget(budget={"dose": 100}, exposure=3.0, instrument=instrument).answer is Answer.ALLOW
    verdict = budget(budget={"dose": 100}, exposure=4.0, instrument=instrument)
    assert verdict.answer is Answer.STOP
    assert "dose would reach 120 kGy, above the budget of 100 kGy" in verdict.reason


def test_the_finishing_move_is_not_stopped_by_the_budget():
    context = a_context(budget={"exposure": 1}, exposure=1.0, exposure_s=1.0)
    assert BudgetGuardian(NoSettings()).review(a_trial(TrialKind.FINISH, x=1.0), context).answer is Answer.ALLOW


def moved(**context: Any) -> Verdict:
    return MovedByAnotherGuardian(NoSettings()).review(a_trial(x=1.0, y=1.0), a_context(**context))


def test_an_axis_moved_between_trials_holds_naming_it_from_and_to():
    verdict = moved(positions={"x": 3.0, "y": 1.0}, last_positions={"x": 2.0, "y": 1.0})
    assert verdict.answer is Answer.HOLD
    assert "x moved from 2 mm to 3 mm, outside any trial" in verdict.reason


def test_the_campaigns_tolerance_counts_before_the_devices():
    within, beyond = {"x": 2.009, "y": 1.0}, {"x": 2.011, "y": 1.0}
    assert moved(positions=within, last_positions={"x": 2.0, "y": 1.0}).answer is Answer.ALLOW
    assert moved(positions=beyond, last_positions={"x": 2.0, "y": 1.0}).answer is Answer.HOLD
    loose = Space(parameters={**SPACE.parameters, "x": Continuous(limits=(0, 10), unit="mm")})
    assert moved(space=loose, positions=beyond, last_positions={"x": 2.0, "y": 1.0}).answer is Answer.ALLOW


def test_without_a_tolerance_a_millionth_is_a_motion():
    assert moved(positions={"y": 1.0 + 1e-7}, last_positions={"y": 1.0}).answer is Answer.ALLOW
    assert moved(positions={"y": 1.0 + 1e-5}, last_positions={"y": 1.0}).answer is Answer.HOLD


def test_where_nothing_is_known_nothing_has_moved():
    assert moved(positions={"x": 3.0}, last_positions=None).answer is Answer.ALLOW
    assert moved(positions={}, last_positions={"x": 3.0}).answer is Answer.ALLOW
    assert moved(positions={"foil": "Al"}, last_positions={"foil": "Al"}).answer is Answer.ALLOW
    assert moved(positions={"foil": "Cu"}, last_positions={"foil": "Al"}).answer is Answer.HOLD
