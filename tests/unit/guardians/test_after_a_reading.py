"""Guardians that answer an observation."""

from dataclasses import replace
from typing import Any

import pytest

from orchestrator.domain.frames import FrameRef
from orchestrator.domain.instrument import AxisDescription
from orchestrator.domain.records import Answer, ArtefactRef, Breach, TrialKind, Verdict
from orchestrator.domain.space import Categorical, Continuous, Ordinal, Space
from orchestrator.guardians.base import NoSettings
from orchestrator.guardians.interlocks import InterlockGuardian
from orchestrator.guardians.position_reached import PositionReachedGuardian, PositionReachedSettings
from orchestrator.guardians.reading import ReadingGuardian
from tests.unit.guardians.scenes import NOW, STAGE, a_breach, a_context, a_trial, an_observation


def reached(setpoint: dict[str, Any], readback: dict[str, Any], *, n_rejected: int = 0, context: Any = None) -> Verdict:
    guardian = PositionReachedGuardian(PositionReachedSettings())
    trial = replace(a_trial(**setpoint), n_rejected=n_rejected)
    return guardian.inspect(trial, an_observation(setpoint=setpoint, readback=readback), context or a_context())


def test_a_motor_that_never_moved_is_measured_again_and_then_held():
    verdict = reached({"x": 5.0}, {"x": 2.0})
    assert verdict.answer is Answer.REMEASURE
    assert verdict.reason.startswith("x reads back 2 mm but was set to 5 mm, further off than 0.01 mm")
    assert reached({"x": 5.0}, {"x": 2.0}, n_rejected=1).answer is Answer.HOLD


def test_the_tolerance_itself_is_near_enough():
    assert reached({"x": 5.0}, {"x": 5.01}).answer is Answer.ALLOW
    assert reached({"x": 5.0}, {"x": 5.0101}).answer is Answer.REMEASURE


def test_the_devices_tolerance_counts_where_the_campaign_gives_none():
    space = Space(parameters={"x": Continuous(limits=(0, 10), unit="mm")})
    assert reached({"x": 5.0}, {"x": 5.4}, context=a_context(space=space)).answer is Answer.ALLOW
    assert reached({"x": 5.0}, {"x": 5.6}, context=a_context(space=space)).answer is Answer.REMEASURE


def test_without_any_tolerance_a_hundredth_of_the_span_is_near_enough():
    assert reached({"y": 5.0}, {"y": 5.09}).answer is Answer.ALLOW
    assert reached({"y": 5.0}, {"y": 5.11}).answer is Answer.REMEASURE


def test_an_axis_that_reads_nothing_back_is_believed():
    assert reached({"x": 5.0}, {}).answer is Answer.ALLOW


def test_a_filter_must_be_the_one_that_was_asked_for():
    assert reached({"foil": "Al"}, {"foil": "Al"}).answer is Answer.ALLOW
    verdict = reached({"foil": "Al"}, {"foil": "Cu"})
    assert verdict.answer is Answer.REMEASURE
    assert "'Cu' but was set to 'Al'" in verdict.reason


def test_a_list_of_one_choice_has_no_span_and_still_no_false_alarm():
    space = Space(parameters={"gap": Ordinal(values=(0.3,)), "foil": Categorical(values=("Al",))})
    instrument = STAGE.model_copy(update={"axes": {"gap": AxisDescription(parameter=space.parameters["gap"], field="gap")}})
    context = a_context(space=space, instrument=instrument)
    assert reached({"gap": 0.3}, {"gap": 0.1 + 0.2}, context=context).answer is Answer.ALLOW
    assert reached({"gap": 0.3}, {"gap": 0.31}, context=context).answer is Answer.REMEASURE


def interlocks(*breaches: Breach, kind: TrialKind = TrialKind.AGENT) -> Verdict:
    return InterlockGuardian(NoSettings()).inspect(a_trial(kind, x=1.0), an_observation(breaches=breaches, x=1.0), a_context())


