"""A runner frozen past its lease, and woken after another has taken over, can neither append nor move."""

import signal
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import pytest

from orchestrator.domain import events as ev
from orchestrator.domain.events import LedgerEvent
from tests.postgres import PostgresServer
from tests.recovery import checks
from tests.recovery.killing import SECONDS, finish, freeze_between_writes, only_campaign, signal_group, spec_text, started, wait_until
from tests.recovery.runner import Order
from tests.scenarios import beamline
from tests.soft_ioc import Recorder, channel, soft_ioc

LEASE_TTL_S = 7.0
"""Shorter than in earnest, longer than a runner takes to start: the successor must be seen to wait."""
N_TRIALS = 2


def freeze_and_take_over(ledger: str, spec: Path, wait_for_motion: Callable[[], object] = lambda: None) -> tuple[LedgerEvent, ...]:
    """Freeze a runner inside its first trial and wake it inside another runner's second; return the ledger."""
    with started(Order(ledger, str(spec), announce=True, lease_ttl_s=LEASE_TTL_S)) as frozen:
        wait_until(frozen, "measuring trial 1")
        wait_for_motion()
        freeze_between_writes(partial(signal_group, frozen), ledger)
        order = Order(ledger, str(spec), only_campaign(ledger), announce=True, lease_ttl_s=LEASE_TTL_S)
        with started(order) as successor:
            countdown = wait_until(successor, "waiting for process")
            assert f"process {frozen.pid} " in countdown
            assert "its lease expires in" in countdown
            wait_until(successor, "measuring trial 2")
            wait_for_motion()
            signal_group(frozen, signal.SIGCONT)
            assert finish(successor) == 0
        _out, err = frozen.communicate(timeout=SECONDS)
        assert frozen.returncode == 1
        assert "must neither append nor move" in err
    return checks.events_of(ledger)


def check_takeover(ledger: str, events: Sequence[LedgerEvent], *, has_moved: bool) -> None:
    """Nothing was appended under the old token once the new one was taken, and nothing was disturbed or lost."""
    checks.check_nothing_lost(events, N_TRIALS)
    checks.check_repeats_are_declared(events)
    checks.check_ledger(ledger, events)
    tokens = [event.token for event in events]
    assert tokens == sorted(tokens)
    assert set(tokens) == {1, 2}
    takeovers = [event.data.taken_from for event in events if isinstance(event.data, ev.LeaseTaken) and event.token == 2]
    assert len(takeovers) == 2
    assert all("whose lease expired" in taken_from for taken_from in takeovers)
    repeats = [(event.data.trial, event.data.attempt) for event in events if isinstance(event.data, ev.TrialRemeasured)]
    assert repeats == [(1, 1)] * has_moved


def wait_for_motion(is_moving: Recorder) -> None:
    """Wait until an axis moves, now or later."""
    del is_moving.heard[:-1]
    is_moving.wait_for(bool)


@pytest.mark.slow
def test_a_frozen_runner_that_wakes_up_disturbs_neither_the_ledger_nor_the_beamline(tmp_path: Path) -> None:
    """In every run of the suite: that its lease is waited for (unit/test_taking_over), that whoever lost it can append nothing
    (contracts/test_stores) and ends (unit/engine/test_loop), that its instrument process moves nothing
    (integration/test_instrument_process) and the IOC would not let it (integration/test_epics_ioc)."""
    ledger = f"sqlite:///{tmp_path / 'ledger.db'}"
    with soft_ioc("FROZEN:", time_scale=0.2, log=tmp_path / "ioc.jsonl") as ioc:
        spec = beamline.write_spec(tmp_path, ioc, n_trials=N_TRIALS, exposure="4 s", heartbeat_s=4.0, seed=4)
        is_moving = Recorder()
        channel(ioc, "MIR:PITCH.MOVN").monitor(is_moving)
        events = freeze_and_take_over(ledger, spec, lambda: wait_for_motion(is_moving))
        check_takeover(ledger, events, has_moved=True)
        checks.check_devices(events, ioc.log, beamline.AXES)
        n_motions = len(beamline.lines(ioc.log, "motion"))
        channel(ioc, "FENCE").put(1)
        channel(ioc, "MIR:PITCH").put(3.0)
        assert len(beamline.lines(ioc.log, "motion")) == n_motions
        presented, moved = [line["reason"] for line in beamline.lines(ioc.log, "refused")][-2:]
        assert "token 1 is lower than 2" in presented
        assert "token 1 is lower than 2" in moved


@pytest.mark.slow
@pytest.mark.parametrize("ledger", ["sqlite", "postgresql"])
def test_a_frozen_runner_of_another_ledger_is_kept_out_as_well(
    ledger: str, tmp_path: Path, postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NIGHTSHIFT_DATA", str(tmp_path / "data"))
    url = postgres_server.new_database() if ledger == "postgresql" else f"sqlite:///{tmp_path / 'ledger.db'}"
    spec = tmp_path / "frozen.yaml"
    spec.write_text(spec_text(tmp_path / "journal", N_TRIALS, "random", seconds_per_trial=2.0))
    events = freeze_and_take_over(url, spec)
    has_moved = checks.actions_of(tmp_path / "journal", events[0].stream, "motion", "n")[1, 2] > 0
    check_takeover(url, events, has_moved=has_moved)
    checks.check_devices(events, tmp_path / "journal", ["n"])
