"""Everything about one campaign that a person asks first, in one answer."""

from datetime import datetime

from orchestrator.api.following import Followed
from orchestrator.api.shown.awaited import shown_wait
from orchestrator.api.shown.front import shown_front
from orchestrator.api.shown.glance import estimated_end, shown_best, shown_standing
from orchestrator.api.shown.night import shown_night
from orchestrator.api.shown.references import shown_references
from orchestrator.api.shown.samples import shown_place, shown_samples
from orchestrator.api.shown.waiting import waiting_approval
from orchestrator.domain.analysis import answers_later
from orchestrator.domain.campaign import CampaignState, Status, TrialStatus
from orchestrator.domain.samples import SamplesSpec
from orchestrator.domain.space import Continuous, Integer, Parameter, is_logarithmic
from orchestrator.domain.spec import Budget, CandidatesArtefact
from orchestrator.queries.believed import believed_best
from orchestrator.queries.calibration import latest_coverage
from orchestrator.queries.instruments import instrument_id
from orchestrator.queries.units import axis_unit
from orchestrator.wire.campaigns import CampaignStatus, ParameterShown, Spent
from orchestrator.wire.orders import Action

_PERSONS_ACTIONS: tuple[Action, ...] = ("suggest", "amend", "note")


def shown_status(
    followed: Followed, *, runner: str, n_commands: int, now: datetime, documents: tuple[str, ...] = (), part: Followed | None = None
) -> CampaignStatus:
    """Return a campaign's status.

    Args:
        followed: The campaign as of its last event.
        runner: The living process that drives it; empty when there is none.
        n_commands: How many commands lie in its inbox.
        now: UTC.
        documents: What of them is not where it belongs, in words.
        part: Of a campaign over samples, the part that runs: what waits for a person there waits here, too.
    """
    state, doing = followed.state, part or followed
    has_runner = bool(runner)
    dead = followed.dead
    return CampaignStatus(
        campaign=followed.campaign,
        name=state.spec.name,
        status=str(state.shown_status),
        succeeded=_succeeded(state.status),
        is_run=has_runner,
        runner=runner,
        standing=shown_standing(followed, has_runner=has_runner, part=part),
        reason=state.reason,
        phase=_phase(state),
        created_at=state.created_at,
        started_at=state.started_at,
        ends_at=state.ends_at,
        updated_at=state.updated_at,
        estimated_end=estimated_end(followed, now, part),
        now=now,
        objectives=state.objectives,
        space=tuple(_parameter(state, name) for name in state.spec.space),
        constraints=tuple(_constraints(state)),
        n_candidates=_n_candidates(state),
        n_trials=len(state.trials),
        n_scored=state.n_scored,
        best=shown_best(state),
        believed=believed_best(state),
        front=shown_front(state, followed.front),
        spent=_spent(state, now),
        budget=_budget(state),
        target=state.spec.stop.target,
        dead_s=None if dead is None else dead.median_s,
        dead_p95_s=None if dead is None else dead.p95_s,
        n_recoveries=followed.n_recoveries,
        n_repeated=followed.n_repeated,
        interlocks={name: name not in doing.state.lost_interlocks for name in doing.state.instrument.interlocks},
        waiting=waiting_approval(doing.campaign, doing.state, doing.then),
        analysis=shown_wait(state),
        references=shown_references(state),
        predictions=latest_coverage(state),
        samples=shown_samples(state),
        night=shown_night(followed, part),
        part_of=shown_place(followed.campaign),
        documents=documents,
        current=None if state.current is None else followed.trial(state.current.number),
        agent=state.spec.agent.type,
        instrument=state.spec.instrument.type,
        instrument_id=instrument_id(state.instrument.identity, followed.campaign),
        approval=state.spec.approval.mode,
        n_commands=n_commands,
        allowed=_allowed(state, has_runner),
        seq=state.seq,
        head=followed.head,
    )


def _budget(state: CampaignState) -> Budget | None:
    """Return the budget; None where samples are limited by their stages only."""
    written = state.spec.budget.model_dump(exclude_none=True)
    return Budget.model_validate(written) if written else None


