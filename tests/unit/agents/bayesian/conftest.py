"""Torch is imported once, without the warnings of its own import."""

import pytest

from agents.bayesian import BayesianAgent
from orchestrator.domain.records import Objective
from orchestrator.domain.space import Continuous, Space
from orchestrator.testing.histories import empty_history


@pytest.fixture(scope="session", autouse=True)
def _libraries_loaded() -> None:
    agent = BayesianAgent(BayesianAgent.Settings())
    two = [Objective(name=name, goal="maximise") for name in ("one", "other")]
    agent.prepare(empty_history(Space(parameters={"x": Continuous(limits=(0, 1))}), two))
