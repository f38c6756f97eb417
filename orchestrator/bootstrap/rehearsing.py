"""A campaign on paper: the same file, agents and guardians on mock devices, and what the real night would take."""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from statistics import fmean
from typing import Any

from instruments.rehearsal import read_earlier
from orchestrator import plugins
from orchestrator.bootstrap import assembling, reading
from orchestrator.bootstrap.campaigns import run
from orchestrator.bootstrap.children import surroundings
from orchestrator.bootstrap.foreseen import foreseen
from orchestrator.bootstrap.outcome import Outcome, Switch
from orchestrator.bootstrap.rehearsed_routines import RoutineForesight, foresee_routines, pace_with_routines, unknown_seconds
from orchestrator.bootstrap.samples.preparing import check_stages, prepared
from orchestrator.bootstrap.workplace import Workplace
from orchestrator.campaign_file import CampaignFile
from orchestrator.domain.campaign import Status, Trial
from orchestrator.domain.dose import DoseRule
from orchestrator.domain.errors import SpecError
from orchestrator.domain.instrument import AxisDescription, InstrumentDescription, InterlockDescription, PlanDescription
from orchestrator.domain.ports import LiveSignals
from orchestrator.domain.records import Objective
from orchestrator.domain.samples import SamplesSpec
from orchestrator.domain.spec import Approval, Budget, CampaignSpec, Measure, Plugin, RewardPlugin
from orchestrator.preflight import check_plan, check_routines, fitted, resolve_space, with_kinds
from orchestrator.store.artefacts import FolderArtefacts
from orchestrator.store.memory import MemoryLedger

_MOST_TRIALS = 500
"""Trials rehearsed; a longer campaign is reckoned on from these."""


@dataclass(frozen=True, slots=True)
class Foresight:
    """What the real campaign would take, as far as the site tells."""

    outcome: Outcome
    trials: int
    moving_s: float
    measuring_s: float
    thinking_s: float
    """Between trials; less in earnest, where an agent thinks ahead while the instrument measures."""
    exposure_s: float
    """Shutter-open seconds."""
    dose: float | None
    """None where nobody tells it, or only a reading does."""
    dose_unit: str
    travel: Mapping[str, float]
    """By axis, in its unit; between trials, from the first one on."""
    units: Mapping[str, str]
    routines: tuple[RoutineForesight, ...] = ()
    """Darks, references, calibrations and alignments."""
    notes: tuple[str, ...] = ()
    """What was not known and therefore not counted."""

    @property
    def total_s(self) -> float:
        return self.moving_s + self.measuring_s + self.thinking_s + sum(routine.seconds for routine in self.routines)


def rehearse(file: CampaignFile, *, data: Path | None, live: LiveSignals, switch: Switch) -> Foresight:
    """Run a campaign on mock devices that have the real ones' limits and speeds. Nothing is connected, moved or recorded.

    Args:
        file: The campaign.
        data: Earlier measurements to answer from; None for a made-up hill.
        live: Where progress goes.
        switch: Ends it early.

    Raises:
        BadInput: If the campaign cannot run, or its instrument tells nothing of itself without being connected.
    """
    if isinstance(file.spec, SamplesSpec):
        return _rehearse_stages(file, file.spec, data=data, live=live, switch=switch)
    spec = assembling.with_absolute_paths(file.spec, file.folder)
    description = fitted(_foreseen(spec), spec)
    check_plan(spec, description, locate=file.locate)
    space = resolve_space(spec, description, assembling.written_candidates(spec, file.folder), locate=file.locate)
    objectives = {name: reward.objective() for name, reward in assembling.build_rewards(spec).items()}
    axes = {name: description.axes[name] for name in space.parameters}
    if data is not None:
        read_earlier(data, axes, tuple(objectives))
    spec = with_kinds(spec, description)
    check_routines(spec, _with_beam(description), space, locate=file.locate)
    mock = _on_paper(spec, axes, objectives, data, description)
    with tempfile.TemporaryDirectory() as folder:
        place = Workplace(MemoryLedger(), FolderArtefacts(Path(folder) / "artefacts"), Path(folder), "memory:")
        rehearsed = replace(file, spec=mock)
        outcome = run(place, rehearsed, live=live, switch=switch, wait=False, writes_report=False)
        trials = reading.load_state(place, outcome.campaign).trials
    return foresee(outcome, spec, description, axes, trials, _seconds_of_plan(spec))


