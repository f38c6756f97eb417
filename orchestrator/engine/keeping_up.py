"""Routines between trials, as decisions: what is due now, and what becomes of one that fails. Pure."""

from datetime import datetime

from orchestrator.domain.campaign import CampaignState, Trial
from orchestrator.domain.due import due
from orchestrator.domain.records import TrialKind
from orchestrator.engine import actions as act

MOST_RUNS = 2
"""Runs of one routine that may break off before it has failed."""


def keep_up(state: CampaignState, now: datetime) -> act.Action | None:
    """Return what routines ask for before anything else is measured; None when nothing is due."""
    if state.upkeep.failed is not None:
        return _after_failure(state, *state.upkeep.failed)
    found = due(state, now)
    return None if found is None else act.CarryOut(found[0].id, found[1])


def keep_up_before(state: CampaignState, trial: Trial, now: datetime) -> act.Action | None:
    """Return what routines ask for before a trial that is ready is measured, perhaps again; None when it may begin."""
    if trial.kind is TrialKind.FINISH:
        return None
    if not trial.routine:
        return keep_up(state, now)
    if trial.n_broken < MOST_RUNS:
        return None
    return act.GiveUp(trial.number, f"{trial.routine} broke off {trial.n_broken} times, at last: {state.upkeep.broken}")


def _after_failure(state: CampaignState, name: str, reason: str) -> act.Action:
    routine = state.spec.routine(name)
    if routine is not None and routine.on_failure == "stop":
        return act.Stop(f"{name} failed: {reason}")
    done = state.upkeep.last[name]
    times = f" {done.n_failures} times in a row" if done.n_failures > 1 else ""
    return act.Hold(f"{name} failed{times}: {reason}; mend it, then resume: it is carried out again first")
