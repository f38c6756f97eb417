"""What a campaign over samples does next: a pure function of its state and the time."""

from dataclasses import dataclass
from datetime import datetime

from orchestrator.domain.campaign import CampaignState, Status, Trial
from orchestrator.domain.ending import why_finish
from orchestrator.domain.limits import limited_value
from orchestrator.domain.parts import Parts
from orchestrator.domain.samples import Sample, SamplesSpec, in_order, required_by
from orchestrator.domain.spec import Budget
from orchestrator.engine import actions as act


@dataclass(frozen=True, slots=True)
class RunPart:
    """Take one sample through one stage, or go on with it."""

    sample: Sample
    stage: str


Step = act.Begin | act.AwaitPerson | act.Leave | act.Complete | RunPart


def next_step(spec: SamplesSpec, state: CampaignState, now: datetime) -> Step:
    """Return what to do next."""
    if state.status is Status.CREATED:
        return act.Begin()
    if state.status in (Status.PAUSED, Status.HELD):
        return act.AwaitPerson()
    if state.status is not Status.RUNNING:
        return act.Leave()
    running = state.parts.running
    if running is not None:
        return RunPart(spec.sample(running.sample), running.stage)
    following = next_part(spec, state.parts)
    reason = None if following is None else why_finish(state, now)
    if following is None or reason is not None:
        return act.Complete(". ".join(part for part in (reason, what_became(spec, state.parts)) if part))
    return following


def next_part(spec: SamplesSpec, parts: Parts) -> RunPart | None:
    """Return the next sample and stage; None when nothing is left to do."""
    stages = in_order(spec)
    by_sample = ((sample, stage) for sample in spec.samples for stage in stages)
    by_stage = ((sample, stage) for stage in stages for sample in spec.samples)
    places = by_sample if spec.order == "sample" else by_stage
    return next((RunPart(sample, stage) for sample, stage in places if _is_due(spec, parts, sample.id, stage)), None)


def _is_due(spec: SamplesSpec, parts: Parts, sample: str, stage: str) -> bool:
    if parts.at(sample, stage) is not None or (sample in parts.skipped and not spec.stages[stage].always):
        return False
    required = (parts.at(sample, name) for name in required_by(spec, stage))
    return all(part is not None and part.is_passed for part in required)


def what_became(spec: SamplesSpec, parts: Parts) -> str:
    """Return ``10 of 12 samples went through every stage; A4: load failed: no sample at position 4``."""
    through = sum(parts.is_through(sample.id, spec.stages) for sample in spec.samples)
    counted = f"{through} of {len(spec.samples)} samples went through every stage"
    return "; ".join((counted, *(f"{sample}: {why}" for sample, why in parts.skipped.items())))


def why_failed(spec: SamplesSpec, stage: str, part: CampaignState) -> str | None:
    """Return why a part that is over has failed; None if it succeeded."""
    if part.status is not Status.COMPLETED:
        return part.reason or str(part.status)
    if part.best_trial is None:
        notes = [trial.note for trial in part.trials if trial.note]
        return f"nothing was scored{': ' if notes else ''}{notes[-1] if notes else ''}"
    for name, limit in spec.stages[stage].succeeds_when.items():
        value = _best_value(name, part.best_trial)
        if value is None:
            return f"{name} was not measured, and succeeds_when asks for {limit.in_words(name)}"
        if not limit.keeps(value):
            return f"the best has {name} = {value:.6g}, and succeeds_when asks for {limit.in_words(name)}"
    return None


def _best_value(name: str, best: Trial) -> float | None:
    return limited_value(name, best.observation, best.score)


def left_of(state: CampaignState, now: datetime) -> Budget | None:
    """Return what the whole may still spend; None where it is limited by its stages only. Never nothing: that is looked at before."""
    budget = state.spec.budget
    left = {
        "trials": None if budget.trials is None else max(1, budget.trials - state.n_counted),
        "exposure": None if budget.exposure is None else max(1e-9, budget.exposure - state.exposure_s),
        "dose": None if budget.dose is None else max(1e-9, budget.dose - state.dose),
        "wall_time": None if state.ends_at is None else max(1e-3, (state.ends_at - now).total_seconds()),
    }
    given = {name: value for name, value in left.items() if value is not None}
    return Budget.model_validate(given) if given else None
