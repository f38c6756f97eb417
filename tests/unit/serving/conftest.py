"""A recorded campaign, and engines that are told how to end."""

import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from orchestrator import bootstrap
from orchestrator.bootstrap import Workplace
from orchestrator.campaign_file import load_text
from orchestrator.processes import Child
from orchestrator.serving.setups import Ended

SPEC = """
name: quick
instrument: {type: dataset, data: crossed-barrel}
reward: {signal: toughness, goal: maximise}
agent: random
budget: {trials: 3}
"""


@dataclass
class Engines:
    """Starts processes that do nothing until a test ends them."""

    begun: list[tuple[str, str]] = field(default_factory=list)
    """Campaigns, and why their engines were started."""
    children: list[Child] = field(default_factory=list)
    theirs: list[Connection] = field(default_factory=list)

    def start(self, campaign: str, because: str) -> Child:
        ours, theirs = socket.socketpair()
        process = subprocess.Popen([sys.executable, "-S", "-c", "import sys; sys.exit(int(sys.stdin.read() or 0))"], stdin=subprocess.PIPE)
        self.begun.append((campaign, because))
        self.theirs.append(Connection(theirs.detach()))
        self.children.append(Child(process, Connection(ours.detach())))
        return self.children[-1]

    def end(self, word: Ended | None = None) -> None:
        """End the latest engine, with a last word or without one."""
        if word is not None:
            self.theirs[-1].send(word)
        assert self.children[-1].process.stdin is not None
        self.children[-1].process.communicate(b"1")

    def kill(self) -> None:
        self.children[-1].process.kill()
        self.children[-1].process.communicate()

    def close(self) -> None:
        for child, theirs in zip(self.children, self.theirs, strict=True):
            child.process.kill()
            child.process.communicate()
            child.connection.close()
            theirs.close()


@pytest.fixture
def engines() -> Iterator[Engines]:
    started = Engines()
    yield started
    started.close()


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Workplace]:
    with bootstrap.open_workplace(f"sqlite:///{tmp_path / 'ledger.db'}") as opened:
        yield opened


@pytest.fixture
def campaign(place: Workplace, tmp_path: Path) -> str:
    """Return a campaign that is recorded and was never started."""
    return bootstrap.create(place, load_text(SPEC, "quick.yaml", tmp_path, {}, None), actor="human:ada")


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def tell(said: list[str]) -> Callable[[str], None]:
    return said.append
