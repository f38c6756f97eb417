"""Resuming what a frozen runner holds: its lease is waited for, in the open, and then the campaign is taken over."""

from collections.abc import Callable
from pathlib import Path

import pytest

from orchestrator import bootstrap
from orchestrator.bootstrap import Switch, campaigns
from orchestrator.store.holders import this_holder
from orchestrator.testing.fakes import SilentLive
from tests.night import Night
from tests.recorded import record

LEASE_SECONDS = 0.3


def test_a_silent_runners_lease_counts_down_and_then_the_campaign_is_driven_from_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    driven: list[str] = []
    monkeypatch.setattr(campaigns, "resume", _noting(driven))
    screen = SilentLive()
    with bootstrap.open_workplace(f"sqlite:///{tmp_path / 'ledger.db'}") as workplace:
        campaign = record(workplace, Night().begin())
        holder = this_holder()
        workplace.ledger.acquire(f"campaign:{campaign}", holder, ttl=LEASE_SECONDS)  # and never renewed: it is frozen
        bootstrap.resume(workplace, campaign, live=screen, switch=Switch())
        assert workplace.ledger.commands(campaign) == (), "who takes over does not find its own order in the inbox"
    assert screen.phases
    assert screen.phases[0] == f"waiting for {holder} to take the order; if it stays silent, its lease expires in 0 s"
    assert driven == [campaign]


def _noting(driven: list[str]) -> Callable[..., None]:
    def resume(_workplace: object, _state: object, campaign: str, **_options: object) -> None:
        driven.append(campaign)

    return resume
