"""What happened to a campaign besides measuring, without a walk through its whole ledger."""

from fastapi import APIRouter

from orchestrator.api.asked import CampaignId, Limit
from orchestrator.api.security import allow
from orchestrator.api.services import Given
from orchestrator.domain.access import Role
from orchestrator.domain.events import LedgerEvent
from orchestrator.queries.sentences import sentence
from orchestrator.wire.streams import StreamedEvent, Timeline

router = APIRouter(prefix="/campaigns/{campaign}", tags=["campaigns"])


@router.get("/timeline", **allow(Role.OBSERVER))
def read_timeline(campaign: CampaignId, services: Given, limit: Limit = 100) -> Timeline:
    """Return the latest faults, repeats, refusals, interventions and notes, oldest first."""
    told = tuple(services.cache.get(campaign).told)[-limit:]
    return Timeline(events=tuple(_shown(event) for event in told))


def _shown(event: LedgerEvent) -> StreamedEvent:
    text = sentence(event.data) or event.type.replace("-", " ")
    return StreamedEvent(seq=event.seq, type=event.type, at=event.at, actor=event.actor, text=text)
