"""Agents that take their time, hang or die; otherwise they suggest what ``random`` would."""

import os
import signal
import threading
from pathlib import Path

from agents.random import RandomAgent
from orchestrator.domain.base import Value
from orchestrator.domain.history import History
from orchestrator.domain.records import Suggestion


class ThoughtfulAgent(RandomAgent):
    """Thinks for a while before it answers."""

    class Settings(Value):
        seconds: float = 0.5

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def ask(self, history: History) -> Suggestion:
        threading.Event().wait(self.settings.seconds)
        return super().ask(history)


class UnreliableAgent(RandomAgent):
    """Hangs or dies when it is asked for certain trials, having said which process it is."""

    class Settings(Value):
        hangs_at: int
        dies_at: int
        pids: str
        """A file that gets a line with the process's pid before it goes."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def ask(self, history: History) -> Suggestion:
        trial = history.n_suggestions + 1
        if trial in (self.settings.hangs_at, self.settings.dies_at):
            with Path(self.settings.pids).open("a") as pids:
                pids.write(f"{os.getpid()}\n")
        if trial == self.settings.hangs_at:
            threading.Event().wait()
        if trial == self.settings.dies_at:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().ask(history)
