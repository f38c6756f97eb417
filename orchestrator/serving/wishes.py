"""What people want of the server, from signals."""

import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from types import FrameType

Handler = Callable[[int, FrameType | None], None] | signal.Handlers

SECOND_THOUGHTS_S = 5.0
"""Within this time a second Ctrl-C means it."""


class Wishes:
    """Set by signal handlers, which write nothing and only remember."""

    def __init__(self) -> None:
        self.has_ended = threading.Event()
        self.wants_link = threading.Event()
        self._n_interrupts = 0
        self._interrupted_at = -SECOND_THOUGHTS_S

    def interrupt(self) -> None:
        now = time.monotonic()
        is_second = now - self._interrupted_at < SECOND_THOUGHTS_S
        self._interrupted_at = now
        self._n_interrupts += 1
        if is_second:
            self.has_ended.set()

    @property
    def n_interrupts(self) -> int:
        return self._n_interrupts


@contextmanager
def obeying(wishes: Wishes) -> Iterator[None]:
    """Turn signals into wishes while the block runs: Ctrl-C twice, or SIGTERM once, ends; a closed terminal changes nothing."""

    def interrupted(_number: int, _frame: FrameType | None) -> None:
        wishes.interrupt()

    def terminated(_number: int, _frame: FrameType | None) -> None:
        wishes.has_ended.set()

    handlers = {signal.SIGINT: interrupted, signal.SIGTERM: terminated, signal.SIGHUP: signal.SIG_IGN}
    with hearing_of_links(wishes.wants_link), _handling(handlers):
        yield


@contextmanager
def hearing_of_links(wanted: threading.Event) -> Iterator[None]:
    """Set the event whenever SIGUSR1 asks for another login link."""
    with _handling({signal.SIGUSR1: lambda _number, _frame: wanted.set()}):
        yield


@contextmanager
def _handling(handlers: Mapping[signal.Signals, Handler]) -> Iterator[None]:
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield
    finally:
        for number, handler in before.items():
            with suppress(TypeError):  # a handler that was not installed from Python cannot be put back
                signal.signal(number, handler)
