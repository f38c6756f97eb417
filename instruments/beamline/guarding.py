"""A profile is somebody else's code: what it prints goes to a log, and when it never ends it is ended."""

import os
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path

_POLL_SECONDS = 0.25


def keep_output(log: Path) -> None:
    """Send what this process prints, from here on, to a file: a program may be reading our stdout."""
    log.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    sys.stdout.flush()
    sys.stderr.flush()
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    os.close(descriptor)


class Watchdog:
    """A context that calls ``give_up`` when the block takes too long, and ends the process when its engine is gone."""

    def __init__(self, seconds: float, give_up: Callable[[str], None], *, inside: Path | None = None) -> None:
        """Args: give_up: Given where the block hangs. inside: Where the profile's own files lie."""
        self._seconds = seconds
        self._give_up = give_up
        self._parent = os.getppid()
        self._inside = inside
        self._ended = threading.Event()
        self._watched = threading.get_ident()

    def __enter__(self) -> None:
        threading.Thread(target=self._watch, name="profile watchdog", daemon=True).start()

    def __exit__(self, *_: object) -> None:
        self._ended.set()

    def _watch(self) -> None:
        deadline = time.monotonic() + self._seconds
        while not self._ended.wait(_POLL_SECONDS):
            if os.getppid() != self._parent:  # nobody is left to hear of the instrument, and nothing has moved
                os._exit(1)
            if time.monotonic() > deadline:
                self._give_up(where_it_is(self._watched, self._inside))
                return


def where_it_is(thread: int, inside: Path | None) -> str:
    """Return what a thread is doing, as ``20-detectors.py:14: time.sleep(900)``: the innermost line of the profile's own."""
    frame = sys._current_frames().get(thread)
    lines = [] if frame is None else traceback.extract_stack(frame)
    own = [line for line in lines if inside is not None and Path(line.filename).is_relative_to(inside)] or lines
    return f"{own[-1].filename}:{own[-1].lineno}: {own[-1].line}" if own else "an unknown place"
