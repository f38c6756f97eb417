"""One campaign that a supervisor looks after: its engine, and what becomes of it when that dies."""

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import assert_never

from orchestrator.bootstrap import Workplace, supervising
from orchestrator.domain.campaign import Status
from orchestrator.domain.ports import Lease
from orchestrator.processes import Child
from orchestrator.serving.restarts import ENGINE
from orchestrator.serving.setups import Ended, StopNow

StartEngine = Callable[[str, str], Child]
"""Called with the campaign and why its engine starts."""

_UNDER_WAY = (Status.RUNNING, Status.HELD, Status.PAUSED)


@dataclass(slots=True)
class EngineKeeper:
    """Starts an engine, hears its last word, starts another if it died."""

    campaign: str
    lease: Lease
    """Nobody else looks after this campaign while we hold it."""
    workplace: Workplace
    start_engine: StartEngine
    tell: Callable[[str], None]
    child: Child | None = None
    asked_by: set[int] = field(default_factory=set[int])
    """The commands that asked for an engine; one that was not taken yet asks only once."""
    is_over: bool = False
    """Whether nobody needs to look after the campaign any more."""
    _last_word: Ended | None = None
    _deaths: list[float] = field(default_factory=list[float])
    _next_start: float = 0.0
    _because: str = ""
    _is_ending: bool = False

    def start(self, because: str) -> None:
        """Start an engine now."""
        self._because, self._last_word = because, None
        self.child = self.start_engine(self.campaign, because)
        self.tell(f"{self.campaign}: engine started (process {self.child.process.pid}){': ' if because else ''}{because}")

    def begin_again(self, because: str) -> None:
        """Forget earlier deaths, because a person wants to try again; an engine that hangs is killed."""
        self._deaths.clear()
        if self.child is not None:
            self.child.kill()
        self.start(because)

    def look(self) -> None:
        """Hear the engine, and act if it has ended. Call it several times a second."""
        if self.child is not None:
            self._hear(self.child)
            if not self.child.is_alive:
                self._hear(self.child)  # what it said at the very last
                self._bury(self.child)
        elif not self.is_over and time.monotonic() >= self._next_start:
            self.start(self._because)

    def stop(self) -> None:
        """Ask the engine, over its pipe, to stop the campaign safely; whatever becomes of it, no other is started."""
        self._is_ending = True
        if self.child is None:
            self.is_over = True
            return
        with contextlib.suppress(OSError):  # it may have ended this moment
            self.child.connection.send(StopNow())

    def end(self) -> None:
        """Look after the campaign no longer; an engine that still runs is killed, and its instrument goes safe."""
        self.is_over = True
        if self.child is not None:
            self.child.kill()
            self.child = None

    def _hear(self, child: Child) -> None:
        try:
            while child.connection.poll(0):
                match child.connection.recv():
                    case Ended() as ended:
                        self._last_word = ended
                    case message:
                        raise TypeError(f"an engine sent {type(message).__name__}")
        except (EOFError, OSError):
            return

    def _bury(self, child: Child) -> None:
        code = child.process.returncode
        child.kill()
        self.child = None
        if self._last_word is None:
            self._start_another(f"the runner before {_how_it_died(code)}; the supervisor started another")
        else:
            self._obey(self._last_word)

    def _obey(self, word: Ended) -> None:
        self.tell(f"{self.campaign}: engine ended, {word.how}: {word.text}")
        match word.how:
            case "done":
                self.is_over = True
            case "refused" | "taken over":
                self._give_back(word.text)
            case "failed":
                if self._status() in (Status.RUNNING, Status.HELD):  # it could not even connect, or not record its failure
                    self._start_another(f"the runner before could not go on ({word.text}); the supervisor started another")
                else:
                    self._give_back(word.text)
            case _:
                assert_never(word.how)

    def _give_back(self, why: str) -> None:
        supervising.refuse_beginnings(self.workplace, self.campaign, why)
        self.is_over = True

    def _start_another(self, because: str) -> None:
        if self._is_ending:
            self.is_over = True
            return
        now = time.monotonic()
        self._deaths.append(now)
        pause = ENGINE.pause(self._deaths, now)
        if pause is None:
            self._give_up(because)
            return
        self._because, self._next_start = because, now + pause
        self.tell(f"{self.campaign}: {because}")

    def _give_up(self, because: str) -> None:
        reason = because.removesuffix("; the supervisor started another")
        often = f"{ENGINE.limit} times within {ENGINE.window_s / 60:g} min"
        why = f"{reason}; it was started again {often} and is not any more; resume tries again"
        self.tell(f"{self.campaign}: {why}")
        supervising.hold_for_a_person(self.workplace, self.campaign, why)
        supervising.note_in_system(self.workplace, self.campaign, why)
        self._give_back(why)

    def _status(self) -> str:
        summary = self.workplace.ledger.summary(self.campaign)
        return summary.status if summary else ""


def _how_it_died(code: int | None) -> str:
    return f"was killed (signal {-code})" if code is not None and code < 0 else f"ended without a word (code {code})"