def _rehearse_stages(file: CampaignFile, written: SamplesSpec, *, data: Path | None, live: LiveSignals, switch: Switch) -> Foresight:
    """Rehearse every stage with one sample, its origin guessed, and reckon the others up from that: nobody knows which will fail."""
    spec = prepared(file, written, None)
    parts = check_stages(file, spec, _foreseen(spec), None)
    found = [
        rehearse(replace(file, spec=part, document=None, source_name=f"stages.{name}"), data=data, live=live, switch=switch)
        for name, part in parts.items()
    ]
    return _together(found, len(spec.samples))


def _together(found: Sequence[Foresight], n: int) -> Foresight:
    """Return the foresight of n samples from one sample's, stage by stage."""

    def total(name: str) -> float:
        return n * sum(getattr(each, name) for each in found)

    axes = dict.fromkeys(name for each in found for name in each.travel)
    within = f"{n} samples, reckoned up from one; moves between stages and samples"
    return Foresight(
        outcome=next((each.outcome for each in found if each.outcome.status is not Status.COMPLETED), found[-1].outcome),
        trials=n * sum(each.trials for each in found),
        moving_s=total("moving_s"),
        measuring_s=total("measuring_s"),
        thinking_s=total("thinking_s"),
        exposure_s=total("exposure_s"),
        dose=None if any(each.dose is None for each in found) else total("dose"),
        dose_unit=found[-1].dose_unit,
        travel={name: n * sum(each.travel.get(name, 0.0) for each in found) for name in axes},
        units={name: unit for each in found for name, unit in each.units.items()},
        notes=(within, *dict.fromkeys(note for each in found for note in each.notes)),
    )


def _foreseen(spec: CampaignSpec) -> InstrumentDescription:
    """Return what is known of the instrument without connecting it."""
    description = foreseen(spec.instrument)
    if description is None:
        raise SpecError(
            f"{spec.instrument.type} tells its axes and limits only when connected, and --simulate connects nothing; "
            "lend its devices through a site file"
        )
    return description


def _with_beam(description: InstrumentDescription) -> InstrumentDescription:
    """Return it as if the beam were watched: on paper nobody knows what suspenders a profile sets up."""
    return description.model_copy(update={"interlocks": {**description.interlocks, "beam": InterlockDescription(role="beam")}})


def _on_paper(
    spec: CampaignSpec,
    axes: Mapping[str, AxisDescription],
    objectives: Mapping[str, Objective],
    data: Path | None,
    description: InstrumentDescription,
) -> CampaignSpec:
    """Return the campaign with mock devices, and rewards that read the objectives themselves."""
    settings: dict[str, Any] = {
        "axes": {name: axis.model_dump(mode="json") for name, axis in axes.items()},
        "signals": {name: objective.goal for name, objective in objectives.items()},
        "units": {name: objective.unit for name, objective in objectives.items()},
        "data": None if data is None else str(data.absolute()),
        "plans": {name: plan.model_dump(mode="json") for name, plan in description.plans.items()},
        "devices": {name: list(signals) for name, signals in description.devices.items()},
    }
    rewards = tuple(
        RewardPlugin.model_validate({"type": "scalar", "name": name, "signal": name, "goal": objective.goal})
        for name, objective in objectives.items()
    )
    budget = spec.budget
    return spec.model_copy(
        update={
            "instrument": Plugin.model_validate({"type": "rehearsal", **settings}),
            "rewards": rewards,
            "limits": {name: limit for name, limit in spec.limits.items() if name in objectives},
            "measure": Measure(exposure=spec.measure.exposure, exposure_from=spec.measure.exposure_from),
            "approval": Approval(),
            "earlier": (),
            "budget": Budget(trials=min(budget.trials or _MOST_TRIALS, _MOST_TRIALS), exposure=budget.exposure),
        }
    )


def _seconds_of_plan(spec: CampaignSpec) -> float | None:
    """Return what one call of the campaign's plan takes, where the site file says."""
    call = spec.measure.plan
    if call is None:
        return None
    instrument: Any = plugins.build("instrument", spec.instrument)
    return instrument.seconds_of_plan(call.name, surroundings(spec.instrument)) if hasattr(instrument, "seconds_of_plan") else None


