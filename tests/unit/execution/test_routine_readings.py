"""What is kept of a run that a routine's plan made."""

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from orchestrator.domain.instrument import InstrumentDescription, MeasureRequest, SignalDescription
from orchestrator.domain.measuring import PlanCall
from orchestrator.domain.records import TrialKind
from orchestrator.execution.documents import RunDocuments, observe
from orchestrator.execution.routine_readings import everything_read
from orchestrator.execution.signals import Signal, Signals

DESCRIPTION = InstrumentDescription(
    identity="bench",
    axes={},
    signals={
        "diode": SignalDescription(field="diode", unit="counts", sd_field="diode_sd"),
        "camera": SignalDescription(field="camera", kind="image"),
        "i0": SignalDescription(field="i0"),
    },
)


def a_dark(**changes: object) -> MeasureRequest:
    usual = {"campaign": "night", "trial": 3, "attempt": 1, "kind": TrialKind.DARK, "point": {}, "exposure_s": 2.0, "signals": ("i0",)}
    plan = PlanCall(name="take_dark")
    return MeasureRequest.model_validate(
        {**usual, "seed": 0, "token": 1, "plan": plan, "keeps_all": True, "uses": {"realign": 2}, **changes}
    )


def a_run(documents: RunDocuments, uid: str, *data: dict[str, object]) -> None:
    documents("start", {"uid": uid, "time": 10.0})
    documents("descriptor", {"uid": f"{uid}-d", "run_start": uid, "name": "primary"})
    for number, each in enumerate(data, start=1):
        documents("event", {"descriptor": f"{uid}-d", "seq_num": number, "time": 11.0, "data": each})
    documents("stop", {"run_start": uid, "time": 12.0 + len(data), "exit_status": "success"})


def read(readings: Mapping[str, Sequence[object]], **changes: object) -> dict[str, Signal]:
    request = a_dark(**changes)
    return dict(everything_read(request, DESCRIPTION, readings, Signals(request, DESCRIPTION, lambda stream: readings)))


def test_a_dark_of_four_frames_is_their_mean_with_its_standard_error() -> None:
    readings = {"diode": [1.0, 2.0, 3.0, 4.0], "camera": [np.zeros((2, 2)), np.full((2, 2), 2.0)], "unknown": [1.0]}
    found = read(readings)
    assert set(found) == {"diode", "camera"}, "what the plan leaves out, or nobody described, is left out"
    assert found["diode"].value == 2.5
    assert found["diode"].sd == pytest.approx(np.sqrt(5.0 / 3.0) / 2.0), "sd of 1..4 is the root of 5/3, over the root of 4"
    np.testing.assert_array_equal(found["camera"].value, np.ones((2, 2)))


def test_a_dark_also_is_what_others_are_to_be_corrected_with() -> None:
    derive = {"corrected": {"take": "dark", "of": "diode"}, "other": {"take": "max", "of": "i0"}}
    readings = {"diode": [1.0, 3.0]}
    assert read(readings, derive=derive)["corrected"].value == 2.0, "in a dark trial nothing is taken off"
    assert set(read(readings, derive=derive)) == {"diode", "corrected"}
    assert "corrected" not in read(readings, derive=derive, kind=TrialKind.ALIGNMENT)


def test_a_single_reading_keeps_the_sd_its_detector_states() -> None:
    assert read({"diode": [9.0], "diode_sd": [3.0]})["diode"].sd == 3.0


def test_a_reading_that_is_not_finite_is_no_dark() -> None:
    found = read({"diode": [1.0, float("nan")]})["diode"]
    assert (found.value, found.remark) == (None, "diode: a reading is not finite; check its detector")


def test_a_dark_names_what_it_used_and_costs_no_shutter_time() -> None:
    documents = RunDocuments()
    a_run(documents, "one", {"diode": 5.0})
    seen = observe(documents, a_dark(), DESCRIPTION, lambda array: None)  # type: ignore[arg-type, return-value]
    assert (seen.readings, seen.exposure_s, seen.uses) == ({"diode": 5.0}, 0.0, {"realign": 2})


def test_an_alignment_of_several_scans_ends_with_the_last() -> None:
    documents = RunDocuments()
    a_run(documents, "one", {"diode": 5.0})
    a_run(documents, "two", {"diode": 7.0}, {"diode": 9.0})
    seen = observe(documents, a_dark(kind=TrialKind.ALIGNMENT), DESCRIPTION, lambda array: None)  # type: ignore[arg-type, return-value]
    assert (seen.run_uid, seen.readings["diode"], seen.finished_at.timestamp()) == ("one", 5.0, 14.0)
