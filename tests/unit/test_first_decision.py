"""The first decision after a start or a resumption finds the agents' process awake: it need not import anything first."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from agents.bayesian import BayesianAgent
from orchestrator.bootstrap import campaigns, children
from orchestrator.bootstrap.outcome import Switch
from orchestrator.domain.space import Continuous, Space
from orchestrator.engine.agent_server import Prepare, Sync
from orchestrator.engine.scoring import Judge
from orchestrator.store.memory import MemoryArtefacts
from orchestrator.testing.fakes import SilentLive
from orchestrator.testing.histories import extended, history_with
from tests.night import Night

SPACE = Space(parameters={"x": Continuous(limits=(0.0, 1.0)), "y": Continuous(limits=(0.0, 1.0))})


@dataclass
class Told:
    """An agents' process that keeps what it is sent."""

    messages: list[object] = field(default_factory=list)
    is_alive: bool = True

    @property
    def connection(self) -> "Told":
        return self

    def send(self, message: object) -> None:
        self.messages.append(message)


class Recorded:
    """A book whose campaign was recorded by an earlier runner."""

    def __init__(self, night: Night) -> None:
        self.everything: Callable[[], tuple[object, ...]] = night.ledger
        self.take_news: Callable[[], tuple[object, ...]] = tuple


def test_a_new_agents_process_is_shown_the_past_and_thinks_ahead_before_anybody_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    night, told = Night().begin(), Told()
    monkeypatch.setattr(children, "start_agents", lambda *_: told)
    terminal = campaigns.Terminal(SilentLive(), Switch())
    judge = Judge({}, MemoryArtefacts())
    campaigns._start_host(Recorded(night), night.spec, SPACE, judge, terminal)  # type: ignore[arg-type]
    assert told.messages == [Sync(night.ledger()), Prepare()]


def modules_imported_by_the_first_ask() -> list[str]:
    """Run in an interpreter of its own: a process that was shown a campaign of eight trials, and thought ahead."""
    points = [{"x": 0.1 * n, "y": (0.37 * n) % 1} for n in range(8)]
    history = history_with(SPACE, [(point, point["x"] - point["y"]) for point in points])
    agent = BayesianAgent(BayesianAgent.Settings())
    agent.prepare(history)
    before = set(sys.modules)
    suggestion = agent.ask(history)
    assert suggestion.evidence.predicted
    agent.ask(extended(history, suggestion, 0.5))
    return sorted(set(sys.modules) - before)


def test_a_model_that_thought_ahead_imports_nothing_when_it_is_asked() -> None:
    code = f"import json; from {__name__} import modules_imported_by_the_first_ask as ask; print(json.dumps(ask()))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == []
