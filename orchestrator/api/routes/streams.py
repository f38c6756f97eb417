"""Server-sent events: a campaign as it goes on, and all campaigns at a glance."""

from typing import Annotated

from fastapi import APIRouter, Header, Request
from starlette.concurrency import run_in_threadpool

from orchestrator.api.asked import After, CampaignId
from orchestrator.api.security import allow
from orchestrator.api.services import Given
from orchestrator.api.streams.campaign_source import CampaignSource
from orchestrator.api.streams.fleet_source import fleet_feed
from orchestrator.api.streams.framing import EventStream
from orchestrator.api.streams.watching import RESPONSES, stream_to
from orchestrator.domain.access import Role

router = APIRouter(tags=["streams"])

LastEventId = Annotated[
    str | None, Header(max_length=200, description="The last ledger event the client knows; sent by itself when it reconnects.")
]


@router.get("/campaigns/{campaign}/stream", status_code=200, response_class=EventStream, responses=RESPONSES, **allow(Role.OBSERVER))
async def stream_campaign(
    campaign: CampaignId, request: Request, services: Given, after: After = 0, last_event_id: LastEventId = None
) -> EventStream:
    """Send every ledger event after one, exactly once and in order, and the status whenever it changes.

    ``event: ledger`` with the sequence number as its id, ``event: status``, ``event: beat`` every five seconds, and
    ``event: reset`` before everything anew when the client's last event is beyond the ledger's.
    """
    followed = await run_in_threadpool(services.cache.get, campaign)
    known = int(last_event_id) if last_event_id and last_event_id.isascii() and last_event_id.isdigit() else after
    source = CampaignSource(services, campaign)
    return stream_to(request, services, services.streams.campaign(f"campaign {campaign}", source, after=known, head=followed.state.seq))


@router.get("/stream", response_class=EventStream, responses=RESPONSES, **allow(Role.OBSERVER))
async def stream_fleet(request: Request, services: Given) -> EventStream:
    """Send the start page whenever it changes, twice a second at most: ``event: fleet``, and ``event: beat`` every five seconds."""
    return stream_to(request, services, services.streams.latest("fleet", lambda: fleet_feed(services)))
