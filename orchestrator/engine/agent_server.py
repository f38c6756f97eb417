"""The agents' own process: keeps the history by folding what it is shown, and answers when asked."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Literal

from orchestrator.domain.campaign import CampaignState
from orchestrator.domain.chance import Stream
from orchestrator.domain.errors import AgentError, NightshiftError
from orchestrator.domain.folding import Recordable, create, evolve
from orchestrator.domain.history import History, history_of
from orchestrator.domain.protocols import Agent
from orchestrator.domain.records import Objective, Suggestion
from orchestrator.domain.space import Space, show_point
from orchestrator.processes import receive

Role = Literal["agent", "fallback"]
STREAMS: Mapping[Role, Stream] = {"agent": Stream.AGENT, "fallback": Stream.FALLBACK}


@dataclass(frozen=True, slots=True)
class Sync:
    """Ledger events the agents have not seen yet. Nothing is answered."""

    events: tuple[Recordable, ...]


@dataclass(frozen=True, slots=True)
class AskFor:
    """Answered by a Suggestion or a NightshiftError."""

    role: Role


@dataclass(frozen=True, slots=True)
class Prepare:
    """Think ahead; nothing is answered."""


@dataclass(slots=True)
class AgentServer:
    """Holds the agents and the history they are shown."""

    agents: Mapping[Role, Agent]
    space: Space
    objectives: tuple[Objective, ...]
    state: CampaignState | None = field(default=None)

    def sync(self, events: Sequence[Recordable]) -> None:
        for event in events:
            self.state = create(event, self.objectives) if self.state is None else evolve(self.state, event)

    def history(self, role: Role) -> History:
        if self.state is None:
            raise AgentError("the agent was asked before it was shown the campaign")
        return history_of(self.state, self.space, STREAMS[role])

    def ask(self, role: Role) -> Suggestion:
        """Return a suggestion inside the space; whatever an agent raises becomes an AgentError."""
        started = time.perf_counter()
        try:
            suggestion = self.agents[role].ask(self.history(role))
        except NightshiftError:
            raise
        except Exception as error:  # an agent is somebody else's code: nothing it raises may end the campaign
            raise AgentError(f"{type(error).__name__}: {error}") from error
        problems = self.space.problems(suggestion.point)
        if problems:
            raise AgentError(f"suggested {show_point(suggestion.point)}, which cannot be measured: {problems[0]}")
        seconds = {**suggestion.evidence.seconds, "ask": time.perf_counter() - started}
        return suggestion.model_copy(update={"evidence": suggestion.evidence.model_copy(update={"seconds": seconds})})

    def prepare(self) -> None:
        try:
            self.agents["agent"].prepare(self.history("agent"))
        except Exception:  # thinking ahead is optional: the same fault will show, and be recorded, when it is asked
            return


def serve(server: AgentServer, connection: Connection) -> None:
    """Answer until the engine is gone.

    Answers of a slow analysis may come faster than an agent thinks: it then thinks once, about the latest of them.
    """
    is_to_prepare = False
    while (message := receive(connection)) is not None:
        match message:
            case Sync(events):
                server.sync(events)
            case Prepare():
                is_to_prepare = True
            case AskFor(role):
                if is_to_prepare:
                    server.prepare()
                is_to_prepare = False
                connection.send(_answer(server, role))
            case _:
                raise TypeError(f"unexpected message {type(message).__name__}")
        if is_to_prepare and not connection.poll():
            server.prepare()
            is_to_prepare = False


def _answer(server: AgentServer, role: Role) -> Suggestion | NightshiftError:
    try:
        return server.ask(role)
    except NightshiftError as error:
        return error