def _succeeded(status: Status) -> bool | None:
    if status is Status.COMPLETED:
        return True
    return False if status in (Status.ABORTED, Status.FAILED) else None


def _phase(state: CampaignState) -> str:
    trial, running = state.current, state.parts.running
    if state.status is not Status.RUNNING:
        return str(state.shown_status)
    if running is not None:
        return f"{running.sample} {running.stage}"
    if trial is None:
        return f"choosing trial {len(state.trials) + 1}"
    attempt = f", attempt {trial.attempt}" if trial.attempt > 1 else ""
    return f"trial {trial.number}{attempt}: {trial.status}"


def _parameter(state: CampaignState, name: str) -> ParameterShown:
    parameter = state.spec.space[name]
    axis = state.instrument.axes.get(name)
    lower, upper = _limits(parameter)
    device_lower, device_upper = _limits(axis.parameter) if axis is not None else (None, None)
    return ParameterShown(
        name=name,
        type=parameter.type,
        unit=axis_unit(state, name),
        lower=lower,
        upper=upper,
        scale="log" if is_logarithmic(parameter) else "linear",
        values=() if isinstance(parameter, Continuous | Integer) else tuple(parameter.values),
        fixed=state.spec.fixed.get(name),
        device_lower=device_lower,
        device_upper=device_upper,
    )


def _limits(parameter: Parameter) -> tuple[float | None, float | None]:
    return parameter.limits if isinstance(parameter, Continuous | Integer) else (None, None)


def _constraints(state: CampaignState) -> list[str]:
    shown: list[str] = []
    for constraint in state.spec.constraints:
        lower = "" if constraint.lower is None else f"{constraint.lower:g} ≤ "
        upper = "" if constraint.upper is None else f" ≤ {constraint.upper:g}"
        shown.append(f"{lower}{constraint}{upper}")
    return shown


def _n_candidates(state: CampaignState) -> int | None:
    candidates = state.spec.candidates
    return candidates.n if isinstance(candidates, CandidatesArtefact) else None


def _spent(state: CampaignState, now: datetime) -> tuple[Spent, ...]:
    budget = state.spec.budget
    until = now if not state.status.is_final else state.updated_at or now
    wall_s = 0.0 if state.started_at is None else max(0.0, (until - state.started_at).total_seconds())
    limit_s = None if state.ends_at is None or state.started_at is None else (state.ends_at - state.started_at).total_seconds()
    return (
        Spent(name="trials", unit="", used=state.n_counted, limit=budget.trials),
        Spent(name="exposure", unit="s", used=state.exposure_s, limit=budget.exposure),
        Spent(name="dose", unit=state.instrument.dose_unit, used=state.dose, limit=budget.dose),
        Spent(name="wall_time", unit="s", used=wall_s, limit=limit_s),
    )


def _allowed(state: CampaignState, has_runner: bool) -> tuple[Action, ...]:
    """Return what makes sense now, for somebody with the role for it."""
    if state.status.is_final:
        return ("note",)
    if state.status is Status.CREATED:
        return ("start", "abort", *_PERSONS_ACTIONS)
    is_running = state.status is Status.RUNNING
    pause: tuple[Action, ...] = ("pause",) if is_running else ()
    resume: tuple[Action, ...] = ("resume",) if not is_running or not has_runner else ()
    stop: tuple[Action, ...] = ("stop", "safe-stop") if state.status is not Status.STOPPED else ()
    if isinstance(state.spec, SamplesSpec):
        return (*pause, *resume, *stop, "abort", "skip", "amend", "note")
    score: tuple[Action, ...] = ("score",) if answers_later(state) and state.trials else ()
    return (*pause, *resume, *stop, "abort", *_decisions(state), *_PERSONS_ACTIONS, *score)


def _decisions(state: CampaignState) -> tuple[Action, ...]:
    trial = state.current
    if trial is not None and trial.status is TrialStatus.WAITING:
        return ("approve", "edit", "veto")
    is_ambiguous = trial is not None and state.status is Status.HELD and trial.status is TrialStatus.STARTED
    return ("approve", "veto") if is_ambiguous else ()
