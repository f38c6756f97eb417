"""One attempt, one run, one motion, whatever happens in between."""

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from bluesky.utils import FailedStatus, RunEngineInterrupted
from ophyd import Device, Signal
from ophyd.status import DeviceStatus

from instruments.journal import Journal, read_journal
from instruments.plans import measure_point
from instruments.soft_devices import SoftAxis, SoftDetector
from orchestrator.domain.base import Setting
from orchestrator.domain.errors import InstrumentError
from orchestrator.domain.instrument import MeasureRequest
from orchestrator.domain.space import Categorical, Continuous
from orchestrator.testing.instrument_contract import Documents, run_engine


def a_request(point: Mapping[str, Setting], **changes: Any) -> MeasureRequest:
    written = {"campaign": "night", "trial": 3, "attempt": 2, "kind": "agent", "signals": ("counts",), "seed": 0, "token": 1}
    return MeasureRequest.model_validate({**written, "point": point, **changes})


class Readable:
    """A device of no library."""

    name = "scaler"
    parent = None

    def read(self) -> dict[str, Any]:
        return {"scaler": {"value": 3.0, "timestamp": 0.0}}

    def describe(self) -> dict[str, Any]:
        return {"scaler": {"source": "here", "dtype": "number", "shape": []}}

    def read_configuration(self) -> dict[str, Any]:
        return {}

    def describe_configuration(self) -> dict[str, Any]:
        return {}


class Stage:
    """Two axes, a counter that notes where the shutter was, and a count of motions."""

    def __init__(self) -> None:
        self.motions: list[tuple[str, Setting]] = []
        self.seen: list[str] = []
        self.shutter = Signal(name="shutter", value="closed")
        x = SoftAxis("x", parameter=Continuous(limits=(0, 10), unit="mm"), start=0.0, moved=self._moved)
        foil = SoftAxis("foil", parameter=Categorical(values=("Al", "Cu")), start="Al", moved=self._moved)
        self.axes = {"x": x, "foil": foil}
        self.counter = SoftDetector("counter", units={"counts": "1/s"}, measure=self._count)

    def _moved(self, axis: str, to: Setting) -> None:
        self.motions.append((axis, to))

    def _count(self) -> Mapping[str, float]:
        self.seen.append(self.shutter.get())
        return {"counts": 42.0}

    def measure(self, request: MeasureRequest, **options: Any) -> Documents:
        documents = Documents()
        run_engine()(measure_point(self.axes, [self.counter], request, shutter=self.shutter, **options), documents)
        return documents


def test_one_run_with_one_event_carries_readings_readbacks_and_setpoints():
    documents = Stage().measure(a_request({"x": 2.5, "foil": "Cu"}))
    assert [name for name, _ in documents.named] == ["start", "descriptor", "event", "stop"]
    (event,) = documents.primary_events()
    assert event["data"] == {"counts": 42.0, "x": 2.5, "x_setpoint": 2.5, "foil": "Cu", "foil_setpoint": "Cu"}


def test_the_start_document_names_the_attempt_and_the_campaigns_metadata():
    (start,) = Stage().measure(a_request({"x": 1.0}, metadata={"sample": "S1"}, ledger_head="ab")).of("start")
    assert start["nightshift"] == {"campaign": "night", "trial": 3, "attempt": 2, "kind": "agent", "ledger_head": "ab"}
    assert (start["sample"], start["motors"], start["detectors"]) == ("S1", ["x"], ["counter"])


def test_an_axis_the_point_does_not_name_is_read_but_not_moved():
    stage = Stage()
    (event,) = stage.measure(a_request({"x": 1.0})).primary_events()
    assert stage.motions == [("x", 1.0)]
    assert event["data"]["foil"] == "Al"


def _commands(stage: Stage, detectors: list[Any]) -> list[str]:
    """Return the commands of a plan that moves one axis, as long as the RunEngine carries them out."""
    commands: list[str] = []
    engine = run_engine()
    engine.msg_hook = lambda message: commands.append(message.command)
    engine(measure_point(stage.axes, detectors, a_request({"x": 1.0})))
    return commands


def test_devices_are_described_while_the_axes_move():
    stage = Stage()
    commands = _commands(stage, [stage.counter])
    assert commands.index("set") < commands.index("declare_stream") < commands.index("wait") < commands.index("trigger")


def test_a_device_that_may_not_know_before_it_is_triggered_is_described_afterwards():
    class WritesFiles(SoftDetector):
        def collect_asset_docs(self) -> list[Any]:
            return []

    stage = Stage()
    writer = WritesFiles("writer", units={"counts": ""}, measure=lambda: {"counts": 1.0})
    assert "declare_stream" not in _commands(stage, [writer])
    assert "declare_stream" not in _commands(stage, [stage.counter, Readable()])


def test_a_part_listed_beside_its_whole_is_described_and_read_once():
    stage = Stage()
    stage.axes = {**stage.axes, "readback": stage.axes["x"].readback}
    (event,) = stage.measure(a_request({"x": 1.0})).primary_events()
    assert event["data"]["x"] == 1.0


def test_an_unknown_axis_is_refused_before_anything_moves():
    stage = Stage()
    with pytest.raises(InstrumentError, match="no axis is called z; the instrument has x, foil"):
        stage.measure(a_request({"x": 1.0, "z": 2.0}))
    assert stage.motions == []


