"""How often darks, references, calibrations and alignments would come up, and what they would take."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from orchestrator.domain.instrument import PlanDescription
from orchestrator.domain.routines import Routine
from orchestrator.domain.spec import CampaignSpec

Plans = Mapping[str, PlanDescription]


@dataclass(frozen=True, slots=True)
class RoutineForesight:
    """One entry of ``every``, over the whole campaign."""

    name: str
    kind: str
    times: int
    """Those after a lost beam or a pause come on top: nobody foresees them."""
    seconds: float
    """In all."""
    exposure_s: float
    """Shutter-open seconds in all."""


def foresee_routines(spec: CampaignSpec, plans: Plans, n_trials: int, seconds: float) -> tuple[RoutineForesight, ...]:
    """Return what each routine comes to.

    Args:
        spec: The campaign.
        plans: What the instrument tells of its plans.
        n_trials: Trials that will be measured.
        seconds: What these alone take.
    """
    return tuple(_foreseen(routine, spec, plans, n_trials, seconds) for routine in spec.every)


def _foreseen(routine: Routine, spec: CampaignSpec, plans: Plans, n_trials: int, seconds: float) -> RoutineForesight:
    times = times_due(routine, n_trials, seconds)
    open_s = 0.0 if routine.kind == "dark" else _counting_s(routine, spec)
    return RoutineForesight(routine.id, str(routine.kind), times, times * _seconds(routine, spec, plans), times * open_s)


def pace_with_routines(spec: CampaignSpec, plans: Plans, pace: float) -> float:
    """Return the seconds per trial with the share of its routines, given those of the trial alone."""
    by_trials = sum(_seconds(routine, spec, plans) / routine.trials for routine in spec.every if routine.trials is not None)
    by_time = sum(_seconds(routine, spec, plans) / (60.0 * routine.minutes) for routine in spec.every if routine.minutes is not None)
    return pace * (1.0 + by_time) + by_trials


def _seconds(routine: Routine, spec: CampaignSpec, plans: Plans) -> float:
    return max(_plan_seconds(routine, plans) or 0.0, _counting_s(routine, spec))


def times_due(routine: Routine, n_trials: int, seconds: float) -> int:
    """Return how often a routine is due in a campaign of so many trials and seconds, nothing going wrong.

    Whichever of its intervals is shorter counts; after the last trial nothing is due any more.
    """
    by_trials = 0 if routine.trials is None or n_trials < 1 else (n_trials - 1) // routine.trials
    by_time = 0 if routine.minutes is None else int(seconds // (60.0 * routine.minutes))
    repeats = routine.trials is not None or routine.minutes is not None
    is_first = (repeats and routine.kind in ("dark", "calibration")) or "start" in routine.after or "sample" in routine.after
    return int(is_first) + max(by_trials, by_time)


def _counting_s(routine: Routine, spec: CampaignSpec) -> float:
    if routine.exposure is not None:
        return routine.exposure
    return 0.0 if routine.kind == "alignment" else spec.least_exposure


def _plan_seconds(routine: Routine, plans: Plans) -> float | None:
    return plans[routine.plan].seconds if routine.plan is not None and routine.plan in plans else None


def unknown_seconds(spec: CampaignSpec, plans: Plans) -> Iterator[str]:
    """Yield which plans of routines nobody says the time of."""
    for routine in spec.every:
        if routine.plan is not None and _plan_seconds(routine, plans) is None and not _counting_s(routine, spec):
            yield f"how long {routine.plan} takes is not known; give plans.{routine.plan}.seconds in the site file"
