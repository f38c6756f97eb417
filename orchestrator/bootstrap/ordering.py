"""People's commands, from anywhere: sent to the runner if it lives, carried out here if it does not."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import cast

from pydantic import JsonValue

from orchestrator.bootstrap import assembling
from orchestrator.bootstrap.carried_out import told_of
from orchestrator.bootstrap.clock import WallClock
from orchestrator.bootstrap.lease_keeper import LeaseKeeper
from orchestrator.bootstrap.reading import find, load_state
from orchestrator.bootstrap.workplace import Workplace
from orchestrator.domain import events as ev
from orchestrator.domain.access import Role
from orchestrator.domain.base import Point, Setting
from orchestrator.domain.campaign import CampaignState, Status
from orchestrator.domain.errors import BadInput, Busy, WrongState
from orchestrator.domain.parts import whole_of
from orchestrator.domain.ports import Command, Verb
from orchestrator.domain.samples import SamplesSpec
from orchestrator.domain.space import Continuous, Integer, Parameter
from orchestrator.engine.answers import is_early
from orchestrator.engine.book import Book
from orchestrator.engine.meanings import meaning, point_of
from orchestrator.engine.orders import not_carried_out
from orchestrator.store.holders import is_alive, this_holder

PATIENCE_SECONDS = 5.0
"""How long to wait for a runner to take a command before saying that it lies in the inbox."""

_POLL_SECONDS = 0.1
_NEEDS_A_RUNNER = ("start", "resume")
_OF_A_TRIAL = ("approve", "veto", "edit", "suggest", "score")
"""What a campaign over samples leaves to the part that runs."""


@dataclass(frozen=True, slots=True)
class Ordered:
    """What became of a command."""

    text: str
    """One sentence."""
    is_taken: bool
    """Whether it took effect; otherwise it lies in the inbox, which survives a crash."""
    status: str


def has_runner(workplace: Workplace, campaign: str) -> bool:
    """Return whether a living runner, or one on another host that was heard of lately, drives the campaign."""
    found = workplace.ledger.holder(f"campaign:{campaign}")
    if found is None:
        return False
    holder, _lease, expires_at = found
    is_elsewhere = holder.host != this_holder().host
    return expires_at > datetime.now(UTC) and (is_elsewhere or is_alive(holder))


def order(
    workplace: Workplace,
    verb: str,
    campaign: str,
    *,
    trial: int | None = None,
    note: str = "",
    is_now: bool = False,
    suggestion_hash: str = "",
    content: Mapping[str, JsonValue] | None = None,
    role: Role = Role.ADMIN,
    actor: str,
    patience: float = PATIENCE_SECONDS,
) -> Ordered:
    """Carry out a command, or leave it where the runner, or the supervisor that starts one, finds it.

    Args:
        workplace: Where the campaign is.
        verb: See ``Verb``.
        campaign: Its id, a unique beginning of it, or ``last``.
        trial: What an approval, edit, veto or score is about.
        note: Why; kept in the ledger.
        is_now: For ``pause``: interrupt the trial in progress.
        suggestion_hash: What an approval, edit or veto is bound to.
        content: ``{"point": …}`` to edit and suggest, ``{"change": …}`` to amend, ``{"text": …}`` to note, an ``AnalysisAnswer`` to score.
        role: What the sender may do.
        actor: Who; named in the ledger.
        patience: Seconds to wait for a runner to take it.

    Raises:
        BadInput: If the campaign is in no state for it, or what it asks for is not possible.
    """
    campaign = find(workplace, campaign)
    if verb in ("start", "resume"):
        campaign = whole_of(campaign)
    state = load_state(workplace, campaign)
    if state.parts.running is not None and verb in _OF_A_TRIAL and workplace.ledger.last_seq(state.parts.running.id):
        campaign = state.parts.running.id
        state = load_state(workplace, campaign)
    command = Command(
        0, campaign, datetime.now(UTC), actor, cast(Verb, verb), trial, note, is_now, suggestion_hash, dict(content or {}), role
    )
    if verb == "note" and state.status.is_final:
        return _note_afterwards(workplace, command, state)
    if is_early(command, state):
        return _send(workplace, command, 0.0, since=state.seq)  # taken once the trial is recorded as measured
    if verb == "score" and not meaning(command, state):
        return Ordered(f"{campaign}: that is recorded of trial {trial} already", True, str(state.shown_status))
    command = _checked(workplace, command, state)
    is_run = has_runner(workplace, campaign)
    _require_needed(command, state, is_run=is_run)
    if is_run or verb in _NEEDS_A_RUNNER:
        return _send(workplace, command, patience, since=state.seq)
    return _carry_out(workplace, command, patience)


def _checked(workplace: Workplace, command: Command, state: CampaignState) -> Command:
    """Return the command as it can be carried out. Raises BadInput where the engine would refuse it as things stand."""
    if command.verb in ("edit", "suggest"):
        point = _typed(state, point_of(command))
        _require_possible(workplace, state, point)
        command = replace(command, content={**command.content, "point": dict(point)})
    for event in meaning(command, state):
        if isinstance(event, ev.CampaignAmended) and not isinstance(event.spec, SamplesSpec):
            assembling.require_possible(workplace.artefacts, event.spec, state.instrument)
    return command


def _require_possible(workplace: Workplace, state: CampaignState, point: Point) -> None:
    problems = assembling.recorded_space(state.spec, workplace.artefacts).problems(point)
    if problems:
        raise BadInput("; ".join(problems))


def _typed(state: CampaignState, point: Point) -> Point:
    """Return a point with the Python types its parameters ask for, for example 5.0 where a person wrote 5."""
    return {name: _as_asked(state.spec.space.get(name), value) for name, value in point.items()}


def _as_asked(parameter: Parameter | None, value: Setting) -> Setting:
    match parameter:
        case Continuous() if isinstance(value, int):
            return float(value)
        case Integer() if isinstance(value, float) and value.is_integer():
            return int(value)
        case _:
            return value


def _require_needed(command: Command, state: CampaignState, *, is_run: bool) -> None:
    if command.verb == "resume" and is_run and state.status is Status.RUNNING and not state.is_waiting_for_approval:
        raise WrongState(f"campaign {command.campaign} is running already; pause or stop it if it should not")


def _send(workplace: Workplace, command: Command, patience: float, *, since: int) -> Ordered:
    """Put the command into the inbox and wait a moment for the runner to take it.

    Raises:
        WrongState: If the runner refused it, because things had changed by then.
    """
    sent = workplace.ledger.send(command)
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if all(waiting.id != sent.id for waiting in workplace.ledger.commands(command.campaign)):
            _require_carried_out(workplace, command, since)
            status = _status(workplace, command.campaign)
            return Ordered(f"{command.campaign}: {command.verb} taken; now {status}", True, status)
        time.sleep(_POLL_SECONDS)
    return Ordered(f"{command.campaign}: {_until_when(command)}", False, _status(workplace, command.campaign))


def _require_carried_out(workplace: Workplace, command: Command, since: int) -> None:
    refused = not_carried_out(command)
    for event in workplace.ledger.read(command.campaign, after=since):
        if isinstance(event.data, ev.NoteLeft) and event.actor == command.actor and event.data.text.startswith(refused):
            raise WrongState(f"{command.campaign}: {event.data.text}")


def _until_when(command: Command) -> str:
    if command.verb in _NEEDS_A_RUNNER:
        return f"{command.verb} is in its inbox; `nightshift serve` on the instrument's machine takes it"
    return f"{command.verb} is in its inbox and takes effect after the trial in progress"


def _status(workplace: Workplace, campaign: str) -> str:
    summary = workplace.ledger.summary(campaign)
    return summary.status if summary else "unknown"


def _carry_out(workplace: Workplace, command: Command, patience: float) -> Ordered:
    """Append what the command means, as the campaign's writer for a moment."""
    keeper = LeaseKeeper(workplace.ledger, this_holder())
    try:
        lease = keeper.take(f"campaign:{command.campaign}", take_over=True)
        book = Book(command.campaign, workplace.ledger, lease, WallClock(), workplace.objectives(command.campaign))
        events = meaning(command, book.state)
        for data in events:
            book.record(data, command.actor)
        book.flush()
        return Ordered(told_of(command.campaign, events, book.state), True, str(book.state.shown_status))
    except Busy:
        return _send(workplace, command, patience, since=load_state(workplace, command.campaign).seq)
    finally:
        keeper.close()


def _note_afterwards(workplace: Workplace, command: Command, state: CampaignState) -> Ordered:
    """A finished campaign's stream is closed; notes on it go to the system's."""
    text = str(command.content.get("text", "")) or command.note
    note = ev.NoteLeft(text=text, campaign=command.campaign)
    workplace.ledger.append_note("system", ev.Draft(at=command.at, actor=command.actor, data=note))
    return Ordered(f"{command.campaign}: noted in the system stream, because it is {state.status}", True, str(state.status))
