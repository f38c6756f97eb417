"""Signals from readings: the arithmetic a scientist would do by hand."""

import math
from typing import Any

import numpy as np
import pytest

from orchestrator.domain.errors import InstrumentError
from orchestrator.domain.instrument import InstrumentDescription, MeasureRequest, SignalDescription
from orchestrator.domain.measuring import Combined, Derived, PlanCall, Reduced
from orchestrator.domain.records import TrialKind
from orchestrator.execution.documents import RunDocuments
from orchestrator.execution.signals import Signal, signal_of

DESCRIPTION = InstrumentDescription(identity="test", axes={}, signals={"diode": SignalDescription(field="diode")})


def worked_out(operation: Derived | None, **readings: list[Any]) -> Signal:
    derive = {} if operation is None else {"it": operation}
    request = MeasureRequest(
        campaign="c",
        trial=1,
        attempt=1,
        kind=TrialKind.AGENT,
        point={},
        signals=("it",),
        seed=0,
        token=1,
        plan=PlanCall(name="scan"),
        derive=derive,
    )
    return signal_of("it" if operation else "diode", request, DESCRIPTION, lambda _stream: readings)


@pytest.mark.parametrize(
    ("take", "expected"), [("first", 3.0), ("last", 5.0), ("mean", 3.0), ("median", 3.0), ("min", 1.0), ("max", 5.0), ("sum", 9.0)]
)
def test_several_readings_become_the_one_that_was_declared(take: Any, expected: float):
    assert worked_out(Reduced(take=take, of="a"), a=[3.0, 1.0, 5.0]).value == expected


def test_a_mean_comes_with_its_standard_error():
    assert worked_out(Reduced(take="mean", of="a"), a=[3.0, 1.0, 5.0]).sd == pytest.approx(2.0 / math.sqrt(3))
    assert worked_out(Reduced(take="mean", of="a"), a=[3.0]).sd is None


def test_an_array_keeps_every_reading_in_order():
    np.testing.assert_array_equal(worked_out(Reduced(take="array", of="a"), a=[3, 1, 5]).value, [3.0, 1.0, 5.0])


def test_a_ratio_is_taken_reading_by_reading_and_averaged():
    signal = worked_out(Combined(take="ratio", of=("a", "b")), a=[10.0, 30.0], b=[1.0, 2.0])
    assert signal.value == 12.5
    assert signal.sd == pytest.approx(2.5)
    assert worked_out(Combined(take="difference", of=("a", "b")), a=[10.0], b=[1.0]).value == 9.0


@pytest.mark.parametrize(("i0", "said"), [([0.0], "as good as zero"), ([100.0, 1e-12], "as good as zero"), ([math.nan], "as good as zero")])
def test_a_ratio_to_nothing_is_no_score(i0: list[float], said: str):
    signal = worked_out(Combined(take="ratio", of=("a", "i0")), a=[5.0] * len(i0), i0=i0)
    assert signal.value is None
    assert said in signal.remark


def test_a_second_signal_that_leaves_its_band_spoils_the_trial():
    signal = worked_out(Combined(take="ratio", of=("a", "i0"), band=(90.0, 110.0)), a=[5.0, 5.0], i0=[100.0, 60.0])
    assert signal.value is None
    assert signal.remark == "it: i0 = 60 is outside its band [90, 110]; is the beam there?"


def test_readings_that_are_not_finite_give_no_value():
    signal = worked_out(Reduced(take="max", of="a"), a=[1.0, math.nan])
    assert signal.value is None
    assert "a has a reading that is not finite" in signal.remark


@pytest.mark.parametrize(
    ("operation", "readings", "said"),
    [
        (None, {"diode": [1.0, 2.0]}, "scan read diode 2 times; say which counts"),
        (Reduced(take="max", of="b"), {"a": [1.0]}, "no field 'b' in its primary stream; it has a"),
        (Combined(take="ratio", of=("a", "b")), {"a": [1.0], "b": [1.0, 2.0]}, "a was read 1 times, b 2 times"),
        (Reduced(take="max", of="a"), {"a": [np.ones((2, 2))]}, "an array of shape"),
    ],
)
def test_what_cannot_be_worked_out_says_why(operation: Any, readings: dict[str, Any], said: str):
    with pytest.raises(InstrumentError, match=said):
        worked_out(operation, **readings)


@pytest.mark.parametrize(
    "written",
    [{"take": "ratio", "of": ["a", "b"], "band": [-1, 1]}, {"take": "ratio", "of": ["a"]}, {"take": "eval", "of": "a"}],
)
def test_operations_that_mean_nothing_are_refused(written: dict[str, Any]):
    from pydantic import TypeAdapter, ValidationError

    with pytest.raises(ValidationError):
        TypeAdapter[Derived](Derived).validate_python(written)


def test_a_reading_repeated_after_a_rewind_counts_once():
    documents = RunDocuments()
    documents("start", {"uid": "r", "time": 1.0})
    documents("descriptor", {"uid": "d", "name": "primary", "run_start": "r"})
    for seq_num, value in [(1, 1.0), (2, 99.0), (2, 2.0), (3, 3.0)]:
        documents("event", {"descriptor": "d", "seq_num": seq_num, "time": 2.0, "data": {"a": value}})
    assert documents.readings() == {"a": [1.0, 2.0, 3.0]}


def test_pages_of_events_are_read_like_events():
    documents = RunDocuments()
    documents("start", {"uid": "r", "time": 1.0})
    documents("descriptor", {"uid": "d", "name": "fly", "run_start": "r"})
    documents("descriptor", {"uid": "e", "name": "primary", "run_start": "r"})
    page = {"seq_num": [1, 2], "time": [1.0, 2.0], "data": {"a": [5.0, 6.0]}}
    documents("event_page", {"descriptor": "e", **page})
    documents("event_page", {"descriptor": "d", **page})
    assert documents.readings() == {"a": [5.0, 6.0]}
    assert {name: len(events) for name, events in documents.streams.items()} == {"primary": 2, "fly": 2}
