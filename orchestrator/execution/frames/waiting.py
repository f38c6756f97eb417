"""Trying again until frames are there."""

import time
from collections.abc import Callable
from typing import TypeVar

from orchestrator.domain.errors import FramesUnreadable

_SHORTEST_S = 0.01
_LONGEST_S = 0.25

Read = TypeVar("Read")


class NotThere(Exception):
    """Frames that cannot be read at this moment. Never leaves the process that reads."""

    def __init__(self, told: str, *, is_late: bool = False) -> None:
        """Args: is_late: Whether it looks as if they were only not written yet."""
        super().__init__(told)
        self.is_late = is_late


def wait_for(read: Callable[[], Read], wait_s: float) -> tuple[Read, float]:
    """Return what ``read`` returns and the seconds it took until it could.

    A damaged file is waited for, too: a file that is still written looks just like it.

    Raises:
        FramesUnreadable: If it still raises NotThere when the time is over.
    """
    began, pause, n_tries = time.monotonic(), _SHORTEST_S, 0
    while True:
        waited = time.monotonic() - began
        try:
            return read(), waited if n_tries else 0.0
        except NotThere as problem:
            left = wait_s - (time.monotonic() - began)
            if left <= 0:
                raise FramesUnreadable(_verdict(problem, wait_s)) from None
        n_tries += 1
        time.sleep(min(pause, left))
        pause = min(2 * pause, _LONGEST_S)


def _verdict(problem: NotThere, wait_s: float) -> str:
    after = f"{problem} after {wait_s:g} s"
    if problem.is_late:
        return f"{after}; look at the detector's file writer, or raise files.wait_s in the site file"
    return f"{after}; look at the detector's file writer and its disk"
