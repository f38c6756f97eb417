"""Safe-stop on a real IOC: whatever hangs, the stop command arrives at once, everything stands, and nothing moves again."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from instruments.journal import read_journal
from instruments.simulated.companion import SoftIoc
from instruments.simulated.faults import Fault
from orchestrator import bootstrap
from orchestrator.bootstrap.safe_stop import safe_stop
from orchestrator.bootstrap.safe_stop_report import SafeStopReport
from orchestrator.domain import events as ev
from orchestrator.domain.errors import WrongState
from tests.recovery import checks
from tests.recovery.killing import Runner, freeze_between_writes, only_campaign, spec_text, started, wait_until
from tests.recovery.runner import Order
from tests.scenarios import beamline
from tests.soft_ioc import Recorder, channel, soft_ioc

SOON_S = 2.0
"""The goal for the stop command, on a machine busy with other tests, too."""
ENDED = 4


@dataclass
class Night:
    """A campaign that runs on an IOC."""

    ioc: SoftIoc
    ledger: str
    runner: Runner
    campaign: str
    asked_at: float = 0.0

    def safe_stop(self, note: str = "smoke") -> SafeStopReport:
        with bootstrap.open_workplace(self.ledger) as place:
            self.asked_at = time.time()
            return safe_stop(place, self.campaign, actor="human:night-shift", note=note)

    def seconds_until(self, what: str, **fields: Any) -> float:
        """Return when, after the request, the IOC first did something, by its own fsynced log."""
        lines = [line for line in read_journal(self.ioc.log) if line["what"] == what and line["unix"] > self.asked_at]
        return next(line["unix"] - self.asked_at for line in lines if fields.items() <= line.items())

    def instrument_pid(self) -> int:
        with bootstrap.open_workplace(self.ledger) as place:
            found = place.ledger.holder(f"campaign:{self.campaign}")
        assert found is not None
        assert found[0].instrument_pid is not None
        return found[0].instrument_pid

    def n_actions(self) -> int:
        return sum(line["what"] in ("motion", "trigger") for line in read_journal(self.ioc.log))

    def recorded(self) -> ev.SafeStopped:
        with bootstrap.open_workplace(self.ledger) as place:
            event = place.ledger.read("system")[-1]
        assert isinstance(event.data, ev.SafeStopped)
        assert event.actor == "human:night-shift"
        return event.data


@contextmanager
def night(folder: Path, prefix: str, exposure: str = "1 s", faults: tuple[Any, ...] = (), slowness: float = 5.0) -> Iterator[Night]:
    """Run a campaign on an IOC whose axes take six seconds, times their slowness, to arrive."""
    ledger = f"sqlite:///{folder / 'ledger.db'}"
    with soft_ioc(prefix, time_scale=slowness, log=folder / "ioc.jsonl", faults=faults) as ioc:
        spec = beamline.write_spec(folder, ioc, n_trials=3, exposure=exposure, heartbeat_s=30.0, seed=4)
        with started(Order(ledger, str(spec), announce=True)) as runner:
            wait_until(runner, "measuring trial 1")
            campaign = only_campaign(ledger)
            assert campaign is not None
            yield Night(ioc, ledger, runner, campaign)


def wait_for(ioc: SoftIoc, suffix: str, value: float) -> None:
    heard, asked = Recorder(), channel(ioc, suffix)
    heard(asked.get())
    asked.monitor(heard)
    heard.wait_for(lambda now: now == value, seconds=30.0)


def wait_until_under_way(ioc: SoftIoc) -> None:
    """Wait until the mirror has turned a little: a motion that is stopped as it begins may have been nobody's news."""
    heard, position = Recorder(), channel(ioc, "MIR:PITCH.RBV")
    began = float(position.get())
    position.monitor(heard)
    heard.wait_for(lambda now: abs(now - began) > 0.003, seconds=30.0)


