"""Looking at recorded campaigns; nothing here moves or appends."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from orchestrator.bootstrap.workplace import Workplace
from orchestrator.domain.campaign import CampaignState
from orchestrator.domain.errors import LedgerCorrupt, UnknownCampaign
from orchestrator.domain.events import LedgerEvent
from orchestrator.domain.folding import fold
from orchestrator.domain.parts import is_part
from orchestrator.domain.ports import Summary
from orchestrator.domain.samples import SamplesSpec

if TYPE_CHECKING:
    from orchestrator.queries.table import Row

_COMPARED = ("name", "status", "trials", "best_point", "best_score", "seq", "head", "reason")


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What was verified."""

    n_events: int
    head: str


def find(workplace: Workplace, wanted: str) -> str:
    """Return a campaign's id from its id, a unique beginning of it, or ``last``. Parts are found by what begins like a part only.

    Raises:
        UnknownCampaign: If there is none, or more than one.
    """
    known = [summary.campaign for summary in workplace.ledger.summaries()]
    if wanted in known:
        return wanted
    ids = [id for id in known if is_part(id) == is_part(wanted)]
    matching = ids[:1] if wanted == "last" else [id for id in ids if id.startswith(wanted)]
    if len(matching) == 1:
        return matching[0]
    if matching:
        raise UnknownCampaign(f"{wanted!r} is the beginning of {len(matching)} campaigns: {', '.join(matching[:5])}; type more of it")
    nearest = _nearest(workplace, wanted)
    hint = f"did you mean {nearest}? " if nearest else ""
    raise UnknownCampaign(f"no campaign is called {wanted!r} in {workplace.url}; {hint}see nightshift list")


def _nearest(workplace: Workplace, wanted: str) -> str | None:
    """Return the newest campaign whose id or name looks like what was typed."""
    known = {
        word: summary.campaign
        for summary in reversed(workplace.ledger.summaries())
        if not is_part(summary.campaign)
        for word in (summary.campaign, summary.name)
    }
    close = difflib.get_close_matches(wanted, known, n=1)
    return known[close[0]] if close else None


def load_events(workplace: Workplace, campaign: str) -> tuple[LedgerEvent, ...]:
    return workplace.ledger.read(find(workplace, campaign))


def load_state(workplace: Workplace, campaign: str) -> CampaignState:
    """Return a campaign's state, folded from its events."""
    campaign = find(workplace, campaign)
    return fold(workplace.ledger.read(campaign), workplace.objectives(campaign))


def verify(workplace: Workplace, campaign: str, head: str | None = None) -> VerifyReport:
    """Check hashes, chain, sequence, the head if given, and that replaying the events gives the stored projection; also of parts.

    Raises:
        LedgerCorrupt: Names the first bad event.
    """
    campaign = find(workplace, campaign)
    workplace.ledger.verify(campaign, head=head)
    events = workplace.ledger.read(campaign)
    _require_projection(workplace, campaign, events)
    parts = fold(events, workplace.objectives(campaign)).parts.by_place.values()
    n_events = sum(verify(workplace, part.id, part.head).n_events for part in parts if part.head)
    return VerifyReport(len(events) + n_events, events[-1].hash)


def _require_projection(workplace: Workplace, campaign: str, events: tuple[LedgerEvent, ...]) -> None:
    from orchestrator.engine.book import summarise

    stored = workplace.ledger.summary(campaign)
    replayed = summarise(campaign, fold(events, workplace.objectives(campaign)), events[-1].hash)
    if stored is None:
        raise LedgerCorrupt(f"{campaign} has {len(events)} events but no stored projection")
    for name in _COMPARED:
        if _of(stored, name) != _of(replayed, name):
            raise LedgerCorrupt(
                f"{campaign}: the stored projection says {name} = {_of(stored, name)!r}, "
                f"but its events up to {len(events)} say {_of(replayed, name)!r}"
            )


def _of(summary: Summary, name: str) -> object:
    return getattr(summary, name)


def report(workplace: Workplace, campaign: str, path: Path, *, with_parts: bool = True) -> Path:
    """Write the report; return where it is. Those of a campaign's parts, which it then links to, lie beside it."""
    from orchestrator.bootstrap.recalling import believed_maps
    from orchestrator.exports.report import write_report

    campaign = find(workplace, campaign)
    events = workplace.ledger.read(campaign)
    parts = fold(events, workplace.objectives(campaign)).parts.by_place.values() if with_parts else ()
    begun = [part.id for part in parts if workplace.ledger.last_seq(part.id)]
    for part in begun:
        report(workplace, part, path.with_name(f"{part}.html"))
    maps = believed_maps(workplace, campaign, events)
    write_report(events, workplace.objectives(campaign), workplace.artefacts, path, workplace.frames, links=frozenset(begun), maps=maps)
    return path


def export(workplace: Workplace, campaign: str, path: Path) -> Path:
    """Write the table; return where it is."""
    from orchestrator.exports.table import write_rows

    write_rows(rows(workplace, campaign), path)
    return path


def rows(workplace: Workplace, campaign: str, events: Sequence[LedgerEvent] | None = None) -> "tuple[Row, ...]":
    """Return the table that ``export`` writes: of a campaign over samples, that of all its parts.

    Args:
        workplace: Where the campaign is.
        campaign: Which.
        events: Its events so far; None for all that there are.
    """
    from orchestrator.queries.record import record_of
    from orchestrator.queries.table import joined, table

    campaign = find(workplace, campaign)
    record = record_of(workplace.ledger.read(campaign) if events is None else events, workplace.objectives(campaign))
    if not isinstance(record.state.spec, SamplesSpec):
        return table(record)
    begun = (part for part in record.state.parts.by_place.values() if workplace.ledger.last_seq(part.id))
    return joined({(part.sample, part.stage): rows(workplace, part.id) for part in begun})


def csv_text(workplace: Workplace, campaign: str, events: Sequence[LedgerEvent] | None = None) -> str:
    """Return the table as ``export`` would write it into a CSV."""
    from orchestrator.exports.table import csv_of

    return csv_of(rows(workplace, campaign, events))
