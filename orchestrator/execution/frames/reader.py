"""Our side of the process that reads detectors' files."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from orchestrator.domain.errors import FramesUnreadable
from orchestrator.domain.frames import FrameRef
from orchestrator.domain.ports import FramesRead
from orchestrator.processes import Child, spawn

_POLL_SECONDS = 0.1
_READ_SECONDS = 60.0
"""How long reading itself may take, beyond the waiting. A file system that hangs takes for ever."""
_ENTRY = "orchestrator.execution.frames.server"


@dataclass(frozen=True, slots=True)
class ReadFrames:
    """What the process is asked; it answers FramesRead or FramesUnreadable."""

    refs: tuple[FrameRef, ...]
    wait_s: float
    last_only: bool = False


class FrameReader:
    """Reads frames in a process of its own, which is started when first needed and killed when it does not come back."""

    def __init__(self, start: Callable[[], Child] | None = None, *, read_s: float = _READ_SECONDS) -> None:
        """Args: start: Starts the process. read_s: How long reading may take once the frames are there."""
        self._start = start or (lambda: spawn("frames", entry=_ENTRY))
        self._read_s = read_s
        self._child: Child | None = None
        self._lock = threading.Lock()

    def warm(self) -> None:
        """Start the process, so that the first read need not wait for it."""
        with self._lock:
            self._living()

    def read(
        self,
        refs: Sequence[FrameRef],
        *,
        wait_s: float = 0.0,
        last_only: bool = False,
        is_given_up: Callable[[], bool] | None = None,
    ) -> FramesRead:
        if not refs:
            raise FramesUnreadable("the run wrote no frame; look at the detector's file writer")
        with self._lock:
            child = self._living()
            try:
                answer = self._asked(child, ReadFrames(tuple(refs), wait_s, last_only), is_given_up or (lambda: False))
            except (EOFError, OSError):
                code = child.process.wait()
                raise FramesUnreadable(f"{refs[0].uri} ended the process that read it (code {code}); the file is damaged") from None
        if isinstance(answer, FramesUnreadable):
            raise answer
        return answer

    def close(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child = None

    def _living(self) -> Child:
        if self._child is None or not self._child.is_alive:
            self.close()
            self._child = self._start()
        return self._child

    def _asked(self, child: Child, asked: ReadFrames, is_given_up: Callable[[], bool]) -> FramesRead | FramesUnreadable:
        child.connection.send(asked)
        what, longest = asked.refs[0].uri, asked.wait_s + self._read_s
        deadline = time.monotonic() + longest
        while not child.connection.poll(_POLL_SECONDS):
            if is_given_up():
                self.close()
                return FramesUnreadable(f"{what} was not waited for any longer: the trial was interrupted")
            if time.monotonic() > deadline:
                self.close()
                return FramesUnreadable(f"{what} gave no answer within {longest:g} s; does its file system hang?")
        return child.connection.recv()
