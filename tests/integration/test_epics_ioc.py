"""The soft IOC over real Channel Access: what it does, what it refuses, and what it does when nobody asks."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from caproto import ErrorResponseReceived
from ophyd import EpicsMotor

from instruments.journal import read_journal
from instruments.simulated.axes import AXES
from instruments.simulated.companion import SoftIoc
from tests.soft_ioc import Recorder, channel, soft_ioc, write_from_elsewhere

SLOW = 2000.0
"""Simulated seconds that no test waits for."""


@pytest.fixture(scope="module")
def ioc() -> Iterator[SoftIoc]:
    with soft_ioc("IOC:", time_scale=0.02) as running:
        yield running


@pytest.fixture(scope="module")
def motor(ioc: SoftIoc) -> Iterator[EpicsMotor]:
    device = EpicsMotor("IOC:MIR:PITCH", name="mirror_pitch")
    device.wait_for_connection(timeout=10.0)
    yield device
    device.destroy()


def flux_of(ioc: SoftIoc, attempt_id: str = "night/1/1") -> float:
    """Expose with the noise of one and the same attempt."""
    channel(ioc, "ATTEMPT_ID", is_text=True).put(attempt_id)
    channel(ioc, "DET:EXPOSURE").put(1.0)
    channel(ioc, "DET:ACQUIRE").put(1)
    return float(channel(ioc, "DET:FLUX").get())


def test_a_plain_epics_motor_connects_moves_and_arrives(motor: EpicsMotor):
    assert motor.limits == AXES["mirror_pitch"].limits
    assert motor.egu == "mrad"

    motor.set(3.0).wait(timeout=10.0)
    assert motor.position == pytest.approx(3.0)
    assert motor.user_setpoint.get() == pytest.approx(3.0)


def test_a_stopped_motor_stands_between_start_and_target_and_its_setpoint_with_it(ioc: SoftIoc, motor: EpicsMotor):
    motor.set(2.8).wait(timeout=10.0)
    moving = motor.set(3.2)
    channel(ioc, "MIR:PITCH.STOP").put(1)
    moving.exception(timeout=10.0)  # until ophyd has heard, too: it would take this end for that of the next move

    assert channel(ioc, "MIR:PITCH.DMOV").get() == 1
    stands = float(channel(ioc, "MIR:PITCH.RBV").get())
    assert 2.79 <= stands < 3.2
    assert channel(ioc, "MIR:PITCH.VAL").get() == pytest.approx(stands)


def test_play_shows_only_when_the_record_does_not_correct_for_it(ioc: SoftIoc, motor: EpicsMotor):
    def flux_coming_from(start: float) -> float:
        motor.set(start).wait(timeout=10.0)
        motor.set(3.1).wait(timeout=10.0)
        return flux_of(ioc)

    corrects = channel(ioc, "MIR:PITCH.BDST")
    assert flux_coming_from(2.9) == flux_coming_from(3.2)
    corrects.put(0.0)
    try:
        assert flux_coming_from(2.9) > 1.01 * flux_coming_from(3.2)
    finally:
        corrects.put(AXES["mirror_pitch"].backlash)


def test_a_setpoint_outside_the_limits_is_refused_and_nothing_moves(ioc: SoftIoc):
    n_moves, place = channel(ioc, "COUNT:MOVES").get(), channel(ioc, "MIR:PITCH.RBV").get()

    with pytest.raises(ErrorResponseReceived, match=r"mirror_pitch = 5 mrad is outside \[2.7, 3.3\] mrad"):
        write_from_elsewhere(ioc, "MIR:PITCH", 5.0)
    assert channel(ioc, "COUNT:MOVES").get() == n_moves
    assert channel(ioc, "MIR:PITCH.RBV").get() == place
    assert channel(ioc, "MIR:PITCH.DMOV").get() == 1


def test_an_exposure_opens_the_shutter_and_closes_it_by_itself(ioc: SoftIoc):
    shutter = Recorder()
    channel(ioc, "SHUTTER").monitor(shutter)
    seconds = float(channel(ioc, "COUNT:SHUTTER_S").get())
    flux_of(ioc)

    shutter.wait_for(lambda state: state == 1)
    assert channel(ioc, "SHUTTER").get_like("") == "closed"
    assert channel(ioc, "DET:BUSY").get() == 0
    assert float(channel(ioc, "COUNT:SHUTTER_S").get()) - seconds == pytest.approx(1.0)


def test_an_aborted_exposure_closes_the_shutter_and_gives_no_reading(ioc: SoftIoc):
    n_readings = channel(ioc, "DET:NUM").get()
    shutter = Recorder()
    channel(ioc, "SHUTTER").monitor(shutter)
    channel(ioc, "DET:EXPOSURE").put(SLOW)
    channel(ioc, "DET:ACQUIRE").send(1)
    shutter.wait_for(lambda state: state == 1)
    channel(ioc, "DET:ACQUIRE").put(0)

    assert channel(ioc, "SHUTTER").get_like("") == "closed"
    assert channel(ioc, "DET:NUM").get() == n_readings


def test_silence_after_arming_stops_the_axes_and_closes_the_shutter(ioc: SoftIoc):
    motor_done, shutter, trips = Recorder(), Recorder(), Recorder()
    channel(ioc, "MIR:ROLL.DMOV").monitor(motor_done)
    channel(ioc, "SHUTTER").monitor(shutter)
    n_trips = int(channel(ioc, "HEARTBEAT:TRIPS").get())
    channel(ioc, "HEARTBEAT:TRIPS").monitor(trips)
    channel(ioc, "MIR:ROLL.VELO").put(0.01)
    channel(ioc, "MIR:ROLL").send(1.5)
    channel(ioc, "DET:EXPOSURE").put(SLOW)
    channel(ioc, "DET:ACQUIRE").send(1)
    shutter.wait_for(lambda state: state == 1)
    motor_done.wait_for(lambda is_done: is_done == 0)

    channel(ioc, "HEARTBEAT:ARM").put(0.3)
    channel(ioc, "HEARTBEAT").put(1)
    trips.wait_for(lambda n: n == n_trips + 1)

    assert channel(ioc, "SHUTTER").get_like("") == "closed"
    assert float(channel(ioc, "MIR:ROLL.RBV").get()) < 1.4
    assert channel(ioc, "HEARTBEAT:ARM").get() == 0
    lines = read_journal(ioc.log)
    silence = next(index for index, line in enumerate(lines) if line["what"] == "made-safe")
    assert [line["what"] for line in lines[silence:]] == ["made-safe", "stop", "shutter-closed", "refused"]
    assert lines[-1]["reason"] == "the exposure was aborted; trigger the detector again"


def test_the_ioc_ends_with_whoever_started_it():
    with soft_ioc("ENDS:") as running:
        assert running.process is not None
        assert running.process.stdin is not None
        running.process.stdin.close()
        running.process.stdin = None
        assert running.process.wait(timeout=10.0) == 0


def test_a_restarted_ioc_still_refuses_tokens_that_were_too_low_before(tmp_path: Path):
    log = tmp_path / "beamline.jsonl"
    with soft_ioc("FIRST:", log=log) as running:
        write_from_elsewhere(running, "FENCE", 41)
    with soft_ioc("SECOND:", log=log) as running:
        assert channel(running, "FENCE").get() == 41
        with pytest.raises(ErrorResponseReceived, match="token 40 is lower than 41"):
            write_from_elsewhere(running, "FENCE", 40)


def test_a_fault_that_makes_no_sense_is_refused_at_the_command_line():
    fault = json.dumps({"type": "beam-dump", "trial": 0})
    command = [sys.executable, "-m", "instruments.simulated.ioc", "--fault", fault]
    finished = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert finished.returncode == 2
    assert "--fault" in finished.stderr
