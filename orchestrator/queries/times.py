"""Where the time went: measuring, thinking, or waiting for beam and people."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from orchestrator.domain import events as ev
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
    """The time between the end of one measurement and the beginning of the next."""

    after: int
    """The trial that ended."""
    before: int
    """The trial that began."""
    seconds: float
    is_wait: bool
    """Whether it was spent waiting for beam or a person; otherwise only Nightshift is to blame."""


def observations(record: CampaignRecord) -> tuple[Observation, ...]:
    """Return every observation, those that did not count too, in the order they began."""
    seen = [attempt.observation for attempt in record.attempts if attempt.observation is not None]
    return tuple(sorted(seen, key=lambda observation: observation.started_at))


def dead_times(record: CampaignRecord) -> tuple[DeadTime, ...]:
    """Return the gaps between consecutive observations: from the last reading to the run that moves next."""
    interruptions = sorted(event.at for event in record.events if isinstance(event.data, INTERRUPTIONS))
    seen = observations(record)
    return tuple(_gap(one, other, interruptions) for one, other in pairwise(seen))


def _gap(one: Observation, other: Observation, interruptions: list[datetime]) -> DeadTime:
    seconds = max(0.0, (other.started_at - one.finished_at).total_seconds())
    is_wait = bisect_right(interruptions, other.started_at) > bisect_left(interruptions, one.finished_at)
    return DeadTime(one.trial, other.trial, seconds, is_wait)
