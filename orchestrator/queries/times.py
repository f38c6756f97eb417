"""Where the time went: measuring, thinking, or waiting for beam and people."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from orchestrator.domain import events as ev
from orchestrator.domain.events import LedgerEvent
from orchestrator.domain.records import Observation
from orchestrator.queries.record import CampaignRecord

INTERRUPTIONS = (
    ev.CampaignPaused,
    ev.CampaignHeld,
    ev.CampaignStopped,
    ev.CampaignFailed,
    ev.InterlockLost,
    ev.TrialApproved,
    ev.TrialVetoed,
)
"""After these, the next motion waited for beam or a person, not for Nightshift."""


@dataclass(frozen=True, slots=True)
class DeadTime:
    """The time between the end of one run and the beginning of the next."""

    after: int
    """The trial that ended."""
    before: int
    """The trial that began."""
    seconds: float | None
    """Nightshift's own share; None where it cannot be told from waiting."""
    waited_s: float
    """What was spent waiting for beam, a person or an analysis."""


def observations(record: CampaignRecord) -> tuple[Observation, ...]:
    """Return every observation, those that did not count too, in the order they began."""
    seen = [attempt.observation for attempt in record.attempts if attempt.observation is not None]
    return tuple(sorted(seen, key=lambda observation: observation.started_at))


@dataclass(slots=True)
class Gaps:
    """Finds the gaps between runs in a campaign's ledger events, one event after the other."""

    _last: Observation | None = None
    _interrupted_at: datetime | None = None
    """When something was first waited for since the last run."""

    def hear(self, event: LedgerEvent) -> DeadTime | None:
        """Take the next event in; return the gap that it ends, if any."""
        if isinstance(event.data, INTERRUPTIONS):
            self._interrupted_at = self._interrupted_at or event.at
        seen = _observation_in(event.data)
        if seen is None:
            return None
        gap = None if self._last is None else _gap(self._last, seen, self._interrupted_at)
        self._last, self._interrupted_at = seen, None
        return gap


def dead_times(events: Iterable[LedgerEvent]) -> tuple[DeadTime, ...]:
    """Return the gaps between consecutive runs of a campaign, those that did not count too."""
    gaps = Gaps()
    return tuple(gap for event in events if (gap := gaps.hear(event)) is not None)


def _observation_in(data: ev.LedgerData) -> Observation | None:
    match data:
        case ev.TrialMeasured(observation=seen) | ev.TrialRemeasured(rejected=seen):
            return seen
        case _:
            return None


def _gap(one: Observation, other: Observation, interrupted_at: datetime | None) -> DeadTime:
    """Return what the engine recorded of a gap; in ledgers written before it did, what the times tell."""
    whole_s = max(0.0, (other.started_at - one.finished_at).total_seconds())
    if other.dead_s is not None:
        return DeadTime(one.trial, other.trial, other.dead_s, max(0.0, whole_s - other.dead_s))
    if interrupted_at is not None and interrupted_at <= other.started_at:
        return DeadTime(one.trial, other.trial, None, whole_s)
    return DeadTime(one.trial, other.trial, whole_s, 0.0)


@dataclass(frozen=True, slots=True)
class DeadFigures:
    """Dead time over a campaign, in seconds."""

    median_s: float
    p95_s: float
    """95 % of the gaps were at most this long."""


def dead_figures(seconds: Sequence[float]) -> DeadFigures | None:
    """Return the figures of dead times; None before the second run."""
    if not seconds:
        return None
    ordered = sorted(seconds)
    return DeadFigures(median(ordered), ordered[math.ceil(0.95 * len(ordered)) - 1])


def our_seconds(gaps: Iterable[DeadTime]) -> list[float]:
    """Return the gaps' dead times, where they are known."""
    return [gap.seconds for gap in gaps if gap.seconds is not None]


def show_dead(figures: DeadFigures | None) -> str:
    """Return ``23 ms, 95 % within 41 ms``; a dash before the second run."""
    return "–" if figures is None else f"{show_brief(figures.median_s)}, 95 % within {show_brief(figures.p95_s)}"


def show_brief(seconds: float) -> str:
    """Return a short time to two digits: ``23 ms``, ``1.4 s``."""
    return f"{float(f'{seconds * 1e3:.2g}'):g} ms" if seconds < 0.9995 else f"{float(f'{seconds:.2g}'):g} s"
