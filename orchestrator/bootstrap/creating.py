"""Recording a campaign that somebody, or something, starts later. Nothing moves."""

from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime

from orchestrator import plugins
from orchestrator.bootstrap import assembling
from orchestrator.bootstrap.campaigns import new_id
from orchestrator.bootstrap.clock import WallClock
from orchestrator.bootstrap.earlier import earlier_of
from orchestrator.bootstrap.lease_keeper import LeaseKeeper
from orchestrator.bootstrap.rig import Rig
from orchestrator.bootstrap.samples.preparing import check_stages, prepared
from orchestrator.bootstrap.workplace import Workplace
from orchestrator.campaign_file import CampaignFile
from orchestrator.domain import events as ev
from orchestrator.domain.instrument import InstrumentDescription
from orchestrator.domain.records import Objective
from orchestrator.domain.samples import SamplesSpec
from orchestrator.domain.spec import CampaignSpec
from orchestrator.engine.book import Book
from orchestrator.engine.scoring import Judge
from orchestrator.preflight import fitted
from orchestrator.processes import this_person
from orchestrator.store.holders import this_holder


def create(workplace: Workplace, file: CampaignFile, *, actor: str | None = None) -> str:
    """Record a campaign and return its id; ``start`` then runs it.

    ``actor`` is who wants it; left out, who started this process.

    An instrument that tells its axes only when connected is connected for a moment.

    Raises:
        BadInput: If it cannot be run; nothing was recorded.
        InstrumentError: If a device does not answer.
    """
    actor = actor or this_person()
    if isinstance(file.spec, SamplesSpec):
        return _create_over_samples(workplace, file, file.spec, actor)
    spec = assembling.with_absolute_paths(file.spec, file.folder)
    assembling.check_agents(spec)
    judge = Judge(assembling.build_rewards(spec), workplace.artefacts, workplace.frames)
    assembling.build_guardians(spec)
    description = _described(workplace, spec)
    resolved, space = assembling.resolve(file, spec, description, judge.rewards, workplace.artefacts)
    begins_with = earlier_of(workplace, file, resolved, space, judge)
    campaign = new_id(spec.name, datetime.now(UTC))
    created = ev.CampaignCreated(
        spec=begins_with.spec, instrument=description.model_copy(update={"candidates": None}), versions=assembling.versions()
    )
    _record(workplace, campaign, (created, *begins_with.events), judge.objectives(), actor)
    return campaign


def _create_over_samples(workplace: Workplace, file: CampaignFile, written: SamplesSpec, actor: str) -> str:
    spec = prepared(file, written, workplace.artefacts)
    description = _described(workplace, spec)
    check_stages(file, spec, description, workplace.artefacts)
    campaign = new_id(spec.name, datetime.now(UTC))
    created = ev.CampaignCreated(
        spec=spec,
        instrument=description.model_copy(update={"candidates": None}),
        versions=assembling.versions(),
        tables=file.tables,
    )
    _record(workplace, campaign, (created,), (), actor)
    return campaign


def _described(workplace: Workplace, spec: CampaignSpec) -> InstrumentDescription:
    if not getattr(plugins.load("instrument", spec.instrument.type), "needs_connection", False):
        return fitted(plugins.build("instrument", spec.instrument).describe(), spec)
    with ExitStack() as stack:
        rig = Rig(workplace, f"{spec.name} (not yet recorded)", spec, stack)
        rig.connect()
        return rig.description


def _record(workplace: Workplace, campaign: str, first: Sequence[ev.LedgerData], objectives: tuple[Objective, ...], actor: str) -> None:
    keeper = LeaseKeeper(workplace.ledger, this_holder())
    try:
        lease = keeper.take(f"campaign:{campaign}")
        book = Book(campaign, workplace.ledger, lease, WallClock(), objectives)
        for data in first:
            book.record(data, actor)
        book.flush()
    finally:
        keeper.close()
