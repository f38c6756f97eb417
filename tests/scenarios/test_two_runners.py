"""One instrument, one campaign, one runner: whoever comes second is told who has it, and nothing happens."""

from collections.abc import Callable
from pathlib import Path

import pytest

from instruments.journal import read_journal
from orchestrator import bootstrap
from orchestrator.bootstrap import Switch, Workplace, campaigns
from orchestrator.campaign_file import load
from orchestrator.domain.errors import Busy
from orchestrator.testing.fakes import SilentLive
from tests.recovery.killing import Runner, spec_text, started, wait_until
from tests.recovery.runner import Order
from tests.scenarios import beamline
from tests.soft_ioc import Recorder, channel, soft_ioc


def check_refusal(workplace: Workplace, log: Path, first: Runner, run: Callable[[], object], lease: str) -> None:
    """Check that a second run names holder and way out, and that neither the ledger nor the devices saw it."""
    [summary] = workplace.ledger.summaries()
    with pytest.raises(Busy) as raised:
        run()
    said = str(raised.value)
    assert f"{lease} is held by process {first.pid} on" in said
    assert "wait for it, or stop that runner" in said
    assert workplace.ledger.summaries() == (summary,)
    assert {line["attempt"] for line in read_journal(log) if "attempt" in line} <= {f"{summary.campaign}/1/1"}


def check_nobody_else_can_run(url: str, spec: Path, log: Path, first: Runner, identity: str) -> None:
    """Try a second campaign on the instrument, and a second runner on the campaign."""
    with bootstrap.open_workplace(url) as workplace:
        campaign = bootstrap.find(workplace, "last")
        state = bootstrap.load_state(workplace, campaign)
        terminal = {"live": SilentLive(), "switch": Switch()}
        file = load(str(spec))
        check_refusal(workplace, log, first, lambda: bootstrap.run(workplace, file, **terminal), f"instrument:{identity}")
        check_refusal(workplace, log, first, lambda: campaigns.resume(workplace, state, campaign, **terminal), f"instrument:{identity}")
    assert first.poll() is None


@pytest.mark.slow
def test_a_second_runner_on_a_beamline_is_refused_and_moves_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    with soft_ioc("TWO:", time_scale=0.05, log=tmp_path / "ioc.jsonl") as ioc:
        spec = beamline.write_spec(tmp_path, ioc, n_trials=2, exposure="12000 s")
        with started(Order(url, str(spec), announce=True)) as first:
            wait_until(first, "measuring trial 1")
            is_counting = Recorder()
            channel(ioc, "DET:BUSY").monitor(is_counting)
            is_counting.wait_for(bool, seconds=60.0)
            check_nobody_else_can_run(url, spec, ioc.log, first, "epics:TWO:")


@pytest.mark.slow
def test_a_second_runner_on_devices_with_a_declared_identity_is_refused(tmp_path: Path) -> None:
    """In every run of the suite scenarios/test_bad_input has a second campaign refused there, and a second runner told who drives."""
    url, spec, journal = f"sqlite:///{tmp_path / 'ledger.db'}", tmp_path / "barrels.yaml", tmp_path / "journal"
    spec.write_text(spec_text(journal, 2, "random", seconds_per_trial=600.0, identity="the printer"))
    with started(Order(url, str(spec), announce=True)) as first:
        wait_until(first, "measuring trial 1")
        check_nobody_else_can_run(url, spec, journal, first, "the printer")
