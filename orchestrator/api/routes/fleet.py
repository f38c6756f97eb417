"""The start page: several instruments and campaigns at once, worst first."""

from datetime import datetime, timedelta

from fastapi import APIRouter

from orchestrator.api.security import allow
from orchestrator.api.services import Given, Services
from orchestrator.api.shown.fleet import shown_in_fleet, worst_first
from orchestrator.domain.access import Role
from orchestrator.domain.campaign import Status
from orchestrator.domain.parts import is_part
from orchestrator.domain.ports import Summary
from orchestrator.wire.overview import Fleet, FleetCampaign

router = APIRouter(tags=["fleet"])

_RECENT = timedelta(hours=24)
"""How long a campaign that is over stays on the start page."""
_MOST = 40
_OVER = (Status.COMPLETED, Status.ABORTED, Status.STOPPED)


@router.get("/fleet", **allow(Role.OBSERVER))
def read_fleet(services: Given) -> Fleet:
    """Return what runs, what waits, and what ended within a day."""
    return fleet_of(services)


def fleet_of(services: Services) -> Fleet:
    """Return the fleet as it stands now."""
    now = services.now()
    summaries = [summary for summary in services.workplace.ledger.summaries() if not is_part(summary.campaign)]
    shown = [summary for summary in summaries if _is_of_interest(summary, now)][:_MOST]
    cards = [_card(services, summary, now) for summary in shown]
    return Fleet(
        now=now,
        campaigns=worst_first(cards),
        n_waiting=sum(card.waiting for card in cards),
        n_finished=len(summaries) - len(shown),
    )


def _card(services: Services, summary: Summary, now: datetime) -> FleetCampaign:
    followed = services.cache.get(summary.campaign, seq=summary.seq)
    has_runner = bool(services.runners.of(summary.campaign))
    return shown_in_fleet(followed, has_runner=has_runner, now=now, part=services.cache.running_part(followed))


def _is_of_interest(summary: Summary, now: datetime) -> bool:
    return summary.status not in _OVER or now - summary.updated_at < _RECENT
