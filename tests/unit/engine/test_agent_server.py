"""The agents' process: what it makes of the engine's messages, in their order."""

from typing import Any

from orchestrator.domain.events import Draft
from orchestrator.domain.history import History
from orchestrator.domain.records import Suggestion
from orchestrator.engine.agent_server import AgentServer, AskFor, Prepare, Sync, serve
from orchestrator.testing.fakes import EVENING, STAGE_SPACE
from tests.unit.engine.test_next_action import MAXIMISE, state, whole


class Noting:
    """Notes how much it knew whenever it thought."""

    def __init__(self) -> None:
        self.thoughts: list[tuple[str, int]] = []

    def prepare(self, history: History) -> None:
        self.thoughts.append(("ahead", history.n_suggestions))

    def ask(self, history: History) -> Suggestion:
        self.thoughts.append(("asked", history.n_suggestions))
        return Suggestion(point={"x": 1.0})


class Messages:
    """A connection whose other side has said everything, and listens to nothing."""

    def __init__(self, messages: list[Any]) -> None:
        self._messages = messages

    def poll(self) -> bool:
        return bool(self._messages)

    def recv(self) -> Any:
        if not self._messages:
            raise EOFError
        return self._messages.pop(0)

    def send(self, _: Any) -> None:
        return


def served(*messages: Any) -> list[tuple[str, int]]:
    """Return what the agent thought about, when all messages came before the first was read."""
    agent = Noting()
    serve(AgentServer({"agent": agent}, STAGE_SPACE, MAXIMISE, state()), Messages(list(messages)))  # type: ignore[arg-type]
    return agent.thoughts


def trial(number: int) -> Sync:
    return Sync(tuple(Draft(at=EVENING, actor="test", data=data) for data in whole(number)))


def test_a_question_that_follows_a_thought_is_asked_after_it() -> None:
    assert served(trial(1), Prepare(), AskFor("agent")) == [("ahead", 1), ("asked", 1)]


def test_news_that_comes_faster_than_the_agent_thinks_is_thought_about_once() -> None:
    assert served(Prepare(), trial(1), Prepare(), trial(2), Prepare()) == [("ahead", 2)]