def foresee(
    outcome: Outcome,
    spec: CampaignSpec,
    description: InstrumentDescription,
    axes: Mapping[str, AxisDescription],
    trials: Sequence[Trial],
    plan_seconds: float | None,
) -> Foresight:
    """Reckon duration, travel and exposure up from the rehearsed trials.

    Axes of one trial move at once. Where the axes stand before the first trial is not known, so that way is left out. Routines
    between the trials are reckoned apart: on paper no time passes, so those that run by the clock do not come up by themselves.
    """
    plans = description.plans
    measured = [trial for trial in trials if trial.observation is not None and trial.kind.is_scored]
    exposure_s = fmean([spec.measure.counting_s(trial.point) for trial in measured] or [0.0])
    each = exposure_s if plan_seconds is None else max(plan_seconds, exposure_s)
    moves = [seconds_to_move(one.point, other.point, axes) for one, other in pairwise(measured)]
    dead = sum(trial.observation.dead_s or 0.0 for trial in measured if trial.observation is not None)
    n_real = _trials_in_time(spec, moves, each, dead, len(measured), plans)
    scale = n_real / len(measured) if measured else 0.0
    upkeep = foresee_routines(spec, plans, n_real, (sum(moves) + dead) * scale + each * n_real)
    return Foresight(
        outcome=outcome,
        trials=n_real,
        moving_s=sum(moves) * scale,
        measuring_s=each * n_real,
        thinking_s=dead * scale,
        routines=upkeep,
        exposure_s=exposure_s * n_real + sum(routine.exposure_s for routine in upkeep),
        dose=_dose(description.dose, exposure_s, n_real, upkeep),
        dose_unit=description.dose_unit,
        travel={name: way * scale for name, way in _travel(measured, axes).items()},
        units={name: axis.parameter.unit for name, axis in axes.items()},
        notes=(*_notes(spec, axes, plan_seconds), *unknown_seconds(spec, plans), *_unknown_dose(description.dose)),
    )


def _dose(rule: DoseRule | None, exposure_s: float, n_trials: int, upkeep: Sequence[RoutineForesight]) -> float | None:
    """Return the dose of all trials and routines; None where it takes a reading to tell."""
    if rule is None or rule.signal is not None:
        return None
    exposures = [(n_trials, exposure_s)]
    exposures += [(each.times, each.exposure_s / each.times) for each in upkeep if each.times and each.kind != "dark"]
    return sum(times * (rule.of(seconds, None) or 0.0) for times, seconds in exposures)


def _unknown_dose(rule: DoseRule | None) -> Sequence[str]:
    return () if rule is None or rule.signal is None else (f"the dose, which follows what {rule.signal} reads",)


def _trials_in_time(
    spec: CampaignSpec, moves: Sequence[float], each: float, dead: float, n_rehearsed: int, plans: Mapping[str, PlanDescription]
) -> int:
    """Return how many trials the real budget pays for, at the rehearsal's pace."""
    if not n_rehearsed:
        return 0
    pace = pace_with_routines(spec, plans, (sum(moves) + dead) / n_rehearsed + each)
    wanted = spec.budget.trials if spec.budget.trials is not None and n_rehearsed == _MOST_TRIALS else n_rehearsed
    if spec.budget.wall_time is None or pace <= 0:
        return wanted
    if spec.budget.trials is None:
        return max(1, int(spec.budget.wall_time // pace))
    return max(1, min(wanted, int(spec.budget.wall_time // pace)))


def seconds_to_move(start: Mapping[str, Any], end: Mapping[str, Any], axes: Mapping[str, AxisDescription]) -> float:
    """Return how long a move takes at the axes' speeds; those without one take no time."""
    times = [
        abs(float(end[name]) - float(start[name])) / axis.speed
        for name, axis in axes.items()
        if axis.speed is not None and not isinstance(end[name], str)
    ]
    return max(times, default=0.0)


def _travel(trials: Sequence[Trial], axes: Mapping[str, AxisDescription]) -> Mapping[str, float]:
    moved = {name for name, axis in axes.items() if axis.field and not any(isinstance(trial.point[name], str) for trial in trials)}
    return {
        name: sum(abs(float(other.point[name]) - float(one.point[name])) for one, other in pairwise(trials))
        for name in axes
        if name in moved
    }


def _notes(spec: CampaignSpec, axes: Mapping[str, AxisDescription], plan_seconds: float | None) -> Sequence[str]:
    call, slow = spec.measure.plan, [name for name, axis in axes.items() if axis.field and axis.speed is None]
    notes: list[str] = []
    if slow:
        notes.append(f"the speed of {', '.join(slow)} is not known, so its moves take no time here; give axes.NAME.speed in the site file")
    if call is not None and plan_seconds is None:
        notes.append(f"how long {call.name} takes is not known; give plans.{call.name}.seconds in the site file")
    return notes