def test_the_shutter_is_open_for_the_reading_only():
    stage = Stage()
    stage.measure(a_request({"x": 1.0}))
    assert stage.seen == ["open"]
    assert stage.shutter.get() == "closed"


def test_a_shutter_may_speak_in_numbers():
    stage = Stage()
    stage.shutter = Signal(name="shutter", value=0)
    stage.measure(a_request({"x": 1.0}), shutter_states=(1, 0))
    assert (stage.seen, stage.shutter.get()) == ([1], 0)


def test_the_shutter_is_closed_when_a_detector_fails():
    stage = Stage()

    def fail() -> Mapping[str, float]:
        assert stage.shutter.get() == "open"
        raise InstrumentError("counter does not answer")

    stage.counter = SoftDetector("counter", units={"counts": ""}, measure=fail)
    with pytest.raises(InstrumentError, match="counter does not answer"):
        stage.measure(a_request({"x": 1.0}))
    assert stage.shutter.get() == "closed"


def test_a_detector_that_fails_late_fails_the_plan():
    stage = Stage()

    def fail() -> Mapping[str, float]:
        raise InstrumentError("counter does not answer")

    stage.counter = SoftDetector("counter", units={"counts": ""}, measure=fail, seconds=0.001)
    with pytest.raises(FailedStatus) as refusal:
        stage.measure(a_request({"x": 1.0}))
    assert isinstance(refusal.value.__cause__, InstrumentError)


def test_the_shutter_is_closed_when_a_motion_is_refused():
    stage = Stage()
    stage.shutter.put("open")
    with pytest.raises(InstrumentError, match=r"x = 11.0 is outside what the device can do, \[0.0, 10.0\] mm"):
        stage.measure(a_request({"x": 11.0}))
    assert stage.shutter.get() == "closed"
    assert stage.seen == []


def test_a_baseline_is_read_into_a_stream_of_its_own():
    temperature = Signal(name="temperature", value=300.0)
    documents = Stage().measure(a_request({"x": 1.0}), baseline=[temperature])
    assert documents.of("stop")[0]["num_events"] == {"baseline": 2, "primary": 1}


class PatientDetector(Device):
    """Its exposure ends when the test says so."""

    def __init__(self, name: str) -> None:
        super().__init__(name=name)
        self.is_exposing = threading.Event()
        self.n_triggers = 0
        self.exposure: DeviceStatus | None = None

    def trigger(self) -> DeviceStatus:
        self.n_triggers += 1
        self.exposure = DeviceStatus(self)
        self.is_exposing.set()
        return self.exposure


def test_a_pause_during_the_exposure_aborts_and_repeats_nothing():
    stage, detector, documents = Stage(), PatientDetector("patient"), Documents()
    engine = run_engine()

    def pause() -> None:
        assert detector.is_exposing.wait(10)
        engine.request_pause()

    pauser = threading.Thread(target=pause)
    pauser.start()
    plan = measure_point(stage.axes, [detector], a_request({"x": 4.0}), shutter=stage.shutter)
    with pytest.raises(RunEngineInterrupted):
        engine(plan, documents)
    pauser.join()
    assert (stage.motions, detector.n_triggers) == ([("x", 4.0)], 1)
    assert engine.state == "idle"
    assert documents.of("stop")[0]["exit_status"] == "fail"
    assert documents.of("event") == []
    assert stage.shutter.get() == "closed"


def test_a_journal_holds_what_was_done_in_order(tmp_path: Path):
    journal = Journal(tmp_path / "actions.jsonl")
    journal.write("motion", attempt="night/1/1", axis="x", to=2.5)
    journal.write("trigger", attempt="night/1/1")
    journal.close()
    journal.write("motion", attempt="night/1/2", axis="x", to=2.5)
    assert [line["attempt"] for line in read_journal(tmp_path / "actions.jsonl")] == ["night/1/1", "night/1/1", "night/1/2"]
    assert read_journal(tmp_path / "actions.jsonl")[0] == {"what": "motion", "attempt": "night/1/1", "axis": "x", "to": 2.5}


def test_a_journal_line_is_on_the_disk_when_write_returns(tmp_path: Path):
    journal = Journal(tmp_path / "actions.jsonl")
    journal.write("motion", attempt="night/1/1")
    assert len(read_journal(tmp_path / "actions.jsonl")) == 1


def test_a_torn_last_line_is_left_out_and_a_broken_one_is_named(tmp_path: Path):
    path = tmp_path / "actions.jsonl"
    path.write_text('{"what": "motion"}\n{"what": "tri')
    assert read_journal(path) == [{"what": "motion"}]
    path.write_text('{"what": \n{"what": "motion"}\n')
    with pytest.raises(InstrumentError, match="line 1"):
        read_journal(path)


def test_no_journal_writes_nothing_and_an_unwritable_one_says_so(tmp_path: Path):
    Journal(None).write("motion")
    assert read_journal(tmp_path / "none.jsonl") == []
    with pytest.raises(InstrumentError, match="choose a writable file"):
        Journal(tmp_path / "missing" / "actions.jsonl").write("motion")
