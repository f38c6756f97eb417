"""``kill -9`` while real motor records move and a shutter is open: the IOC's dead man's switch makes it safe, the ledger goes on."""

import random
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, get_args

import psutil
import pytest

from instruments.simulated.companion import SoftIoc
from tests.recovery import checks
from tests.recovery.killing import Runner as Process
from tests.recovery.killing import kill_group, only_campaign, run, started, wait_until
from tests.recovery.runner import Order
from tests.scenarios import beamline
from tests.soft_ioc import Recorder, channel, soft_ioc

Moment = Literal["thinking", "moving", "exposing"]

HEARTBEAT_S = 2.0
ARMED = "HEARTBEAT:ARM"
AT_REST = {"SHUTTER": 0, "DET:BUSY": 0, "MIR:PITCH.DMOV": 1, "MIR:ROLL.DMOV": 1}
"""What the IOC must show once it has made everything safe."""


class Witness:
    """Watches an IOC over a connection of its own."""

    def __init__(self, ioc: SoftIoc) -> None:
        self._heard = {suffix: Recorder() for suffix in (*AT_REST, ARMED)}
        self._channels = {suffix: channel(ioc, suffix) for suffix in self._heard}
        """Kept, since a channel that nobody holds hears nothing."""
        for suffix, recorder in self._heard.items():
            recorder(self._channels[suffix].get())  # a PV that never changes is never heard of otherwise
            self._channels[suffix].monitor(recorder)

    def wait_for(self, suffix: str, value: float, seconds: float = 60.0) -> None:
        """Wait until a PV has this value, now or later."""
        recorder = self._heard[suffix]
        del recorder.heard[:-1]
        try:
            recorder.wait_for(lambda heard: heard == value, seconds)
        except AssertionError as error:
            raise AssertionError(f"{suffix} was never {value}: {error}") from None

    def wait_for_rest(self) -> None:
        """Wait until the dead man's switch has tripped; then nothing may move or expose."""
        self.wait_for(ARMED, 0.0, HEARTBEAT_S + 5.0)
        for suffix, value in AT_REST.items():
            self.wait_for(suffix, value, seconds=10.0)  # a stopped axis says so a moment later, a busy machine later still


def strike(runner: Process, witness: Witness, moment: Moment, draw: random.Random) -> None:
    """Kill the runner at a random time while it thinks, moves or exposes."""
    match moment:
        case "thinking":
            wait_until(runner, "asking")
        case "moving":
            wait_until(runner, "measuring")
            witness.wait_for("MIR:PITCH.DMOV", 0)
        case "exposing":
            witness.wait_for("DET:BUSY", 1)
    time.sleep(draw.uniform(0.0, 0.2))  # the random moment is the point of this test
    kill_group(runner)


def kill_and_finish(ioc: SoftIoc, folder: Path, moments: Sequence[Moment], *, n_trials: int, seed: int) -> None:
    """Kill one runner after another; after each, see the IOC come to rest by itself. The last one ends in peace."""
    draw, witness = random.Random(seed), Witness(ioc)
    spec = beamline.write_spec(folder, ioc, n_trials=n_trials, exposure="6 s", heartbeat_s=HEARTBEAT_S, seed=seed)
    ledger = f"sqlite:///{folder / 'ledger.db'}"
    for moment in moments:
        with started(Order(ledger, str(spec), only_campaign(ledger), announce=True)) as runner:
            strike(runner, witness, moment, draw)
        witness.wait_for_rest()
    assert run(Order(ledger, str(spec), only_campaign(ledger))) == 0
    events = checks.events_of(ledger)
    checks.check_nothing_lost(events, n_trials)
    checks.check_repeats_are_declared(events)
    checks.check_devices(events, ioc.log, beamline.AXES)
    checks.check_ledger(ledger, events)


def test_killed_while_moving_and_while_exposing(tmp_path: Path) -> None:
    """Motions and exposures outlast the dead man's switch here, so that it has something to stop."""
    with soft_ioc("KILL:", time_scale=0.4, log=tmp_path / "ioc.jsonl") as ioc:
        kill_and_finish(ioc, tmp_path, ["moving", "exposing"], n_trials=1, seed=4)
        assert {line["axis"] for line in beamline.lines(ioc.log, "stop")} & set(beamline.AXES)
        assert len(beamline.lines(ioc.log, "trigger")) > len(beamline.exposures(ioc.log)) == 1
        assert all(line["cause"].startswith("no heartbeat") for line in beamline.lines(ioc.log, "made-safe"))


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", range(6))
def test_killed_again_and_again_at_random_moments(tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    moments: list[Moment] = [draw.choice(get_args(Moment)) for _ in range(6)]
    with soft_ioc(f"KILL{seed}:", time_scale=0.2, log=tmp_path / "ioc.jsonl") as ioc:
        kill_and_finish(ioc, tmp_path, moments, n_trials=10, seed=seed)


@pytest.mark.slow
def test_when_only_the_engine_is_killed_its_children_make_everything_safe_and_end(tmp_path: Path) -> None:
    ledger = f"sqlite:///{tmp_path / 'ledger.db'}"
    with soft_ioc("ORPHAN:", time_scale=0.4, log=tmp_path / "ioc.jsonl") as ioc:
        witness = Witness(ioc)
        spec = beamline.write_spec(tmp_path, ioc, n_trials=1, exposure="60 s", heartbeat_s=20.0)
        with started(Order(ledger, str(spec))) as runner:
            witness.wait_for("DET:BUSY", 1)
            children = psutil.Process(runner.pid).children()
            runner.kill()
            witness.wait_for("SHUTTER", 0, seconds=10.0)
            _gone, left = psutil.wait_procs(children, timeout=20)
            assert len(children) == 3
            assert not left
        witness.wait_for_rest()
        assert not beamline.lines(ioc.log, "made-safe"), "the dead man's switch was not needed"