def test_a_breach_spoils_the_reading_and_is_named_with_value_limit_and_time():
    verdict = interlocks(a_breach())
    assert verdict.answer is Answer.REMEASURE
    assert verdict.reason == "interlock ring_current was 12.5 mA, below 50 mA at 23:00:00.000000 UTC; measured again once it holds"


def test_every_breach_is_told_even_an_unreadable_one():
    reason = interlocks(a_breach(), Breach(interlock="vacuum", value=None, at=NOW, detail="connection lost")).reason
    assert "ring_current" in reason
    assert "vacuum was lost (connection lost) at 23:00:00.000000 UTC" in reason
    assert "door was open" in interlocks(Breach(interlock="door", value="open", at=NOW)).reason


def test_no_breach_is_allowed_and_the_finishing_move_need_not_be_repeated():
    assert interlocks().answer is Answer.ALLOW
    assert interlocks(a_breach(), kind=TrialKind.FINISH).answer is Answer.ALLOW


def reading(value: float | None, *, n_rejected: int = 0, **context: Any) -> Verdict:
    trial = replace(a_trial(x=1.0), n_rejected=n_rejected)
    return ReadingGuardian(NoSettings()).inspect(trial, an_observation(x=1.0, readings={"counts": value}), a_context(**context))


def test_a_reading_that_is_not_finite_is_measured_again_twice_and_then_held():
    assert [reading(None, n_rejected=n).answer for n in range(3)] == [Answer.REMEASURE, Answer.REMEASURE, Answer.HOLD]
    assert "counts gave no finite number" in reading(None).reason


@pytest.mark.parametrize(("value", "answer"), [(999.9, Answer.ALLOW), (1000.0, Answer.REMEASURE), (1e6, Answer.REMEASURE)])
def test_a_saturated_detector_is_not_believed(value: float, answer: Answer):
    assert reading(value).answer is answer


def test_saturation_is_told_with_its_limit_and_the_way_out():
    assert reading(1000.0).reason == "counts = 1000 1/s saturates at 1000; shorten measure.exposure or attenuate the beam"


def test_only_what_the_campaign_asks_for_must_be_there():
    assert reading(1.0, signals=("counts",)).answer is Answer.ALLOW
    assert reading(1.0, signals=("counts", "camera")).answer is Answer.REMEASURE
    assert "camera gave no image" in reading(1.0, signals=()).reason


def test_an_image_that_was_stored_is_there():
    observation = an_observation(x=1.0).model_copy(update={"arrays": {"camera": ArtefactRef(sha256="0" * 64)}})
    context = a_context(signals=("counts", "camera"))
    assert ReadingGuardian(NoSettings()).inspect(a_trial(x=1.0), observation, context).answer is Answer.ALLOW


def test_an_image_in_the_detectors_own_file_is_there_and_why_one_is_not_is_told():
    seen, context = an_observation(x=1.0), a_context(signals=("counts", "camera"))
    frames = (FrameRef(uri="file:///a.h5", frames=(0, 1)),)
    found = seen.model_copy(update={"files": {"camera": frames}})
    assert ReadingGuardian(NoSettings()).inspect(a_trial(x=1.0), found, context).answer is Answer.ALLOW
    late = seen.model_copy(update={"remarks": {"camera": "camera: 0 of 1 frames are in /a.h5 after 10 s"}})
    verdict = ReadingGuardian(NoSettings()).inspect(a_trial(x=1.0), late, context)
    assert (verdict.answer, verdict.reason) == (Answer.REMEASURE, "camera: 0 of 1 frames are in /a.h5 after 10 s")


def test_the_finishing_moves_readings_are_of_no_interest():
    observation = an_observation(x=1.0, readings={"counts": None})
    assert ReadingGuardian(NoSettings()).inspect(a_trial(TrialKind.FINISH, x=1.0), observation, a_context()).answer is Answer.ALLOW