def check_stopped(night: Night, report: SafeStopReport) -> None:
    """The command came at once, everything stands, and the ledger says who did it and how soon."""
    assert report.seconds_to_command is not None
    assert report.seconds_to_still is not None
    assert report.seconds_to_command < SOON_S
    for suffix, at_rest in {"MIR:PITCH.DMOV": 1, "MIR:ROLL.DMOV": 1, "SHUTTER": 0, "DET:BUSY": 0}.items():
        assert channel(night.ioc, suffix).get() == at_rest
    recorded = night.recorded()
    assert recorded.note == "smoke"
    assert recorded.actions == report.actions
    assert recorded.seconds_to_command == report.seconds_to_command


def check_stops_in_order(night: Night) -> None:
    """Let the engine end: the campaign is stopped, can be resumed, and nothing moved after the safe-stop."""
    before = night.n_actions()
    _out, err = night.runner.communicate(timeout=60)
    assert night.runner.returncode == ENDED, err
    events = checks.events_of(night.ledger)
    last = next(event.data for event in reversed(events) if isinstance(event.data, ev.CampaignStopped))
    assert last.reason == "safe-stop by human:night-shift: smoke"
    assert night.n_actions() == before
    checks.check_repeats_are_declared(events)


def test_with_a_frozen_engine_the_axes_stop_at_once_and_when_it_wakes_it_moves_nothing(tmp_path: Path) -> None:
    with night(tmp_path, "FROZENSTOP:") as hung:
        wait_until_under_way(hung.ioc)
        freeze_between_writes(hung.runner.send_signal, hung.ledger)
        report = hung.safe_stop()
        check_stopped(hung, report)
        assert hung.seconds_until("stop", axis="mirror_pitch") < SOON_S
        assert "killed the instrument process" in report.actions
        assert any(action.startswith("mirror_pitch stands still at") for action in report.actions), (
            report,
            read_journal(hung.ioc.log),
            hung.asked_at,
        )
        hung.runner.send_signal(signal.SIGCONT)
        check_stops_in_order(hung)


@pytest.mark.slow
def test_with_a_hung_instrument_process_the_axes_stop_at_once_and_the_engine_stops_the_campaign(tmp_path: Path) -> None:
    """As when a device blocks inside ``set``: the engine lives, but its own abort would be waited for in vain."""
    with night(tmp_path, "HUNGSTOP:") as hung:
        wait_until_under_way(hung.ioc)
        os.kill(hung.instrument_pid(), signal.SIGSTOP)
        report = hung.safe_stop()
        check_stopped(hung, report)
        assert hung.seconds_until("stop", axis="mirror_pitch") < SOON_S
        check_stops_in_order(hung)


@pytest.mark.slow
def test_with_a_detector_that_never_answers_the_shutter_closes_at_once(tmp_path: Path) -> None:
    endless = TypeAdapter(tuple[Fault, ...]).validate_python(({"type": "slow-detector", "trial": 1, "seconds": 600.0},))
    with night(tmp_path, "SLOWSTOP:", exposure="600 s", faults=endless, slowness=0.1) as hung:
        wait_for(hung.ioc, "DET:BUSY", 1)
        report = hung.safe_stop()
        check_stopped(hung, report)
        assert hung.seconds_until("shutter-closed") < SOON_S
        check_stops_in_order(hung)


def test_devices_that_live_in_the_instrument_process_stop_with_it(tmp_path: Path) -> None:
    spec, ledger = tmp_path / "kill.yaml", f"sqlite:///{tmp_path / 'ledger.db'}"
    spec.write_text(spec_text(tmp_path / "journal", 2, "random", seconds_per_trial=60.0))
    with started(Order(ledger, str(spec), announce=True)) as runner, bootstrap.open_workplace(ledger) as place:
        wait_until(runner, "measuring trial 1")
        freeze_between_writes(runner.send_signal, ledger)
        report = safe_stop(place, "last", actor="human:night-shift")
        assert report.actions == ("ordered the engine to stop", "killed the instrument process")
        assert report.seconds_to_still is not None
        assert report.seconds_to_still < SOON_S
        runner.send_signal(signal.SIGCONT)
        runner.communicate(timeout=60)
        assert runner.returncode == ENDED
        bootstrap.order(place, "abort", "last", actor="human:night-shift")
        with pytest.raises(WrongState, match="is aborted, so nothing of it moves"):
            safe_stop(place, "last", actor="human:night-shift")
