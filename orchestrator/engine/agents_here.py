"""Agents in the engine's own process: only for those that have one point to choose, and so can neither hang nor crash."""

from collections.abc import Callable, Sequence

from orchestrator.domain.folding import Recordable
from orchestrator.domain.records import Suggestion
from orchestrator.engine.agent_server import AgentServer, Role


class AgentsHere:
    """Asks at once; nothing is started, and nothing is thought ahead."""

    def __init__(self, server: AgentServer) -> None:
        self._server = server

    def sync(self, events: Sequence[Recordable]) -> None:
        self._server.sync(events)

    def prepare(self) -> None:
        return

    def ask(self, role: Role, meanwhile: Callable[[], None] | None = None) -> Suggestion:
        if meanwhile is not None:
            meanwhile()
        return self._server.ask(role)

    def close(self) -> None:
        return
