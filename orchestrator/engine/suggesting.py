"""From a history to a recorded suggestion."""

from orchestrator.domain import events as ev
from orchestrator.domain.base import Point
from orchestrator.domain.due import point_of
from orchestrator.domain.errors import AgentError, SpaceExhausted
from orchestrator.domain.records import Evidence, Suggestion, TrialKind
from orchestrator.engine.agent_host import Interrupted
from orchestrator.engine.agent_server import Role
from orchestrator.engine.context import Engine


def suggest(engine: Engine, role: Role) -> None:
    """Ask for the next point; a failing agent is on record and the fallback suggests instead."""
    try:
        suggestion = _ask(engine, role)
    except Interrupted:
        return
    except SpaceExhausted as error:
        engine.book.record(ev.CampaignCompleted(reason=str(error)))
        return
    except AgentError as error:
        _record_failure(engine, role, error)
        if role == "agent":
            suggest(engine, "fallback")
        else:
            engine.book.record(ev.CampaignHeld(reason=f"neither the agent nor the fallback can suggest a point: {error}"))
        return
    _record(engine, role, suggestion)


def _ask(engine: Engine, role: Role) -> Suggestion:
    """Ask while what was recorded, such as the last score, becomes durable: neither waits for the other."""
    engine.tell_agents()
    engine.show(f"asking {_name(engine, role)}")
    return engine.host.ask(role, meanwhile=engine.book.flush)


def _name(engine: Engine, role: Role) -> str:
    spec = engine.state.spec
    return spec.agent.type if role == "agent" else spec.fallback.type


def _record_failure(engine: Engine, role: Role, error: AgentError) -> None:
    next_trial = len(engine.state.trials) + 1
    engine.book.record(ev.AgentFailed(agent=_name(engine, role), trial=next_trial, reason=str(error)))


def _record(engine: Engine, role: Role, suggestion: Suggestion) -> None:
    name = _name(engine, role)
    engine.book.record(
        ev.TrialSuggested(
            trial=len(engine.state.trials) + 1,
            point=suggestion.point,
            agent=name,
            role=role,
            based_on=engine.state.seq,
            evidence=suggestion.evidence,
        ),
        f"{role}:{name}",
    )


def suggest_routine(engine: Engine, name: str, why: str) -> None:
    """Make a routine that is due a trial of its own: reviewed, recorded before it moves, settled after a crash."""
    routine = engine.state.spec.routine(name)
    assert routine is not None
    assert routine.kind is not None
    engine.book.record(
        ev.TrialSuggested(
            trial=len(engine.state.trials) + 1,
            kind=TrialKind(routine.kind),
            point=point_of(routine, engine.state) or {},
            agent=name,
            role="engine",
            based_on=engine.state.seq,
            evidence=Evidence(reason=why),
            routine=name,
        )
    )


def suggest_last_move(engine: Engine, point: Point) -> None:
    """Make ``on_finish`` a trial of its own, so that this motion is reviewed and recorded like every other."""
    reason = f"on_finish: {engine.state.spec.on_finish}"
    engine.book.record(
        ev.TrialSuggested(
            trial=len(engine.state.trials) + 1,
            kind=TrialKind.FINISH,
            point=point,
            agent="engine",
            role="engine",
            based_on=engine.state.seq,
            evidence=Evidence(reason=reason),
        )
    )
