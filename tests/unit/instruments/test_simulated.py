"""The simulated beamline on a real RunEngine, in one process."""

import threading
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from instruments.journal import read_journal
from instruments.simulated import SimulatedBeamline, SimulatedBeamlineSettings
from instruments.simulated.axes import AXES, best_positions
from orchestrator.domain.errors import InstrumentError
from orchestrator.domain.records import Breach
from orchestrator.testing.instrument_contract import measure, run_engine
from tests.soft_ioc import make_request

BEST = best_positions()


def build(**settings: Any) -> SimulatedBeamline:
    return SimulatedBeamline(SimulatedBeamlineSettings.model_validate({"time_scale": 0, **settings}))


def flux_of(instrument: SimulatedBeamline, **request: Any) -> float:
    (event,) = measure(instrument, make_request(BEST, **request)).primary_events()
    return event["data"]["flux"]


def test_the_same_attempt_measures_the_same_in_another_process_after_other_trials():
    fresh, busy = build(), build()
    for trial in (1, 2):
        measure(busy, make_request({"mirror_pitch": 2.9, "slit_centre": 0.3}, trial=trial))

    assert flux_of(fresh, trial=3) == flux_of(busy, trial=3)


def test_only_the_signals_asked_for_are_read_with_their_sd():
    documents = measure(build(), make_request(BEST, signals=("flux", "image")))
    (descriptor,) = documents.primary_descriptors()

    detector_keys = set(descriptor["object_keys"]["detector"])
    assert detector_keys == {"flux", "flux_sd", "image"}
    assert descriptor["data_keys"]["image"]["shape"] == [48, 64]


def test_a_signal_that_does_not_exist_is_refused_by_name():
    with pytest.raises(InstrumentError, match="no signal is called fluxx; the beamline has i0, i1, flux"):
        measure(build(), make_request(BEST, signals=("fluxx",)))


def test_an_axis_outside_its_limits_fails_the_run_and_moves_nothing(tmp_path: Path):
    instrument = build(journal=str(tmp_path / "journal.jsonl"))
    with pytest.raises(InstrumentError, match=r"mirror_pitch = 5 mrad is outside \[2.7, 3.3\] mrad"):
        measure(instrument, make_request({"mirror_pitch": 5.0}))

    assert instrument.positions()["mirror_pitch"] == AXES["mirror_pitch"].start
    assert read_journal(tmp_path / "journal.jsonl") == []


def test_the_journal_names_the_attempt_of_every_motion_and_trigger(tmp_path: Path):
    instrument = build(journal=str(tmp_path / "journal.jsonl"))
    measure(instrument, make_request({"energy": 9.5}, trial=3, attempt=2))

    lines = read_journal(tmp_path / "journal.jsonl")
    assert [line["what"] for line in lines] == ["motion", "trigger", "shutter-open", "exposed", "shutter-closed"]
    assert {line["attempt"] for line in lines} == {"night/3/2"}


@pytest.mark.parametrize("phase", ["inside", "exposing"])
def test_a_dump_during_an_exposure_is_heard_before_the_plan_ends(phase: str):
    heard: list[Breach | None] = []
    instrument = build(faults=[{"type": "beam-dump", "trial": 1, "phase": phase}])
    instrument.watch(lambda breach, interlock: heard.append(breach))
    measure(instrument, make_request(BEST))

    assert isinstance(heard[0], Breach)
    assert heard[0].interlock == "beam"


def test_a_beam_that_is_away_comes_back_by_itself_and_late_listeners_are_told():
    returned = threading.Event()
    instrument = build(faults=[{"type": "beam-dump", "trial": 1, "phase": "exposing", "duration": 0.3}])
    measure(instrument, make_request(BEST))
    heard: list[Breach | None] = []

    def listen(breach: Breach | None, interlock: str) -> None:
        heard.append(breach)
        if breach is None:
            returned.set()

    instrument.watch(listen)
    assert returned.wait(5.0)
    assert isinstance(heard[0], Breach)
    instrument.close()


def test_securing_stops_a_move_and_fails_the_plan_in_words():
    instrument = build(time_scale=1.0)
    timer = threading.Timer(0.1, lambda: instrument.secure("test"))
    timer.start()
    with pytest.raises(Exception, match="crystal_pitch was stopped") as failure:
        run_engine()(instrument.plan(make_request({"crystal_pitch": 80.0})))
    timer.join()

    assert "crystal_pitch was stopped" in str(failure.value)
    assert AXES["crystal_pitch"].start < float(instrument.positions()["crystal_pitch"]) < 80.0
    assert instrument.secure("again") == ("no axis was moving", "the shutter was closed")


def test_a_lower_token_is_refused():
    instrument = build()
    measure(instrument, make_request(BEST, token=5))
    with pytest.raises(InstrumentError, match="token 4 is lower than 5"):
        measure(instrument, make_request(BEST, token=4))


def test_a_campaign_may_use_some_axes_only():
    instrument = build(axes=["energy"])
    assert set(instrument.describe().axes) == set(instrument.positions()) == {"energy"}


def test_an_unknown_axis_is_refused_with_the_known_ones():
    with pytest.raises(ValidationError, match="mirror_pitch, mirror_roll"):
        build(axes=["yaw"])
