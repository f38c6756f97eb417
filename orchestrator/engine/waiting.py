"""Waiting for people, for interlocks and for late answers, always listening to orders."""

from datetime import datetime

from orchestrator.domain import events as ev
from orchestrator.domain.analysis import waiting_since
from orchestrator.domain.campaign import Status
from orchestrator.engine.context import Engine
from orchestrator.engine.measuring import note_lost
from orchestrator.engine.orders import take_orders
from orchestrator.processes import this_person
from orchestrator.wording import in_minutes, in_words

POLL_SECONDS = 0.2


def await_approval(engine: Engine, number: int, until: datetime | None) -> None:
    """Wait until somebody approves or vetoes, anywhere, or the wait is over."""
    engine.book.flush()
    trial = engine.state.trial(number)
    engine.show("waiting for approval", "" if until is None else f"until {until:%H:%M:%S} UTC")
    match engine.live.decide(trial):
        case "approve":
            bound_to = ev.suggestion_hash(number, trial.point)
            engine.book.record(ev.TrialApproved(trial=number, suggestion_hash=bound_to), this_person())
        case "veto":
            engine.book.record(ev.TrialVetoed(trial=number, note="vetoed at the terminal"), this_person())
        case None:
            take_orders(engine)
            if engine.state.is_waiting_for_approval:
                engine.clock.wait(POLL_SECONDS)


def expire_approval(engine: Engine, number: int) -> None:
    """Silence never approves."""
    note = f"nobody answered within {engine.state.spec.approval.timeout:g} s"
    match engine.state.spec.approval.on_timeout:
        case "skip":
            engine.book.record(ev.TrialVetoed(trial=number, note=note, is_timeout=True))
        case "fallback":
            engine.book.record(ev.TrialVetoed(trial=number, note=note, is_timeout=True, use_fallback=True))
        case "pause":
            engine.book.record(ev.CampaignPaused(reason=f"trial {number}: {note}"))


def await_interlocks(engine: Engine) -> None:
    """Wait until the interlocks hold again."""
    engine.book.flush()
    engine.show(*_awaited_interlocks(engine))
    note_lost(engine, engine.executor.status())
    if engine.state.lost_interlocks:
        take_orders(engine)
        engine.clock.wait(POLL_SECONDS)


def _awaited_interlocks(engine: Engine) -> tuple[str, str]:
    """Return ``waiting for beam``, or, once all are back, ``waiting for beam to settle`` and how long still."""
    state = engine.state
    names = ", ".join(sorted(state.lost_interlocks))
    if state.lost_interlocks - state.settling.keys():
        return f"waiting for {names}", ""
    left_s = max(0.0, (max(state.settling.values()) - engine.clock.now()).total_seconds())
    return f"waiting for {names} to settle", f"{in_minutes(left_s)} left"


def await_person(engine: Engine) -> None:
    """Wait until somebody resumes, stops or aborts."""
    engine.book.flush()
    engine.show(str(engine.state.shown_status), engine.state.reason)
    take_orders(engine)
    if engine.state.status in (Status.PAUSED, Status.HELD):
        engine.clock.wait(POLL_SECONDS)


def await_answers(engine: Engine) -> None:
    """Wait for analysis that answers later; an answer in the inbox is taken by the loop's next look."""
    engine.book.flush()
    engine.show("waiting for analysis", _awaited(engine))
    engine.clock.wait(POLL_SECONDS)


def _awaited(engine: Engine) -> str:
    """Return ``4 trials, the oldest for 3 min``."""
    n, since = len(engine.state.awaiting), waiting_since(engine.state)
    oldest = "" if since is None else f"{', the oldest' if n > 1 else ''} for {in_words((engine.clock.now() - since).total_seconds())}"
    return f"{n} trial{'' if n == 1 else 's'}{oldest}"
