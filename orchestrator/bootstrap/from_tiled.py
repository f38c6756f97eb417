"""A campaign read back from Tiled alone: no ledger is opened."""

from collections.abc import Sequence

from orchestrator.bootstrap import assembling
from orchestrator.domain.documents import TiledPlace
from orchestrator.domain.errors import BadInput, LedgerCorrupt, UnknownCampaign
from orchestrator.domain.events import CampaignCreated, LedgerEvent
from orchestrator.engine.scoring import Judge
from orchestrator.exports.table import csv_text
from orchestrator.outbox.decisions import StoredRow
from orchestrator.outbox.targets import Unreachable
from orchestrator.outbox.tiled_reading import campaigns_in, read_decisions
from orchestrator.queries.record import record_of
from orchestrator.queries.table import Row, table
from orchestrator.store.chain import ChainCheck, event_of
from orchestrator.store.memory import MemoryArtefacts


def events_from_tiled(place: TiledPlace, wanted: str) -> tuple[str, tuple[LedgerEvent, ...]]:
    """Return a campaign's id and its ledger as Tiled has it, every hash checked.

    Args:
        place: The server.
        wanted: The campaign's id, a unique beginning of it, or ``last``.

    Raises:
        UnknownCampaign: If Tiled has none of that name, or several.
        LedgerCorrupt: If events are missing, or were changed; names the first.
        BadInput: If the server does not answer.
    """
    try:
        rows = read_decisions(place, wanted)
        campaign = wanted if rows else _find(place, wanted)
        rows = rows or read_decisions(place, campaign)
    except Unreachable as error:
        raise BadInput(f"Tiled at {place.uri} cannot be read: {error}; see that it runs, and that --tiled is its address") from None
    _require_intact(campaign, rows)
    return campaign, tuple(map(event_of, rows))


def rows_from_tiled(place: TiledPlace, wanted: str) -> tuple[str, tuple[Row, ...]]:
    """Return a campaign's id and the table that ``export`` writes, from Tiled alone. Raises what ``events_from_tiled`` does."""
    campaign, events = events_from_tiled(place, wanted)
    return campaign, table(record_of(events, _judge(events).objectives()))


def csv_from_tiled(place: TiledPlace, wanted: str) -> tuple[str, str]:
    """Return a campaign's id and its table as CSV, from Tiled alone. Raises what ``events_from_tiled`` does."""
    campaign, events = events_from_tiled(place, wanted)
    return campaign, csv_text(events, _judge(events).objectives())


def _find(place: TiledPlace, wanted: str) -> str:
    known = campaigns_in(place)
    matching = known[:1] if wanted == "last" else [campaign for campaign in known if campaign.startswith(wanted)]
    if len(matching) == 1:
        return matching[0]
    if matching:
        raise UnknownCampaign(f"{wanted!r} is the beginning of {len(matching)} campaigns: {', '.join(matching[:5])}; type more of it")
    newest = f"; its newest: {', '.join(known[:3])}" if known else ", nor of any other"
    raise UnknownCampaign(f"Tiled at {place.uri} has no decisions of a campaign called {wanted!r}{newest}")


def _require_intact(campaign: str, rows: Sequence[StoredRow]) -> None:
    check = ChainCheck(campaign)
    try:
        for row in rows:
            check.see(row)
        check.finish(None)
    except LedgerCorrupt as error:
        raise LedgerCorrupt(f"the decisions in Tiled are not those of the ledger: {error}") from None


def _judge(events: Sequence[LedgerEvent]) -> Judge:
    first = events[0].data
    if not isinstance(first, CampaignCreated):
        raise LedgerCorrupt(f"the decisions in Tiled begin with {events[0].type}, not with campaign-created")
    return Judge(assembling.build_rewards(first.spec), MemoryArtefacts())
