"""Ctrl-C while a terminal only looks: it leaves, and the campaign goes on."""

import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TypeVar

from orchestrator.cli.console import say

Seen = TypeVar("Seen")


@contextmanager
def leaving(words: str) -> Iterator[Callable[[], bool]]:
    """Leave the block on Ctrl-C and say these words; yields what tells whether that was asked for.

    Python throws an interrupt away that falls into a callback of its own, such as an import's or a destructor's: so it is
    remembered, for ``while_looking`` to see. Only for the main thread.
    """
    was_asked = threading.Event()

    def interrupted(_number: int, _frame: FrameType | None) -> None:
        was_asked.set()
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, interrupted)
    try:
        yield was_asked.is_set
    except KeyboardInterrupt:
        say(words)
    finally:
        signal.signal(signal.SIGINT, before)


def while_looking(seen: Iterable[Seen], has_left: Callable[[], bool]) -> Iterator[Seen]:
    """Yield what is seen until Ctrl-C was pressed."""
    for each in seen:
        if has_left():
            raise KeyboardInterrupt
        yield each
