"""The engine's side of the agents' process: a watchdog that never waits longer than an agent may think."""

import time
from collections.abc import Callable, Mapping, Sequence

from orchestrator.domain.errors import AgentError, NightshiftError
from orchestrator.domain.folding import Recordable
from orchestrator.domain.records import Suggestion
from orchestrator.engine.agent_server import AskFor, Prepare, Role, Sync
from orchestrator.processes import Child

START_SECONDS = 60.0
"""What a fresh process may need on top of an agent's own timeout: importing torch on a busy machine."""

_POLL_SECONDS = 0.25


class ProcessAgentHost:
    """Keeps the agents in a child process; a process that hangs or dies is replaced and shown the history again."""

    def __init__(
        self,
        start: Callable[[], Child],
        timeouts: Mapping[Role, float],
        past: Callable[[], Sequence[Recordable]],
        on_wait: Callable[[], bool] | None = None,
    ) -> None:
        """Remember how to start the process; it starts at once.

        Args:
            start: Starts the agents' process, already told which agents to build.
            timeouts: Seconds each role may think.
            past: Returns every ledger event again, for a process that replaces one that hung or died.
            on_wait: Called while waiting; returning true gives up the ask, for example because a person wants to stop.
        """
        self._start = start
        self._timeouts = timeouts
        self._on_wait = on_wait or (lambda: False)
        self._past = past
        self._child = start()
        self._is_fresh = True

    def sync(self, events: Sequence[Recordable]) -> None:
        self._send(Sync(tuple(events)))

    def prepare(self) -> None:
        self._send(Prepare())

    def ask(self, role: Role, meanwhile: Callable[[], None] | None = None) -> Suggestion:
        if not self._child.is_alive:
            self._restart()
        self._send(AskFor(role))
        if meanwhile is not None:
            meanwhile()
        answer = self._receive(role)
        self._is_fresh = False
        if isinstance(answer, NightshiftError):
            raise answer
        return answer

    def close(self) -> None:
        self._child.kill()

    def _send(self, message: Sync | Prepare | AskFor) -> None:
        try:
            self._child.connection.send(message)
        except OSError:
            self._restart()
            if isinstance(message, AskFor):
                self._child.connection.send(message)

    def _restart(self) -> None:
        self._child.kill()
        self._child = self._start()
        self._is_fresh = True
        self._child.connection.send(Sync(tuple(self._past())))

    def _receive(self, role: Role) -> Suggestion | NightshiftError:
        allowed = self._timeouts[role] + (START_SECONDS if self._is_fresh else 0.0)
        deadline = time.monotonic() + allowed
        try:
            while not self._child.connection.poll(min(_POLL_SECONDS, max(0.0, deadline - time.monotonic()))):
                if time.monotonic() >= deadline:
                    self._restart()
                    raise AgentError(
                        f"the {role} gave no suggestion within {allowed:g} s and was stopped; raise {role}.timeout or simplify it"
                    )
                if self._on_wait():
                    self._restart()
                    raise Interrupted(f"the {role} was interrupted while it was thinking")
            return self._child.connection.recv()
        except (EOFError, ConnectionResetError):
            code = self._child.process.wait()
            self._restart()
            raise AgentError(f"the {role}'s process ended with code {code} while it was thinking") from None


class Interrupted(AgentError):
    """The ask was given up because a person wants to stop."""
