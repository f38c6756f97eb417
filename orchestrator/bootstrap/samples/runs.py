"""Running and resuming a campaign over samples in this process."""

import time
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import UTC, datetime

from orchestrator.bootstrap import assembling, campaigns, sending
from orchestrator.bootstrap.campaigns import Terminal
from orchestrator.bootstrap.clock import WallClock
from orchestrator.bootstrap.outcome import Outcome
from orchestrator.bootstrap.rig import Rig
from orchestrator.bootstrap.samples.driving import drive_whole
from orchestrator.bootstrap.samples.preparing import check_stages, prepared
from orchestrator.bootstrap.samples.spare import Spare
from orchestrator.bootstrap.samples.whole import Whole
from orchestrator.bootstrap.workplace import Workplace
from orchestrator.campaign_file import CampaignFile
from orchestrator.domain import events as ev
from orchestrator.domain.campaign import CampaignState
from orchestrator.domain.documents import DocumentPlaces
from orchestrator.domain.samples import SamplesSpec
from orchestrator.engine.book import Book
from orchestrator.settings import Settings


def run(workplace: Workplace, file: CampaignFile, terminal: Terminal) -> Outcome:
    """Run a campaign over samples from its file to its end.

    Raises:
        BadInput: If one of its stages cannot be run; nothing was recorded and nothing moved.
    """
    began = time.monotonic()
    assert isinstance(file.spec, SamplesSpec)
    spec = prepared(file, file.spec, workplace.artefacts)
    places = sending.places_of(workplace, spec)
    campaign = campaigns.new_id(spec.name, datetime.now(UTC))
    with ExitStack() as last, ExitStack() as stack:  # documents may take a while: the instrument is given back before
        rig = Rig(workplace, campaign, spec, stack, sending.spool_of(workplace, campaign, places))
        rig.connect()
        check_stages(file, spec, rig.description, workplace.artefacts)
        rig.take_leases(rig.description.identity)
        rig.start_sentinel()
        last.enter_context(sending.sending(workplace, campaign, places))
        created = ev.CampaignCreated(
            spec=spec,
            instrument=rig.description.model_copy(update={"candidates": None}),
            versions=assembling.versions(),
            tables=file.tables,
        )
        outcome = _drive(workplace, campaign, rig, terminal, began, created, places=places)
    return replace(outcome, documents=sending.documents_amiss(workplace, campaign))


def resume(workplace: Workplace, state: CampaignState, campaign: str, terminal: Terminal, *, sends_documents: bool = True) -> Outcome:
    """Go on with a campaign over samples whose runner is gone, or begin one that was only created.

    Args:
        workplace: Where it is.
        state: As of its last event.
        campaign: Its id.
        terminal: Where the run shows itself.
        sends_documents: Whether to send documents from here; under a server that does, they are only kept for it.

    Raises:
        Busy: If its runner lives.
    """
    began = time.monotonic()
    places = sending.places_of(workplace, state.spec)
    with ExitStack() as last, ExitStack() as stack:
        rig = Rig(workplace, campaign, state.spec, stack, sending.spool_of(workplace, campaign, places))
        rig.take_leases(state.instrument.identity)
        rig.connect()
        campaigns.require_same(state.instrument, rig.description)
        rig.start_sentinel()
        last.enter_context(sending.sending(workplace, campaign, places, is_ours=sends_documents))
        outcome = _drive(workplace, campaign, rig, terminal, began, places=places)
    return replace(outcome, documents=sending.documents_amiss(workplace, campaign))


def _drive(
    workplace: Workplace,
    campaign: str,
    rig: Rig,
    terminal: Terminal,
    began: float,
    first: ev.CampaignCreated | None = None,
    *,
    places: DocumentPlaces | None,
) -> Outcome:
    book = Book(campaign, workplace.ledger, rig.campaign_lease, WallClock(), ())
    campaigns.record_leases(book, rig, () if first is None else (first,))
    with closing(Spare()) as spare:
        state = drive_whole(Whole(workplace, campaign, rig, book, terminal, places=places, spare=spare))
    report = campaigns.write_report(workplace, campaign) if terminal.writes_report and Settings().report else None
    return campaigns.outcome_of(campaign, state, book.head, time.monotonic() - began, report)
