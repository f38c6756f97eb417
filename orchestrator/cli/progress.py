"""What people want to know of a running campaign, worked out from its state. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from orchestrator.domain.campaign import CampaignState, Status, Trial
from orchestrator.domain.ports import LiveState
from orchestrator.domain.records import TrialKind
from orchestrator.queries.closing import best_so_far
from orchestrator.queries.pace import latest_pace_s

_ENDED = (Status.STOPPED, Status.ABORTED, Status.COMPLETED, Status.FAILED)


@dataclass(frozen=True, slots=True)
class Progress:
    """One moment of a campaign."""

    campaign: str
    trial: int
    """Number of the trial in progress, else of the last one; 0 before the first."""
    n_counted: int
    """How many trials count against the budget, that one among them."""
    n_done: int
    n_trials: int | None
    """None when time or dose ends the campaign, not a number of trials."""
    doing: str
    best: str
    time_left: timedelta | None


def progress_of(live: LiveState, now: datetime) -> Progress:
    """Return what to show.

    Args:
        live: What the engine published last.
        now: UTC.
    """
    state = live.state
    return Progress(
        campaign=state.spec.name,
        trial=len(state.trials),
        n_counted=state.n_counted,
        n_done=n_done(state),
        n_trials=state.spec.budget.trials,
        doing=f"{live.phase}: {live.detail}" if live.detail else live.phase,
        best=best_so_far(state),
        time_left=time_left(state, now),
    )


def time_left(state: CampaignState, now: datetime) -> timedelta | None:
    """Return how long the budget lasts at the pace of the latest trials; None while nothing tells, or once it has ended."""
    if state.status in _ENDED:
        return None
    ends = [left for left in (_until_end(state, now), _at_this_pace(state)) if left is not None]
    return max(timedelta(0), min(ends)) if ends else None


def shown_number(number: int, n_counted: int, n_trials: int | None) -> str:
    """Return ``trial 9 of 25``, or ``trial 9 (7 of 25)`` where not every trial counts against the budget."""
    if n_trials is None:
        return f"trial {number}"
    return f"trial {number} of {n_trials}" if number == n_counted else f"trial {number} ({n_counted} of {n_trials})"


def n_counted_with(state: CampaignState, number: int) -> int:
    """Return how many trials counted when this one was the last; looks only at those after it."""
    return state.n_counted - sum(map(_counts, state.trials[number:]))


def _counts(trial: Trial) -> bool:
    """Return whether a trial is spent from ``budget.trials``; one that was refused before its start is not."""
    return trial.kind in (TrialKind.AGENT, TrialKind.HUMAN) and (trial.attempt > 0 or trial.status.is_open)


def n_done(state: CampaignState) -> int:
    """Return how many trials are spent from ``budget.trials``; one that waits or is in progress is not yet."""
    current = state.current
    return state.n_counted - int(current is not None and _counts(current))


def _until_end(state: CampaignState, now: datetime) -> timedelta | None:
    return None if state.ends_at is None else state.ends_at - now


def _at_this_pace(state: CampaignState) -> timedelta | None:
    n_trials, pace_s = state.spec.budget.trials, latest_pace_s(state)
    if n_trials is None or pace_s is None or n_done(state) >= n_trials:
        return None
    return timedelta(seconds=pace_s * (n_trials - n_done(state)))


def shown_duration(duration: timedelta) -> str:
    """Return a duration as people say it: ``45 s``, ``12 min``, ``3 h 20 min``."""
    seconds = round(duration.total_seconds())
    if seconds < 100:
        return f"{seconds} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60:02d} min"
