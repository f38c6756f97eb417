"""An optimizer with blop's protocol as an agent: told everything, and held to what may be measured."""

import random
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from agents.feasible import draw
from agents.rows import point_of
from orchestrator.blop_adapters import OptimizerAgent
from orchestrator.domain.campaign import TrialStatus
from orchestrator.domain.errors import AgentError
from orchestrator.domain.records import Objective
from orchestrator.domain.space import Categorical, Continuous, Ordinal, Space
from orchestrator.testing.agent_cases import CASES, COST, SPACES, Case
from orchestrator.testing.agent_contract import check_agent, check_memory
from orchestrator.testing.histories import YIELD, history_with

LINE = Space(parameters={"x": Continuous(limits=(0, 1))})


class Drawing:
    """Draws at random from the whole space, by the generators that everybody shares."""

    def __init__(self, space: Space) -> None:
        self.space = space
        self.ingested: list[Any] = []

    def suggest(self, num_points: int | None = None) -> list[dict[str, Any]]:
        import torch

        rng = np.random.default_rng([np.random.randint(2**31), random.getrandbits(31), int(torch.randint(2**31, (1,))), len(self.ingested)])
        return [{"_id": number, **point_of(self.space, row)} for number, row in enumerate(draw(self.space, rng, num_points or 1))]

    def ingest(self, points: Sequence[Any]) -> None:
        self.ingested += points


class Fixed(Drawing):
    """Suggests what it was given, and can be told what is awaited and what failed."""

    def __init__(self, space: Space, *suggestions: dict[str, Any]) -> None:
        super().__init__(space)
        self.suggestions = list(suggestions)
        self.registered: list[Any] = []
        self.failed: list[Any] = []

    def suggest(self, num_points: int | None = None) -> list[dict[str, Any]]:
        return [self.suggestions.pop(0) if len(self.suggestions) > 1 else self.suggestions[0]]

    def register_suggestions(self, suggestions: Sequence[Any]) -> list[dict[str, Any]]:
        self.registered += suggestions
        return [{"_id": number, **suggestion} for number, suggestion in enumerate(suggestions)]

    def register_failures(self, suggestions: Sequence[Any]) -> None:
        self.failed += suggestions


class DrawingAgent(OptimizerAgent):
    def build(self, space: Space, objectives: Sequence[Objective], seed: int) -> Drawing:
        return Drawing(space)


class Given(OptimizerAgent):
    """An agent around one optimizer that a test looks into."""

    def __init__(self, optimizer: Fixed) -> None:
        super().__init__(self.Settings())
        self.optimizer = optimizer

    def build(self, space: Space, objectives: Sequence[Objective], seed: int) -> Fixed:
        self.objectives = objectives
        return self.optimizer


def drawing(_: Space) -> DrawingAgent:
    return DrawingAgent(DrawingAgent.Settings())


@pytest.mark.parametrize("case", CASES, ids=str)
def test_an_optimizer_that_knows_the_space_keeps_the_contract(case: Case) -> None:
    check_agent(drawing, case)


@pytest.mark.parametrize("name", SPACES)
def test_it_has_no_memory_but_the_history(name: str) -> None:
    check_memory(drawing, name)


def test_it_is_told_what_was_measured_what_is_awaited_and_what_failed() -> None:
    space = Space(parameters={"n": Ordinal(values=(6, 8, 10, 12)), "x": Continuous(limits=(0, 1))})
    trials = [
        ({"n": 6, "x": 0.1}, {"yield": 3.0, "cost": 2.0}),
        ({"n": 8, "x": 0.2}, TrialStatus.AWAITING),
        ({"n": 10, "x": 0.3}, TrialStatus.VETOED),
        ({"n": 12, "x": 0.4}, TrialStatus.FAILED),
    ]
    agent = Given(Fixed(space, {"_id": 7, "n": 8.0, "x": np.float64(0.5), "score": 9.0}))
    suggestion = agent.ask(history_with(space, trials, [YIELD, COST]))
    assert (suggestion.point, suggestion.evidence.reason) == ({"n": 8, "x": 0.5}, "suggested by Fixed")
    assert [(each.name, each.goal) for each in agent.objectives] == [("objective_1", "maximise"), ("objective_2", "minimise")]
    assert agent.optimizer.ingested == [{"n": 6.0, "x": 0.1, "objective_1": 3.0, "objective_2": 2.0}]
    assert agent.optimizer.registered == [{"n": 8.0, "x": 0.2}, {"n": 10.0, "x": 0.3}, {"n": 12.0, "x": 0.4}]
    assert [each["x"] for each in agent.optimizer.failed] == [0.3, 0.4]


