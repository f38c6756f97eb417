"""A process for the next part's agents, started ahead of it."""

from collections.abc import Callable, Iterator

import psutil
import pytest

from orchestrator.bootstrap import children
from orchestrator.bootstrap.samples.spare import Spare
from orchestrator.domain.records import Objective, Suggestion
from orchestrator.domain.space import Space
from orchestrator.engine.agent_server import AskFor, Sync
from orchestrator.processes import Child
from tests.night import Night, make_spec

SECONDS = 60.0
OBJECTIVES = (Objective(name="flux", goal="maximise"),)


@pytest.fixture
def spare() -> Iterator[Spare]:
    ready = Spare()
    yield ready
    ready.close()


def ask(child: Child) -> Suggestion:
    child.connection.send(Sync(Night(make_spec(agent="random")).begin().ledger()))
    child.connection.send(AskFor("agent"))
    assert child.connection.poll(SECONDS), "the agent does not answer"
    return child.connection.recv()


def agents_in(child: Child | None) -> Child:
    spec = make_spec(agent="random")
    return children.start_agents(spec, Space(parameters=spec.space), OBJECTIVES, child)


def test_it_becomes_the_agents_process_and_suggests_what_a_fresh_one_does(spare: Spare):
    spare.make_ready("random")
    ready = spare.take()
    assert ready is not None
    assert not ready.connection.poll(0), "it answers nobody before it is told what to build"
    taken, fresh = agents_in(ready), agents_in(None)
    try:
        assert taken is ready
        assert ask(taken).point == ask(fresh).point
    finally:
        taken.kill()
        fresh.kill()


def test_there_is_one_at_most_and_what_nobody_took_is_ended(spare: Spare):
    for _ in range(2):
        spare.make_ready("random")
    child = spare._child
    assert child is not None
    spare.close()
    assert (spare.n_started, spare.n_taken, psutil.pid_exists(child.process.pid)) == (1, 0, False)


def test_one_that_died_meanwhile_is_not_given_away(spare: Spare):
    spare.make_ready("random")
    assert spare._child is not None
    spare._child.process.kill()
    spare._child.process.wait()
    assert spare.take() is None


def test_one_that_cannot_load_anything_still_becomes_what_it_is_told_to_be(spare: Spare):
    spare.make_ready("no-such-agent")
    child = agents_in(spare.take())
    try:
        assert ask(child).point
    finally:
        child.kill()


class Recorder(Spare):
    """Remembers for which agents somebody asked, and starts nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def make_ready(self, *agents: str) -> None:
        self.asked += agents


def test_it_is_started_for_the_next_part_that_has_a_choice(night: Callable[..., object]):
    from tests.unit.samples.words import spec

    whole = spec(("  align:\n", "  align:\n    agent: sobol\n"), ("  measure:\n", "  measure:\n    agent: latin-hypercube\n"))
    recorder = Recorder()
    living = night(whole.model_copy(update={"samples": whole.samples[:2]}))
    living.spare = recorder  # type: ignore[attr-defined]
    living.drive()  # type: ignore[attr-defined]
    met = [name for index, name in enumerate(recorder.asked) if index == 0 or name != recorder.asked[index - 1]]
    assert met == ["sobol", "latin-hypercube", "sobol", "latin-hypercube"]
