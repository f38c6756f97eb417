"""Every agent found by entry point keeps the same promises."""

from importlib.util import find_spec

import pytest

from orchestrator.domain.protocols import Agent
from orchestrator.domain.space import Space
from orchestrator.plugins import Found, found
from orchestrator.testing import agent_contract

AGENTS = found("agent")
QUICK = {
    "botorch-default": {"n_initial": 12, "restarts": 1, "raw_samples": 4, "iterations": 2},
    "random-forest": {"trees": 4},
}
"""Settings that think less than the defaults: the promises hold for any, and the suite must stay quick."""

TWICE = "continuous"
"""Every history is asked about twice in this space; that two agents agree in the others is seen where they have lived through some."""

N_STEPS = 3
"""Of each campaign that is lived through: the last two come after ``prepare``, and each is asked of two agents."""


def make(agent: Found, space: Space) -> Agent:
    cls = agent.load()
    needed = {"points": agent_contract.example_points(space, 40)} if "points" in cls.Settings.model_fields else {}
    return cls(cls.Settings(**needed, **QUICK.get(agent.name, {})))


@pytest.mark.parametrize("case", agent_contract.CASES, ids=str)
@pytest.mark.parametrize("agent", AGENTS, ids=lambda agent: agent.name)
def test_every_agent_suggests_a_sensible_point_whatever_the_history(agent: Found, case: agent_contract.Case) -> None:
    if agent.name == "scripted" and case.history.trials:
        pytest.skip("a script plays what it says, so it may repeat a point")
    agent_contract.check_agent(lambda space: make(agent, space), case, asks_twice=case.name.startswith(TWICE))


@pytest.mark.parametrize("name", agent_contract.SPACES)
@pytest.mark.parametrize("agent", AGENTS, ids=lambda agent: agent.name)
def test_a_fresh_agent_suggests_what_a_long_lived_one_does(agent: Found, name: str) -> None:
    agent_contract.check_memory(lambda space: make(agent, space), name, n=N_STEPS)


@pytest.mark.parametrize("agent", AGENTS, ids=lambda agent: agent.name)
def test_what_an_agent_says_it_loads_is_there_to_be_loaded(agent: Found) -> None:
    assert [name for name in getattr(agent.load(), "loads", ()) if find_spec(name) is None] == []


def test_a_module_that_imports_what_is_heavy_breaks_the_contract() -> None:
    """That no agent of ours does is looked at in tests/unit/test_light_imports.py, of all of them in one process."""
    agent_contract.check_light_import("agents.random")
    with pytest.raises(AssertionError, match=r"importing scipy\.stats imports scipy\.stats"):
        agent_contract.check_light_import("scipy.stats")
