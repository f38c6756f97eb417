"""How long a trial takes, from what the latest ones took."""

from itertools import pairwise
from statistics import median_low

from orchestrator.domain.campaign import CampaignState, Trial
from orchestrator.domain.records import TrialKind

_RECENT_TRIALS = 20
"""The pace is that of the latest trials: exposures and thinking grow longer as a night goes on."""


def latest_pace_s(state: CampaignState) -> float | None:
    """Return the median seconds from one suggestion to the next, of the latest trials; None before the second.

    The time in which the campaign was last gone on with is left out: nobody ran it then. Of earlier pauses and of lost beam the
    median takes no notice.
    """
    took = [
        (after.suggested_at - before.suggested_at).total_seconds()
        for before, after in pairwise(_recent(state))
        if not _was_interrupted(state, before, after)
    ]
    return median_low(took) if took else None


def _recent(state: CampaignState) -> list[Trial]:
    """Return the latest trials that were carried out, each with what was done between it and the next; and the one in progress."""
    kinds = (TrialKind.AGENT, TrialKind.HUMAN)
    return [trial for trial in state.trials[-_RECENT_TRIALS - 1 :] if trial.kind in kinds and (trial.attempt or trial.status.is_open)]


def _was_interrupted(state: CampaignState, before: Trial, after: Trial) -> bool:
    return state.going_since is not None and before.suggested_at < state.going_since <= after.suggested_at
