"""From an allowed suggestion to an observation that counts."""

from orchestrator.domain import events as ev
from orchestrator.domain.campaign import Trial
from orchestrator.domain.dose import expected_dose
from orchestrator.domain.instrument import MeasureRequest
from orchestrator.domain.operations import Dark
from orchestrator.domain.ports import InstrumentStatus, Measured, NotMeasured, Refused, Settled, Unknown
from orchestrator.domain.protocols import ReviewContext
from orchestrator.domain.records import Answer, Observation, TrialKind, Verdict, gravest
from orchestrator.domain.upkeep import counting_s, in_force, routine_of
from orchestrator.engine.context import Engine
from orchestrator.engine.orders import is_interrupting, take_answers


def review(engine: Engine, number: int) -> None:
    """Let the guardians answer a suggestion before anything moves."""
    trial = engine.state.trial(number)
    status = engine.executor.status()
    note_lost(engine, status)
    context = _context(engine, status)
    verdicts = tuple(guardian.review(trial, context) for guardian in engine.guardians.values())
    is_theirs = trial.kind.is_scored and trial.role != "human"
    needs_approval = is_theirs and engine.state.spec.approval.is_needed(number - engine.state.n_earlier)
    bound_to = ev.suggestion_hash(number, trial.point)
    reviewed = ev.TrialReviewed(trial=number, verdicts=verdicts, needs_approval=needs_approval, suggestion_hash=bound_to)
    engine.book.record(reviewed, "guardians")
    _obey(engine, verdicts)


def _context(engine: Engine, status: InstrumentStatus) -> ReviewContext:
    return ReviewContext(engine.state, engine.space, engine.state.instrument, status.positions, engine.clock.now())


def _obey(engine: Engine, verdicts: tuple[Verdict, ...]) -> None:
    """Pause or stop the campaign when a guardian says so."""
    answer = gravest(verdicts)
    reason = "; ".join(verdict.reason for verdict in verdicts if verdict.answer is answer)
    match answer:
        case Answer.PAUSE:
            engine.book.record(ev.CampaignPaused(reason=reason), "guardians")
        case Answer.STOP:
            engine.book.record(ev.CampaignStopped(reason=reason), "guardians")
        case _:
            pass


def measure(engine: Engine, number: int, attempt: int) -> None:
    """Record the intent, then settle the attempt. Nothing may move before the intent is durable."""
    uses = in_force(engine.state, engine.state.trial(number))
    engine.book.record(ev.TrialStarted(trial=number, attempt=attempt, uses=uses))
    engine.book.flush()
    settle(engine, number, attempt, is_retry=False)


def settle(engine: Engine, number: int, attempt: int, *, is_retry: bool) -> None:
    """Find out what became of a recorded start, measuring it if nothing moved yet."""
    trial = engine.state.trial(number)
    engine.show(*_phase(trial, attempt))
    settled = engine.executor.settle(
        _request(engine, trial, attempt),
        is_retry=is_retry,
        interrupted=lambda: _attend(engine),
        meanwhile=engine.think_ahead,
    )
    _record_outcome(engine, trial, attempt, settled)


def _phase(trial: Trial, attempt: int) -> tuple[str, str]:
    detail = f"trial {trial.number}, attempt {attempt}"
    return ("carrying out", f"{trial.routine} ({trial.evidence.reason}), {detail}") if trial.routine else ("measuring", detail)


def _attend(engine: Engine) -> bool:
    """Take what analyses answer meanwhile, so that the agent thinks with it; return whether the trial is to end now."""
    if take_answers(engine):
        engine.think_ahead()
    return is_interrupting(engine)


def _request(engine: Engine, trial: Trial, attempt: int) -> MeasureRequest:
    spec, routine = engine.state.spec, routine_of(engine.state, trial)
    call = None if routine is None else routine.call
    return MeasureRequest(
        campaign=engine.campaign,
        trial=trial.number,
        attempt=attempt,
        kind=trial.kind,
        point=trial.point,
        exposure_s=counting_s(engine.state, trial),
        signals=_signals(engine, trial.kind),
        plan=call or (None if trial.kind is TrialKind.FINISH else spec.measure.plan),
        derive=spec.measure.derive,
        dark=_dark_in_force(engine, trial),
        keeps_all=call is not None,
        uses=trial.uses,
        seed=spec.seed,
        token=engine.instrument_lease.token,
        ledger_head=engine.book.head,
        metadata=spec.metadata,
    )


