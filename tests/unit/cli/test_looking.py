"""What ``list`` and ``show`` say of a campaign that should run, and that nobody runs, as after ``kill -9``."""

import pytest

from orchestrator.bootstrap import Workplace
from orchestrator.store.holders import this_holder
from tests.night import Night
from tests.recorded import record
from tests.terminal import nightshift

POINT = {"mirror_pitch": 3.1, "mirror_roll": 0.5, "crystal_pitch": 10.0, "slit_centre": 0.0}


@pytest.fixture
def running(workplace: Workplace) -> str:
    """A campaign in the middle of a trial, as it is when its process ends without a word."""
    night = Night().begin()
    trial = night.suggest(POINT)
    night.review(trial)
    night.start(trial)
    return record(workplace, night, f"night-{len(workplace.ledger.summaries()) + 1}")


def line_of(campaign: str) -> str:
    return next(line for line in nightshift("list").stdout.splitlines() if line.startswith(campaign))


def test_a_campaign_whose_process_died_is_not_shown_as_running(running: str, where: str) -> None:
    assert "nobody runs it" in line_of(running)
    shown = nightshift("show", running).stdout
    assert (f"nobody runs it; nightshift resume {running} goes on" if where == "ledger" else "resume it") in shown


def test_a_trial_in_progress_is_not_told_as_spent(running: str, monkeypatch: pytest.MonkeyPatch, workplace: Workplace) -> None:
    monkeypatch.setenv("NIGHTSHIFT_LEDGER", workplace.address)
    monkeypatch.delenv("NIGHTSHIFT_SERVER", raising=False)
    assert "budget 0 of 60 trials" in nightshift("show", running).stdout


@pytest.mark.usefixtures("where")
def test_a_campaign_with_a_living_runner_is_running(running: str, workplace: Workplace) -> None:
    lease = workplace.ledger.acquire(f"campaign:{running}", this_holder(), ttl=60.0)
    assert "nobody runs it" not in line_of(running) + nightshift("show", running).stdout
    workplace.ledger.release(lease)
