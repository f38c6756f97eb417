"""Signals while a campaign runs: Ctrl-C pauses, a second one stops; a closed terminal changes nothing."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Protocol


class Switch(Protocol):
    """What signal handlers set and the engine reads."""

    @property
    def is_pause_wanted(self) -> bool: ...

    @property
    def is_stop_wanted(self) -> bool: ...

    def pause_after_trial(self) -> None: ...

    def stop_now(self) -> None: ...


@contextmanager
def obeying_signals(switch: Switch, *, is_idle: Callable[[], bool], tell: Callable[[str], None]) -> Iterator[None]:
    """Turn signals into the person's wishes while the block runs. Only for the main thread.

    Args:
        switch: Where the wishes go.
        is_idle: Whether the campaign is paused already, so that Ctrl-C can only mean stop.
        tell: Says what was understood.
    """

    def interrupted(_number: int, _frame: FrameType | None) -> None:
        if switch.is_stop_wanted:
            tell("stopping already; the instrument is being made safe")
        elif switch.is_pause_wanted or is_idle():
            _stop()
        else:
            switch.pause_after_trial()
            tell("pausing after this trial; Ctrl-C again stops now")

    def terminated(_number: int, _frame: FrameType | None) -> None:
        _stop()

    def _stop() -> None:
        switch.stop_now()
        tell("stopping now, safely; `nightshift resume` goes on later")

    handlers = {signal.SIGINT: interrupted, signal.SIGTERM: terminated, signal.SIGHUP: signal.SIG_IGN}
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
