"""When a dark, reference, calibration or alignment is due, why, and where it is measured. Pure."""

from datetime import datetime, timedelta

from orchestrator.domain.base import Point
from orchestrator.domain.campaign import CampaignState
from orchestrator.domain.routines import ORDER, Routine
from orchestrator.domain.upkeep import Carried, Upkeep


def due(state: CampaignState, now: datetime) -> tuple[Routine, str] | None:
    """Return the routine to carry out now and why; None when nothing is due. Of several, the one others lean on."""
    for kind in ORDER if state.spec.every else ():
        for routine in state.spec.every:
            why = _why_due(routine, state, now) if routine.kind == kind else None
            if why is not None:
                return routine, why
    return None


def _why_due(routine: Routine, state: CampaignState, now: datetime) -> str | None:
    upkeep, done = state.upkeep, state.upkeep.last.get(routine.id)
    if point_of(routine, state) is None:
        return None
    if routine.id in upkeep.owed:
        return "it failed before, and the campaign goes on"
    if done is None and _is_due_at_start(routine):
        return "before the first trial"
    n_since = upkeep.n_measured - (0 if done is None else done.n_measured)
    if routine.trials is not None and n_since >= routine.trials:
        return f"{n_since} trials since {_then(done)}"
    return _why_overdue(routine, state, done, now) or _why_after(routine, upkeep, done)


def _is_due_at_start(routine: Routine) -> bool:
    """A dark or calibration that is repeated is taken first, too: else nothing measured before the second would have one."""
    is_needed = routine.kind in ("dark", "calibration") and (routine.trials is not None or routine.minutes is not None)
    return is_needed or "start" in routine.after or "sample" in routine.after


def _why_overdue(routine: Routine, state: CampaignState, done: Carried | None, now: datetime) -> str | None:
    since = state.started_at if done is None else done.at
    if routine.minutes is None or since is None or now - since < timedelta(minutes=routine.minutes):
        return None
    return f"{(now - since).total_seconds() / 60:.3g} min since {_then(done)}"


def _why_after(routine: Routine, upkeep: Upkeep, done: Carried | None) -> str | None:
    happened = {"beam-return": (upkeep.returned_at, "the beam is back"), "pause": (upkeep.resumed_at, "it goes on after a pause")}
    for occasion, (at, why) in happened.items():
        if occasion in routine.after and at is not None and (done is None or done.at < at):
            return why
    return None


def _then(done: Carried | None) -> str:
    return "the start" if done is None else f"trial {done.trial}"


def point_of(routine: Routine, state: CampaignState) -> Point | None:
    """Return where a routine's trial is measured: nowhere of the space for a plan's; None while that is not known yet."""
    done, best = state.upkeep.last.get(routine.id), state.best_trial
    match routine.place:
        case _ if routine.plan is not None:
            return {}
        case "first":
            return state.upkeep.first_point
        case "best" if done is not None:
            return state.trial(done.trial).point  # the same point again, whatever has been found since
        case "best":
            return None if best is None else best.point
        case place:
            return place