def test_of_a_pool_the_nearest_candidate_left_is_taken_and_that_is_said() -> None:
    pool = LINE.model_copy(update={"candidates": tuple({"x": x} for x in (0.0, 0.4, 0.5, 1.0))})
    suggestion = Given(Fixed(pool, {"x": 0.51})).ask(history_with(pool, [({"x": 0.5}, 1.0)]))
    assert suggestion.point == {"x": 0.4}
    assert suggestion.evidence.reason == "of 3 candidates left, the nearest to x = 0.51, which Fixed suggested"
    with pytest.raises(AgentError, match="pool exhausted"):
        Given(Fixed(pool, {"x": 0.5})).ask(history_with(pool, [(member, 1.0) for member in pool.candidates or ()]))


def test_a_vetoed_point_is_asked_about_again_but_not_for_ever() -> None:
    vetoed = history_with(LINE, [({"x": 0.5}, TrialStatus.VETOED)])
    assert Given(Fixed(LINE, {"x": 0.5}, {"x": 0.5}, {"x": 0.6})).ask(vetoed).point == {"x": 0.6}
    with pytest.raises(AgentError, match=r"Fixed wants x = 0.5 again and again, which was vetoed or failed; widen the space"):
        Given(Fixed(LINE, {"x": 0.5})).ask(vetoed)


@pytest.mark.parametrize(
    ("suggestion", "problem"),
    [
        (
            {"x": 1.2, "filter": "Al"},
            "Fixed suggests x = 1.2, filter = Al; the nearest allowed is x = 1, filter = Al; build it with the limits",
        ),
        ({"x": 0.5}, "Fixed suggests no filter; build it with all of x, filter"),
        ({"x": 0.5, "filter": "Au"}, "Fixed suggests filter = 'Au'; it is one of Al, Cu"),
    ],
)
def test_what_may_not_be_measured_is_refused_and_never_moved_in_silence(suggestion: dict[str, Any], problem: str) -> None:
    space = Space(parameters={"x": Continuous(limits=(0, 1)), "filter": Categorical(values=("Al", "Cu"))})
    with pytest.raises(AgentError) as error:
        Given(Fixed(space, suggestion)).ask(history_with(space, []))
    assert str(error.value) == problem


def test_a_broken_constraint_is_named() -> None:
    space = SPACES["half a square"]
    with pytest.raises(AgentError, match=r"may not be measured: .*; build it with the constraints"):
        Given(Fixed(space, {"x": 0.9, "y": 0.9})).ask(history_with(space, []))


def seed_torch(seed: int) -> None:
    import torch  # here, for every worker of the suite imports this file

    torch.manual_seed(seed)


GENERATORS = (random.seed, np.random.seed, seed_torch)


@pytest.mark.parametrize("seed_one", GENERATORS)
def test_other_peoples_random_numbers_change_nothing(seed_one: Callable[[int], object]) -> None:
    history = history_with(LINE, [])
    seed_one(1)
    here = drawing(LINE).ask(history)
    seed_one(2)
    assert drawing(LINE).ask(history) == here


def test_other_peoples_random_numbers_are_left_as_they_were() -> None:
    expected = drawn_after(lambda: None)
    assert drawn_after(lambda: drawing(LINE).ask(history_with(LINE, []))) == expected


def drawn_after(act: Callable[[], object]) -> tuple[float, ...]:
    import torch

    for seed in GENERATORS:
        seed(1)
    act()
    return random.random(), np.random.rand(), float(torch.rand(1))
