"""A campaign at a glance: counts, times, and what the beam was used for."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from orchestrator.domain import events as ev
from orchestrator.domain.campaign import CampaignState, Status, Trial, TrialStatus
from orchestrator.queries.record import CampaignRecord
from orchestrator.queries.times import dead_figures, dead_times, our_seconds

_LAST_WORDS = (
    ev.CampaignPaused,
    ev.CampaignHeld,
    ev.CampaignStopped,
    ev.CampaignAborted,
    ev.CampaignCompleted,
    ev.CampaignFailed,
)


@dataclass(frozen=True, slots=True)
class Overview:
    """The figures of a campaign. Times are in seconds."""

    campaign: str
    name: str
    status: Status
    reason: str
    """Why the status is what it is."""
    started_at: datetime | None
    ended_at: datetime | None
    """When it ended or began to wait for a person; the last event's time while it runs."""
    n_earlier: int
    """Measured before the campaign, which began with them."""
    n_trials: int
    """Suggestions, whatever became of them."""
    n_counted: int
    """Agent and human trials that count against the budget."""
    n_scored: int
    """Of the suggestions."""
    n_vetoed: int
    n_failed: int
    n_awaiting: int
    """Measured, and their analysis has not answered yet."""
    n_attempts: int
    n_repeated: int
    """Attempts that did not count and were measured again."""
    n_agent_failures: int
    wall_s: float
    exposure_s: float
    dead_s: float | None
    """Median time between the end of one measurement and the next, without what was waited for; None before the second
    measurement."""
    dead_p95_s: float | None
    """95 % of these times were at most this long."""
    dead_total_s: float
    waiting_s: float
    """Between measurements, for beam, people or analysis."""
    best: Trial | None

    @property
    def exposure_share(self) -> float | None:
        """Return the share of the wall time with the shutter open, in [0, 1]; None before any time has passed."""
        return self.exposure_s / self.wall_s if self.wall_s > 0 else None


def overview(record: CampaignRecord) -> Overview:
    """Return a campaign's figures."""
    state = record.state
    ended_at = _ended_at(record)
    gaps = dead_times(record.events)
    dead = dead_figures(our_seconds(gaps))
    by_status = Counter(trial.status for trial in record.trials)
    return Overview(
        campaign=record.campaign,
        name=state.spec.name,
        status=state.shown_status,
        reason=shown_reason(record.state),
        started_at=state.started_at,
        ended_at=ended_at,
        n_earlier=state.n_earlier,
        n_trials=len(record.trials) - state.n_earlier,
        n_counted=state.n_counted,
        n_scored=state.n_scored - state.n_earlier,
        n_vetoed=by_status[TrialStatus.VETOED],
        n_failed=by_status[TrialStatus.FAILED],
        n_awaiting=len(state.awaiting),
        n_attempts=len(record.attempts),
        n_repeated=sum(attempt.outcome == "repeated" for attempt in record.attempts),
        n_agent_failures=sum(isinstance(event.data, ev.AgentFailed) for event in record.events),
        wall_s=_seconds_between(state.started_at, ended_at),
        exposure_s=state.exposure_s,
        dead_s=None if dead is None else dead.median_s,
        dead_p95_s=None if dead is None else dead.p95_s,
        dead_total_s=sum(our_seconds(gaps)),
        waiting_s=sum(gap.waited_s for gap in gaps),
        best=state.best_trial,
    )


def _ended_at(record: CampaignRecord) -> datetime | None:
    """Return the time of the event that made the status what it is, so that later notes do not lengthen the night."""
    if record.state.status is Status.RUNNING:
        return record.state.updated_at
    return max((event.at for event in record.events if isinstance(event.data, _LAST_WORDS)), default=record.state.updated_at)


def shown_reason(state: CampaignState) -> str:
    """Return why the status is what it is; a suggestion that waits for a person says so itself."""
    waiting = state.current
    if state.is_waiting_for_approval and waiting is not None:
        return f"trial {waiting.number} waits for approval"
    return state.reason


def _seconds_between(start: datetime | None, end: datetime | None) -> float:
    return 0.0 if start is None or end is None else (end - start).total_seconds()
