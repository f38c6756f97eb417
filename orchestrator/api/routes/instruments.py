"""Instruments: where they stand this moment, who holds them, and safe-stop."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.concurrency import run_in_threadpool

from orchestrator.api.asked import CampaignId
from orchestrator.api.instruments import all_instruments, campaign_on, instrument_of
from orchestrator.api.security import Asking, allow
from orchestrator.api.security.callers import Caller
from orchestrator.api.services import Given, Services
from orchestrator.api.streams.feeds import LatestFeed
from orchestrator.api.streams.framing import EventStream
from orchestrator.api.streams.watching import RESPONSES, stream_to
from orchestrator.bootstrap.live import LiveLine
from orchestrator.bootstrap.safe_stop import safe_stop
from orchestrator.domain.access import Role
from orchestrator.wire.instruments import Instrument, Instruments, Live, SafeStopOrder, SafeStopped

router = APIRouter(tags=["instruments"])

InstrumentId = Annotated[str, Path(pattern=r"^[A-Za-z0-9._-]{1,100}$", description="As a status or the list of instruments has it.")]
_LIVE_SECONDS = 0.1
_PLAIN = SafeStopOrder()


@router.get("/instruments", **allow(Role.OBSERVER))
def read_instruments(services: Given) -> Instruments:
    """Return the instruments in use lately, those that are held first."""
    return Instruments(instruments=all_instruments(services))


@router.get("/instruments/{instrument}", **allow(Role.OBSERVER))
def read_instrument(instrument: InstrumentId, services: Given) -> Instrument:
    """Return one instrument: who holds it, and its live values with their age where it can be seen from outside."""
    return instrument_of(services, campaign_on(services, instrument))


@router.get("/instruments/{instrument}/stream", status_code=200, response_class=EventStream, responses=RESPONSES, **allow(Role.OBSERVER))
async def stream_instrument(instrument: InstrumentId, request: Request, services: Given) -> EventStream:
    """Send ``event: live`` up to ten times a second; a client too slow for that gets the latest only. ``event: beat`` every 5 s."""
    followed = await run_in_threadpool(campaign_on, services, instrument)
    name, campaign = f"live {followed.campaign}", followed.campaign
    return stream_to(request, services, services.streams.latest(name, lambda: LiveFeed(services, campaign)))


class LiveFeed(LatestFeed[Live]):
    """What a campaign's instrument shows: one connection to its sentinel, however many watch."""

    def __init__(self, services: Services, campaign: str) -> None:
        self._line = LiveLine(services.workplace, campaign)
        super().__init__("live", self._newest, _LIVE_SECONDS)

    async def run(self) -> None:
        try:
            await super().run()
        finally:
            self._line.close()

    def _newest(self) -> Live | None:
        document = self._line.newest()
        return None if document is None else Live.model_validate(document, strict=False)


@router.post("/instruments/{instrument}/safe-stop", **allow(Role.OPERATOR))
def safe_stop_instrument(instrument: InstrumentId, services: Given, caller: Asking, order: SafeStopOrder = _PLAIN) -> SafeStopped:
    """Make an instrument safe now, over its own connection, even while its engine hangs; its campaign stops and can be resumed."""
    return _safe_stop(services, campaign_on(services, instrument).campaign, caller, order)


@router.post("/campaigns/{campaign}/safe-stop", **allow(Role.OPERATOR))
def safe_stop_campaign(campaign: CampaignId, services: Given, caller: Asking, order: SafeStopOrder = _PLAIN) -> SafeStopped:
    """Make a campaign's instrument safe now, over its own connection, even while its engine hangs; it stops and can be resumed."""
    return _safe_stop(services, campaign, caller, order)


def _safe_stop(services: Services, campaign: str, caller: Caller, order: SafeStopOrder) -> SafeStopped:
    """Stop first: nothing is looked up that could take long.

    Raises:
        UnknownCampaign: If none has exactly that id.
    """
    if services.workplace.ledger.summary(campaign) is None:
        raise services.workplace.unknown(campaign)
    report = safe_stop(services.workplace, campaign, actor=caller.actor, note=order.note)
    return SafeStopped(
        campaign=campaign,
        actions=report.actions,
        seconds_to_command=report.seconds_to_command,
        seconds_to_still=report.seconds_to_still,
        answer=f"{campaign}: {report.text}",
    )