def _signals(engine: Engine, kind: TrialKind) -> tuple[str, ...]:
    """Return what a trial reads; a dark also what it is taken for."""
    signals = engine.state.spec.measure.signals or tuple(engine.state.instrument.signals)
    return tuple(dict.fromkeys((*signals, *_darkened(engine)))) if kind is TrialKind.DARK else signals


def _darkened(engine: Engine) -> tuple[str, ...]:
    """Return the signals from which a dark trial is taken off."""
    derive = engine.state.spec.measure.derive
    return tuple(name for name, operation in derive.items() if isinstance(operation, Dark) and operation.dark is None)


def _dark_in_force(engine: Engine, trial: Trial) -> Observation | None:
    """Return what the dark that the trial uses gave, for signals from which it is taken off; None where none needs it."""
    if not _darkened(engine):
        return None
    used = [engine.state.trial(number) for number in trial.uses.values()]
    darks = [each for each in used if each.kind is TrialKind.DARK]
    return max(darks, key=lambda dark: dark.number).observation if darks else None


def _record_outcome(engine: Engine, trial: Trial, attempt: int, settled: Settled) -> None:
    match settled:
        case Measured(observation):
            _record_observation(engine, trial, engine.idling.over(_with_dose(engine, observation)))
        case Unknown(reason) | NotMeasured(reason):
            engine.idling.lose_track()
            _record_ambiguous(engine, trial, attempt, reason)
        case Refused(reason, breaches):
            note_lost(engine, InstrumentStatus({}, {**engine.executor.status().lost, **{breach.interlock: breach for breach in breaches}}))
            told = f"refused before anything moved: {reason}"
            again = ev.TrialRemeasured(trial=trial.number, attempt=attempt, reason=told, is_refused=True)
            engine.book.record(again)


def _with_dose(engine: Engine, observation: Observation) -> Observation:
    """Return the observation, its dose reckoned from those before it where its own is not known: it must not pass for nothing."""
    if observation.dose is not None or not engine.state.dose:
        return observation
    return observation.model_copy(update={"dose": expected_dose(engine.state, observation.exposure_s)})


def _record_ambiguous(engine: Engine, trial: Trial, attempt: int, reason: str) -> None:
    """The attempt may have moved or exposed something: repeat it on record, or ask a person."""
    if engine.state.spec.on_ambiguous == "hold":
        engine.book.record(ev.CampaignHeld(reason=f"trial {trial.number}, attempt {attempt}: {reason}; resume to measure it again"))
    else:
        engine.book.record(ev.TrialRemeasured(trial=trial.number, attempt=attempt, reason=reason))
    note_lost(engine, engine.executor.status())


def _record_observation(engine: Engine, trial: Trial, observation: Observation) -> None:
    context = ReviewContext(engine.state, engine.space, engine.state.instrument, observation.readback, engine.clock.now())
    verdicts = tuple(guardian.inspect(trial, observation, context) for guardian in engine.guardians.values())
    answer = gravest(verdicts)
    if answer is Answer.ALLOW:
        engine.book.record(ev.TrialMeasured(trial=trial.number, observation=observation, verdicts=verdicts), "instrument")
        return
    reason = "; ".join(verdict.reason for verdict in verdicts if verdict.answer is answer)
    engine.book.record(
        ev.TrialRemeasured(trial=trial.number, attempt=observation.attempt, reason=reason, verdicts=verdicts, rejected=observation),
        "guardians",
    )
    if answer is Answer.VETO:
        engine.book.record(ev.TrialFailed(trial=trial.number, reason=reason), "guardians")
    elif answer is Answer.HOLD:
        engine.book.record(ev.CampaignHeld(reason=reason), "guardians")
    _obey(engine, verdicts)
    note_lost(engine, engine.executor.status())


def note_lost(engine: Engine, status: InstrumentStatus) -> None:
    """Record interlocks that were lost or returned since the last look."""
    for name, breach in status.lost.items():
        if breach.until is None or name not in engine.state.lost_interlocks:
            _lose(engine, name, breach.value)
        if breach.until is not None and engine.state.settling.get(name) != breach.until:
            engine.book.record(ev.InterlockReturned(interlock=name, until=breach.until), "instrument")
    now = engine.clock.now()
    for name in engine.state.lost_interlocks - set(status.lost):
        if engine.state.settling.get(name, now) <= now:  # a new instrument process knows of no wait that began before it
            engine.book.record(ev.InterlockReturned(interlock=name), "instrument")


def _lose(engine: Engine, interlock: str, value: float | str | None) -> None:
    if interlock not in engine.state.lost_interlocks or interlock in engine.state.settling:
        engine.book.record(ev.InterlockLost(interlock=interlock, value=value), "instrument")
