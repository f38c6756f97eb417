"""What is remembered of darks, references, calibrations and alignments, and which one is in force. Pure: a fold."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from orchestrator.domain import events as ev
from orchestrator.domain.base import Point
from orchestrator.domain.instrument import InstrumentDescription
from orchestrator.domain.records import TrialKind
from orchestrator.domain.routines import Routine

if TYPE_CHECKING:
    from orchestrator.domain.campaign import CampaignState, Trial

MOST_FAILURES = 3
"""Failures in a row after which a person is asked, whatever ``on_failure`` says."""


@dataclass(frozen=True, slots=True)
class Carried:
    """How a routine was last carried out."""

    trial: int
    at: datetime
    n_measured: int
    """Agent and human trials measured until then."""
    n_failures: int = 0
    """In a row, this one included."""


@dataclass(frozen=True, slots=True)
class Upkeep:
    """What is remembered of routines; empty for a campaign without ``every``."""

    last: Mapping[str, Carried] = field(default_factory=dict[str, Carried])
    """By routine, well or badly."""
    good: Mapping[str, int] = field(default_factory=dict[str, int])
    """By routine: the trial whose result is in force."""
    n_measured: int = 0
    first_point: Point | None = None
    """Of the first agent or human trial measured: where references are taken."""
    returned_at: datetime | None = None
    """When the beam last came back."""
    resumed_at: datetime | None = None
    set_aside: int | None = None
    """The trial that waits, suggested but not moved for, until the routine is over."""
    broken: str = ""
    """Why the routine's last run broke off."""
    failed: tuple[str, str] | None = None
    """A routine that failed and why, until a person has seen it."""
    owed: frozenset[str] = frozenset()
    """Routines that failed, and that a person wants carried out again."""


def routine_of(state: "CampaignState", trial: "Trial") -> Routine | None:
    """Return the routine that a trial carries out; None for all others."""
    return state.spec.routine(trial.routine) if trial.routine else None


def counting_s(state: "CampaignState", trial: "Trial") -> float:
    """Return how long detectors count in one attempt at a trial, seconds."""
    routine = routine_of(state, trial)
    if routine is not None and routine.exposure is not None:
        return routine.exposure
    return 0.0 if trial.kind in (TrialKind.FINISH, TrialKind.ALIGNMENT) else state.spec.measure.counting_s(trial.point)


def shutter_open_s(state: "CampaignState", trial: "Trial") -> float:
    """Return what one attempt costs of the exposure budget, seconds: a dark is taken without beam."""
    return 0.0 if trial.kind is TrialKind.DARK else counting_s(state, trial)


def in_force(state: "CampaignState", trial: "Trial") -> Mapping[str, int]:
    """Return, by routine, the trial whose dark, calibration or alignment a measurement that begins now uses."""
    kinds = {routine.id: routine.kind for routine in state.spec.every}
    if trial.kind is TrialKind.FINISH:
        return {}
    return {name: number for name, number in state.upkeep.good.items() if kinds.get(name) not in (None, "reference")}


def keep_up(before: "CampaignState", after: "CampaignState", event: Any) -> "CampaignState":
    """Return the state with what an event means for routines; whatever a routine set aside is taken up again."""
    if not after.spec.every:
        return after
    upkeep = _heed(before, after, event)
    if after.open_trial is None and upkeep.set_aside is not None:
        return replace(after, upkeep=replace(upkeep, set_aside=None), open_trial=upkeep.set_aside)
    return replace(after, upkeep=upkeep)


def _heed(before: "CampaignState", after: "CampaignState", event: Any) -> Upkeep:
    upkeep, data = after.upkeep, event.data
    match data:
        case ev.TrialSuggested() if data.routine:
            return replace(upkeep, set_aside=before.open_trial, broken="")
        case ev.TrialMeasured():
            return _measured(upkeep, after.trial(data.trial), event.at)
        case ev.TrialRemeasured() if data.rejected is None and not data.is_refused:
            return replace(upkeep, broken=data.reason)
        case ev.TrialScored() | ev.TrialAwaiting():
            return _judged(upkeep, after.trial(data.trial))
        case ev.TrialReviewed() | ev.TrialVetoed() | ev.TrialFailed():
            return _ended(upkeep, after, data.trial, event.at)
        case ev.CampaignResumed():
            return _resumed(upkeep, event.at)
        case ev.InterlockReturned(until=None) if _is_beam(after.instrument, data.interlock):
            return replace(upkeep, returned_at=event.at)
        case _:
            return upkeep


def _measured(upkeep: Upkeep, trial: "Trial", at: datetime) -> Upkeep:
    if trial.kind.is_scored:
        return replace(upkeep, n_measured=upkeep.n_measured + 1, first_point=upkeep.first_point or trial.point)
    if not trial.routine:
        return upkeep
    earlier = upkeep.last.get(trial.routine)
    n_failures = earlier.n_failures if earlier is not None and trial.is_judged else 0  # rewards may yet refuse it
    carried = Carried(trial.number, at, upkeep.n_measured, n_failures)
    return replace(
        upkeep,
        last={**upkeep.last, trial.routine: carried},
        good={**upkeep.good, trial.routine: trial.number},
        owed=upkeep.owed - {trial.routine},
    )


def _judged(upkeep: Upkeep, trial: "Trial") -> Upkeep:
    """Return it with a reference's failures forgotten, now that one is good."""
    done = upkeep.last.get(trial.routine)
    if done is None or done.trial != trial.number:
        return upkeep
    return replace(upkeep, last={**upkeep.last, trial.routine: replace(done, n_failures=0)})


def _ended(upkeep: Upkeep, after: "CampaignState", number: int, at: datetime) -> Upkeep:
    """Return it after a trial that ended badly, if it did and was a routine's."""
    trial, routine = after.trial(number), routine_of(after, after.trial(number))
    if routine is None or trial.is_pending:
        return upkeep
    earlier = upkeep.last.get(routine.id)
    n_failures = 1 + (0 if earlier is None else earlier.n_failures)
    is_grave = routine.on_failure != "go-on" or n_failures >= MOST_FAILURES
    good = {name: last for name, last in upkeep.good.items() if last != number}
    return replace(
        upkeep,
        last={**upkeep.last, routine.id: Carried(number, at, upkeep.n_measured, n_failures)},
        good=good,
        owed=upkeep.owed - {routine.id},
        failed=(routine.id, trial.note) if is_grave else upkeep.failed,
    )


def _resumed(upkeep: Upkeep, at: datetime) -> Upkeep:
    owed = upkeep.owed if upkeep.failed is None else upkeep.owed | {upkeep.failed[0]}
    last = {name: replace(carried, n_failures=0) for name, carried in upkeep.last.items()}
    return replace(upkeep, resumed_at=at, last=last, owed=owed, failed=None)


def _is_beam(instrument: InstrumentDescription, interlock: str) -> bool:
    """Return whether an interlock tells of the beam: one so described, or, where none is, any that does not tell of something else."""
    beams = [name for name, described in instrument.interlocks.items() if described.role == "beam"]
    described = instrument.interlocks.get(interlock)
    return interlock in beams if beams else described is None or described.role == "other"
