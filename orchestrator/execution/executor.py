"""The engine's side of the instrument process."""

import time
from collections.abc import Callable
from typing import Any

from orchestrator.domain.errors import InstrumentError, NightshiftError
from orchestrator.domain.instrument import InstrumentDescription, MeasureRequest
from orchestrator.domain.ports import InstrumentStatus, NotMeasured, Settled
from orchestrator.execution import messages
from orchestrator.processes import Child

ANSWER_SECONDS = 60.0
"""How long the instrument process may take to connect, describe, read back or go safe."""

ABORT_SECONDS = 10.0
"""How long an aborted run may take to end before its process is killed."""

_POLL_SECONDS = 0.2


class ProcessExecutor:
    """Settles trials in the instrument process, and kills it when it does not let go."""

    def __init__(
        self,
        start: Callable[[], Child],
        *,
        secure_from_outside: Callable[[str], tuple[str, ...]] | None = None,
        on_start: Callable[[Child], None] | None = None,
        connect_seconds: float = ANSWER_SECONDS,
    ) -> None:
        """Start the instrument process and connect its devices.

        Args:
            start: Starts the process, already told which instrument to build.
            secure_from_outside: Puts the safe state in force over a second connection, when the process itself hangs.
            on_start: Told of every new process, so that whoever takes the lease over can kill it.
            connect_seconds: How long it may take to connect.

        Raises:
            InstrumentError: If a device does not answer; names it.
        """
        self._start = start
        self._secure_from_outside = secure_from_outside
        self._on_start = on_start or (lambda _child: None)
        self._connect_seconds = connect_seconds
        self._child = self._start_connected()

    def describe(self) -> InstrumentDescription:
        return self._request(messages.Describe(), ANSWER_SECONDS)

    def status(self) -> InstrumentStatus:
        return self._request(messages.AskStatus(), ANSWER_SECONDS)

    def settle(
        self,
        request: MeasureRequest,
        *,
        is_retry: bool = False,
        interrupted: Callable[[], bool] | None = None,
        meanwhile: Callable[[], None] | None = None,
    ) -> Settled:
        is_interrupted = interrupted or (lambda: False)
        try:
            self._child.connection.send(messages.Settle(request, is_retry))
            if meanwhile is not None:
                meanwhile()
            while not self._child.connection.poll(_POLL_SECONDS):
                if is_interrupted():
                    return self._interrupt()
            return self._opened(self._child.connection.recv())
        except (EOFError, OSError):
            return NotMeasured(self._replace("the instrument process ended while it was measuring"))

    def secure(self, cause: str) -> tuple[str, ...]:
        """Put the safe state in force; a process that does not do so in time is killed and secured from outside."""
        try:
            return self._request(messages.Secure(cause), ABORT_SECONDS)
        except InstrumentError as error:
            return (str(error), *self._kill_and_secure(cause))

    def close(self) -> None:
        self._child.kill()

    def _start_connected(self) -> Child:
        self._child = self._start()
        self._on_start(self._child)
        try:
            self._request(messages.Connect(), self._connect_seconds)
        except NightshiftError:
            self._child.kill()
            raise
        return self._child

    def _request(self, message: messages.Message, seconds: float) -> Any:
        try:
            self._child.connection.send(message)
            if not self._child.connection.poll(seconds):
                self._child.kill()  # a late answer would be taken for the answer to the next question
                raise InstrumentError(f"the instrument process gave no answer to {type(message).__name__.lower()} within {seconds:g} s")
            return self._opened(self._child.connection.recv())
        except (EOFError, OSError):
            raise InstrumentError(f"the instrument process ended (code {self._child.process.poll()})") from None

    @staticmethod
    def _opened(answer: Any) -> Any:
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _interrupt(self) -> NotMeasured:
        reason = "interrupted by a person"
        self._child.connection.send(messages.Abort(reason))
        deadline = time.monotonic() + ABORT_SECONDS
        while time.monotonic() < deadline:
            if self._child.connection.poll(_POLL_SECONDS):
                # The run may have finished while the order was on its way: a finished run is never thrown away.
                return self._opened(self._child.connection.recv())
        return NotMeasured(self._replace(f"{reason}; the run did not end within {ABORT_SECONDS:g} s"), is_interrupted=True)

    def _replace(self, why: str) -> str:
        """Kill the process, make the hardware safe, start another one; return what happened in one sentence."""
        actions = self._kill_and_secure(why)
        self._start_connected()
        return f"{why}; its process was replaced ({', '.join(actions) or 'nothing to make safe'})"

    def _kill_and_secure(self, cause: str) -> tuple[str, ...]:
        self._child.kill()
        actions = () if self._secure_from_outside is None else self._secure_from_outside(cause)
        return ("instrument process killed", *actions)
