"""The engine's side of the sentinel."""

import subprocess
from multiprocessing.connection import Connection

from orchestrator.execution.sentinel_server import Leave, SecureNow
from orchestrator.processes import Child

_CONNECT_SECONDS = 60.0
"""Importing device libraries and searching PVs may take long on a busy machine; nothing has moved yet."""

_ANSWER_SECONDS = 10.0


class Sentinel:
    """A process that can make the instrument safe over a connection of its own."""

    def __init__(self, child: Child) -> None:
        """Wait until it is connected.

        Raises:
            TimeoutError: If it does not connect in time.
        """
        self._child = child
        self._answer("connect", _CONNECT_SECONDS)

    @property
    def _connection(self) -> Connection:
        return self._child.connection

    def secure(self, cause: str) -> tuple[str, ...]:
        """Make the instrument safe; return what was done."""
        try:
            self._connection.send(SecureNow(cause))
            return self._answer("make the instrument safe")
        except (OSError, EOFError, TimeoutError) as error:
            return (f"the sentinel could not: {error}",)

    def close(self) -> None:
        """End it in good order."""
        try:
            self._connection.send(Leave())
            self._child.process.wait(timeout=2)
        except (OSError, subprocess.TimeoutExpired):
            pass
        self._child.kill()

    def _answer(self, what: str, seconds: float = _ANSWER_SECONDS) -> tuple[str, ...]:
        if not self._connection.poll(seconds):
            raise TimeoutError(f"the sentinel did not {what} within {seconds:g} s")
        return self._connection.recv() or ()
