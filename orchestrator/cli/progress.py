"""What people want to know of a running campaign, worked out from its state. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from orchestrator.domain.campaign import CampaignState, Trial
from orchestrator.domain.history import objective_score
from orchestrator.domain.ports import LiveState
from orchestrator.domain.records import Objective, TrialKind
from orchestrator.queries.units import axis_units, show_setting, show_settings

_RECENT_TRIALS = 20
"""The pace is that of the latest trials: exposures and thinking grow longer as a night goes on."""


@dataclass(frozen=True, slots=True)
class Progress:
    """One moment of a campaign."""

    campaign: str
    trial: int
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
        trial=state.n_counted,
        n_done=_n_done(state),
        n_trials=state.spec.budget.trials,
        doing=f"{live.phase}: {live.detail}" if live.detail else live.phase,
        best=best_so_far(state),
        time_left=time_left(state, now),
    )


def best_so_far(state: CampaignState) -> str:
    """Return ``toughness = 12.3 J at n = 6, … (trial 9)``."""
    best = state.best_trial
    if best is None:
        return "nothing that keeps the limits yet" if state.n_scored and state.spec.limits else "nothing scored yet"
    return f"{shown_score(best, state.objectives[:1])} at {show_settings(best.point, axis_units(state, best.point))} (trial {best.number})"


def shown_score(trial: Trial, objectives: Sequence[Objective]) -> str:
    """Return what a trial gave, with names and units; empty while it has no score."""
    scores = [(objective, objective_score(trial, objective)) for objective in objectives]
    return ", ".join(f"{objective.name} = {show_setting(score.value, objective.unit)}" for objective, score in scores if score is not None)


def time_left(state: CampaignState, now: datetime) -> timedelta | None:
    """Return how long the budget lasts at the pace of the latest trials; None while nothing tells."""
    ends = [left for left in (_until_end(state, now), _at_this_pace(state, now)) if left is not None]
    return max(timedelta(0), min(ends)) if ends else None


def _n_done(state: CampaignState) -> int:
    return state.n_counted - (state.current is not None)


def _until_end(state: CampaignState, now: datetime) -> timedelta | None:
    return None if state.ends_at is None else state.ends_at - now


def _at_this_pace(state: CampaignState, now: datetime) -> timedelta | None:
    n_trials, n_done = state.spec.budget.trials, _n_done(state)
    if n_trials is None or n_done < 1:
        return None
    recent = [trial for trial in state.trials[-_RECENT_TRIALS:] if trial.kind is not TrialKind.EARLIER]
    n_recent = len(recent) - (state.current is not None)
    if n_recent < 1:
        return None
    return (now - recent[0].suggested_at) / n_recent * (n_trials - n_done)


def shown_duration(duration: timedelta) -> str:
    """Return a duration as people say it: ``45 s``, ``12 min``, ``3 h 20 min``."""
    seconds = round(duration.total_seconds())
    if seconds < 100:
        return f"{seconds} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60:02d} min"
