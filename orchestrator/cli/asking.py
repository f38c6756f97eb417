"""A held suggestion's question at the terminal, asked once and polled without ever blocking the engine."""

import select
from collections.abc import Callable
from typing import Literal, TextIO

from orchestrator.domain.campaign import Trial
from orchestrator.domain.records import Answer
from orchestrator.domain.space import show_point

Decision = Literal["approve", "veto"]
_WORDS: dict[str, Decision | None] = {
    "a": "approve",
    "approve": "approve",
    "y": "approve",
    "yes": "approve",
    "v": "veto",
    "veto": "veto",
    "n": "veto",
    "no": "veto",
    "w": None,
    "wait": None,
}


class Asker:
    """Asks the person at a terminal, if there is one."""

    def __init__(self, stdin: TextIO, tell: Callable[[str], None]) -> None:
        self._stdin = stdin
        self._tell = tell
        self._is_there = stdin.isatty()
        self._asked: int | None = None
        self._left_open: set[int] = set()

    @property
    def is_asking(self) -> bool:
        """Whether a question stands on the screen, unanswered."""
        return self._asked is not None

    def decide(self, trial: Trial) -> Decision | None:
        """Return what the person says about a held suggestion; None while they say nothing, or chose to wait."""
        if not self._is_there or trial.number in self._left_open:
            return None
        if self._asked != trial.number:
            self._ask(trial)
        line = self._read_line()
        return None if line is None else self._understand(line, trial.number)

    def stop(self) -> None:
        """Take the question back: it was answered elsewhere."""
        self._asked = None

    def _ask(self, trial: Trial) -> None:
        self._asked = trial.number
        self._tell(f"trial {trial.number} waits for you: {show_point(trial.point)} (suggested by {trial.agent})")
        for verdict in trial.verdicts:
            if verdict.answer is not Answer.ALLOW:
                self._tell(f"  {verdict.guardian} says {verdict.answer}: {verdict.reason}")
        self._tell("  a = approve, v = veto, w = wait for somebody elsewhere; then Enter")

    def _read_line(self) -> str | None:
        readable, _, _ = select.select([self._stdin], [], [], 0)
        if not readable:
            return None
        line = self._stdin.readline()
        if not line:
            self._is_there = False  # end of input: nobody is there any more
        return line or None

    def _understand(self, line: str, number: int) -> Decision | None:
        word = line.strip().lower()
        if word not in _WORDS:
            self._tell(f"  {word!r} is none of a, v, w")
            return None
        self._asked = None
        decision = _WORDS[word]
        if decision is None:
            self._left_open.add(number)
        return decision
