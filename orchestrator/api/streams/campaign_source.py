"""What the stream of a campaign is made of. Everything here waits for the ledger and runs in threads."""

from orchestrator.api.routes.campaigns import status_of
from orchestrator.api.services import Services
from orchestrator.api.streams.batches import Batch
from orchestrator.api.streams.framing import frame
from orchestrator.domain.events import LedgerEvent
from orchestrator.queries.sentences import sentence
from orchestrator.wire.campaigns import CampaignStatus
from orchestrator.wire.streams import StreamedEvent
from orchestrator.wire.trials import Trial


class CampaignSource:
    """Reads one campaign from the ledger."""

    def __init__(self, services: Services, campaign: str) -> None:
        self._services = services
        self._campaign = campaign

    def batch(self, after: int, limit: int) -> Batch | None:
        """Return the events after one, ready to be sent; None when there are none."""
        ledger = self._services.workplace.ledger
        if ledger.last_seq(self._campaign) <= after:
            return None
        events = ledger.read(self._campaign, after=after, limit=limit)
        news = self._services.cache.news(self._campaign, events)
        return Batch.of(after + 1, [frame("ledger", _streamed(event, trial), event.seq) for event, trial in news])

    def status(self) -> CampaignStatus:
        """Return how the campaign stands now."""
        return status_of(self._services, self._campaign)


def _streamed(event: LedgerEvent, trial: Trial | None) -> StreamedEvent:
    return StreamedEvent(
        seq=event.seq,
        type=event.type,
        at=event.at,
        actor=event.actor,
        text=sentence(event.data) or event.type.replace("-", " "),
        trial=trial,
    )
