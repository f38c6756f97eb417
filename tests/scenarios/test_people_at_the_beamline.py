"""People pause, move things by hand, resume and stop, from other terminals and other screens."""

from pathlib import Path

import psutil
import pytest

from orchestrator import bootstrap
from orchestrator.bootstrap import Workplace
from orchestrator.cli.console import ENDED
from orchestrator.domain import events as ev
from orchestrator.domain.campaign import Status, TrialStatus
from orchestrator.domain.records import Answer
from tests.recovery.killing import SECONDS, started, wait_until
from tests.recovery.runner import Order
from tests.scenarios import beamline
from tests.soft_ioc import Recorder, channel, soft_ioc, write_from_elsewhere


def order(workplace: Workplace, verb: str) -> None:
    bootstrap.order(workplace, verb, "last", actor="human:anna")


def test_an_axis_moved_by_hand_holds_the_campaign_and_a_stop_ends_a_long_exposure(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    with soft_ioc("HANDS:", time_scale=0.2, log=tmp_path / "ioc.jsonl") as ioc, bootstrap.open_workplace(url) as workplace:
        roll, is_counting = Recorder(), Recorder()
        channel(ioc, "MIR:ROLL.RBV").monitor(roll)
        spec = beamline.write_spec(tmp_path, ioc, n_trials=3, exposure="20 s")
        with started(Order(url, str(spec), announce=True, waits=True)) as runner:
            wait_until(runner, "measuring trial 1")
            order(workplace, "pause")
            wait_until(runner, "paused")
            write_from_elsewhere(ioc, "MIR:ROLL", 0.9)
            roll.wait_for(lambda position: position == 0.9)
            order(workplace, "resume")
            wait_until(runner, "waiting for approval")
            check_hold(workplace)
            order(workplace, "resume")
            wait_until(runner, "measuring trial 2")
            channel(ioc, "DET:BUSY").monitor(is_counting)
            is_counting.wait_for(bool)
            order(workplace, "stop")
            runner.communicate(timeout=SECONDS)
            assert runner.returncode == ENDED
        check_stop(workplace, ioc.log)
        assert [channel(ioc, suffix).get() for suffix in ("SHUTTER", "DET:BUSY", "HEARTBEAT:ARM")] == [0, 0, 0]


def check_hold(workplace: Workplace) -> None:
    """The guardian names the axis, from and to, and nothing has moved since."""
    state = bootstrap.load_state(workplace, "last")
    assert state.shown_status is Status.HELD
    left = state.trial(1).observation
    assert left is not None
    [verdict] = [verdict for verdict in state.trial(2).verdicts if verdict.answer is Answer.HOLD]
    assert f"mirror_roll moved from {left.readback['mirror_roll']:.6g} mrad to 0.9 mrad" in verdict.reason
    assert state.trial(2).attempt == 0


def check_stop(workplace: Workplace, log: Path) -> None:
    """The exposure was cut short, its attempt is declared, and the campaign can be resumed."""
    state, events = bootstrap.load_state(workplace, "last"), bootstrap.load_events(workplace, "last")
    assert (state.status, state.trial(2).status, state.trial(2).attempt) == (Status.STOPPED, TrialStatus.READY, 1)
    assert any(isinstance(event.data, ev.CampaignStopped) and event.actor == "human:anna" for event in events)
    [declared] = [event.data for event in events if isinstance(event.data, ev.TrialRemeasured)]
    assert "interrupted by a person" in declared.reason
    attempt = f"{events[0].stream}/2/1"
    assert attempt not in beamline.exposures(log)
    [opened] = [line["at"] for line in beamline.lines(log, "shutter-open") if line["attempt"] == attempt]
    [closed] = [line["at"] for line in beamline.lines(log, "shutter-closed") if line["attempt"] == attempt]
    assert closed - opened < 20.0


@pytest.mark.slow
def test_a_stop_while_the_instrument_process_hangs_kills_it_and_closes_the_shutter_from_outside(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    with soft_ioc("HUNG:", time_scale=0.2, log=tmp_path / "ioc.jsonl") as ioc, bootstrap.open_workplace(url) as workplace:
        is_counting = Recorder()
        channel(ioc, "DET:BUSY").monitor(is_counting)
        spec = beamline.write_spec(tmp_path, ioc, n_trials=1, exposure="1000 s")
        with started(Order(url, str(spec), waits=True)) as runner:
            is_counting.wait_for(bool, seconds=60.0)
            [instrument] = [child for child in psutil.Process(runner.pid).children() if "instrument" in child.cmdline()]
            instrument.suspend()
            order(workplace, "stop")
            runner.communicate(timeout=SECONDS)
            assert runner.returncode == ENDED
        [declared] = [event.data for event in bootstrap.load_events(workplace, "last") if isinstance(event.data, ev.TrialRemeasured)]
        assert "did not end within 10 s; its process was replaced (instrument process killed, closed the shutter" in declared.reason
        assert [channel(ioc, suffix).get() for suffix in ("SHUTTER", "DET:BUSY", "HEARTBEAT:ARM")] == [0, 0, 0]
