"""The interpreter: performs one action after another until nothing is left to do."""

import contextlib
from typing import assert_never

from orchestrator.domain import events as ev
from orchestrator.domain.campaign import CampaignState, Status
from orchestrator.domain.errors import (
    ArtefactMissing,
    FramesUnreadable,
    InstrumentError,
    LeaseLost,
    LedgerFull,
    NightshiftError,
    RewardError,
)
from orchestrator.domain.events import LedgerEvent
from orchestrator.domain.records import Score
from orchestrator.engine import actions as act
from orchestrator.engine import waiting
from orchestrator.engine.context import Engine
from orchestrator.engine.meanings import end_time
from orchestrator.engine.measuring import measure, review, settle
from orchestrator.engine.news import headline
from orchestrator.engine.next_action import next_action
from orchestrator.engine.orders import is_interrupting, refuse_the_rest, take_beginnings, take_orders
from orchestrator.engine.recovery import recover
from orchestrator.engine.suggesting import suggest, suggest_last_move, suggest_routine


def drive(engine: Engine) -> CampaignState:
    """Drive a campaign until it ends, or until a person is needed and the engine is not to wait.

    Call it again after any crash: it first makes the hardware safe and settles what was started.

    Raises:
        LeaseLost: Another runner took over; nothing more was recorded or moved.
        NightshiftError: What ended the campaign; the safe state is in force and the campaign is recorded as failed.
    """
    engine.book.listen(lambda events: _tell_news(engine, events))
    try:
        recover(engine)
        _run(engine)
    except LeaseLost:
        raise  # the instrument is another runner's now: not even the safe state is ours to put in force
    except LedgerFull as error:
        _end_badly(engine, ev.CampaignPaused(reason=f"{error}; free space, then resume"))
        raise
    except BaseException as error:  # the loop's outer edge: whatever it is, the instrument must not be left as it stands
        _end_badly(engine, ev.CampaignFailed(reason=f"{type(error).__name__}: {error}"))
        raise
    return engine.state


def _tell_news(engine: Engine, events: tuple[LedgerEvent, ...]) -> None:
    for event in events:
        told = headline(event)
        if told is not None:
            engine.show(*told, is_news=True)


def _run(engine: Engine) -> None:
    while True:
        if _listens(engine):
            take_orders(engine)
        now = engine.clock.now()
        action = next_action(engine.state, now)
        engine.idling.note(now, is_waiting=isinstance(action, act.Wait))
        if isinstance(action, act.Leave) or (_needs_person(action) and not engine.is_patient):
            break
        _perform_unless_stopped(engine, action)
    engine.book.flush()
    if engine.state.status.is_final:
        refuse_the_rest(engine)
    if engine.state.status in (Status.STOPPED, Status.ABORTED):
        _secure(engine, str(engine.state.status))
        engine.book.flush()


def _perform_unless_stopped(engine: Engine, action: act.Action) -> None:
    """Carry out one action. Safe-stop orders a stop and kills the instrument process in one breath: that is no failure."""
    try:
        perform(engine, action)
    except InstrumentError:
        if not is_interrupting(engine):
            raise


def _listens(engine: Engine) -> bool:
    """Return whether orders are taken now: between trials, and those that interrupt a trial also before anything moves for it."""
    return engine.state.current is None or is_interrupting(engine)


def _needs_person(action: act.Action) -> bool:
    return isinstance(action, act.AwaitPerson | act.AwaitApproval)


def perform(engine: Engine, action: act.Action) -> None:
    """Carry out one action."""
    match action:
        case act.Begin():
            _begin(engine)
        case act.Ask(role):
            suggest(engine, role)
        case act.CarryOut(routine, why):
            suggest_routine(engine, routine, why)
        case act.Review(trial):
            review(engine, trial)
        case act.AwaitApproval(trial, until):
            waiting.await_approval(engine, trial, until)
        case act.ExpireApproval(trial):
            waiting.expire_approval(engine, trial)
        case act.AwaitInterlocks():
            waiting.await_interlocks(engine)
        case act.Measure(trial, attempt):
            measure(engine, trial, attempt)
        case act.Resettle(trial, attempt):
            settle(engine, trial, attempt, is_retry=True)
        case act.Score(trial):
            _score(engine, trial)
        case act.GiveUp(trial, reason):
            engine.book.record(ev.TrialFailed(trial=trial, reason=reason))
        case act.MoveAtEnd(point):
            suggest_last_move(engine, point)
        case act.AwaitAnswers():
            waiting.await_answers(engine)
        case act.AwaitPerson():
            waiting.await_person(engine)
        case act.Pause(reason):
            engine.book.record(ev.CampaignPaused(reason=reason))
        case act.Hold(reason):
            engine.book.record(ev.CampaignHeld(reason=reason))
        case act.Stop(reason):
            engine.book.record(ev.CampaignStopped(reason=reason))
        case act.Complete(reason):
            engine.book.record(ev.CampaignCompleted(reason=reason))
        case act.Leave():
            pass
        case _:
            assert_never(action)


def _begin(engine: Engine) -> None:
    """Start; whoever asked for it is named as the one who did."""
    asked = take_beginnings(engine, "start")
    positions = engine.executor.status().positions
    now = engine.clock.now()
    started = ev.CampaignStarted(ends_at=end_time(engine.state.spec.budget, now, now), start_positions=positions)
    engine.book.record(started, asked[0].actor if asked else "engine")
    engine.book.flush()
    for command in asked:
        engine.ledger.finish(command)


def _score(engine: Engine, number: int) -> None:
    """Let the rewards judge; a reading that cannot be judged fails its trial, not the campaign."""
    observation = engine.state.trial(number).observation
    if observation is None:
        raise AssertionError(f"trial {number} is measured without an observation")
    try:
        told = engine.judge.score(observation)
    except (RewardError, ArtefactMissing, FramesUnreadable) as error:
        engine.book.record(ev.TrialFailed(trial=number, reason=str(error)), "rewards")
    else:
        is_whole = len(told) == len(engine.judge.rewards)
        scored = ev.TrialScored(trial=number, score=Score(objectives=told)) if is_whole else ev.TrialAwaiting(trial=number, known=told)
        engine.book.record(scored, "rewards")
    engine.show("scored")


def _secure(engine: Engine, cause: str) -> None:
    actions = engine.executor.secure(cause)
    engine.book.record(ev.InstrumentSecured(cause=cause, actions=actions), "instrument")


def _end_badly(engine: Engine, last: ev.LedgerData) -> None:
    """Make the instrument safe first; then say so, if the ledger still lets us."""
    actions = engine.executor.secure(last.type)
    with contextlib.suppress(NightshiftError, OSError):
        engine.book.reload()
        engine.book.record(ev.InstrumentSecured(cause=last.type, actions=actions), "instrument")
        engine.book.record(last)
        engine.book.flush()
