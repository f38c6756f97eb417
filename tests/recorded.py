"""Nights written straight into a ledger, as if a runner had lived and left."""

from orchestrator.bootstrap import Workplace
from orchestrator.engine.book import summarise
from orchestrator.store.holders import this_holder
from tests.night import CAMPAIGN, Night


def record(workplace: Workplace, night: Night, campaign: str = CAMPAIGN) -> str:
    """Append a night's events to an empty stream and return the campaign's id; nobody holds its lease afterwards."""
    lease = workplace.ledger.acquire(f"campaign:{campaign}", this_holder(), ttl=60)
    summary = summarise(campaign, night.state(), head="")
    workplace.ledger.append(campaign, night.drafts, expected_seq=0, lease=lease, summary=summary)
    workplace.ledger.release(lease)
    return campaign
