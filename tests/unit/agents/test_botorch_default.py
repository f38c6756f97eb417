"""BoTorch's defaults."""

import numpy as np
import pytest
from pydantic import ValidationError

from agents.botorch_default import BotorchDefaultAgent
from orchestrator.domain.history import History
from orchestrator.domain.records import Objective
from orchestrator.domain.space import Categorical, Continuous, Space
from orchestrator.testing.agent_cases import SPACES
from orchestrator.testing.histories import YIELD, empty_history, extended, history_with, played

LINE = Space(parameters={"x": Continuous(limits=(0, 1))})


def agent(**settings: int) -> BotorchDefaultAgent:
    return BotorchDefaultAgent(BotorchDefaultAgent.Settings.model_validate(settings))


def bump(n: int = 6) -> History:
    return history_with(LINE, [({"x": float(x)}, -((float(x) - 0.37) ** 2)) for x in np.linspace(0, 1, n)])


def test_it_finds_the_top_of_a_parabola() -> None:
    suggestion = agent().ask(bump())
    assert suggestion.point["x"] == pytest.approx(0.37, abs=0.03)
    assert suggestion.evidence.acquisition is not None
    assert suggestion.evidence.acquisition.name == "LogExpectedImprovement"
    assert suggestion.evidence.predicted["yield"].mean == pytest.approx(0.0, abs=0.02)


def test_a_pending_point_is_counted_on() -> None:
    waiting = extended(bump(), agent().ask(bump()))
    suggestion = agent().ask(waiting)
    assert suggestion.point != waiting.trials[-1].point
    assert suggestion.evidence.acquisition is not None
    assert suggestion.evidence.acquisition.name == "qLogExpectedImprovement"


def test_among_categories_it_climbs_in_each() -> None:
    space = Space(parameters={"filter": Categorical(values=("Al", "Cu")), "x": Continuous(limits=(0, 1))})
    worth = {"Al": 0.0, "Cu": 1.0}
    points = [{"filter": name, "x": float(x)} for x in np.linspace(0, 1, 5) for name in worth]
    history = history_with(space, [(point, worth[str(point["filter"])] - (float(point["x"]) - 0.6) ** 2) for point in points])
    suggestion = agent(restarts=2).ask(history)
    assert suggestion.point["filter"] == "Cu"
    assert suggestion.point["x"] == pytest.approx(0.6, abs=0.1)


def test_two_objectives_are_searched_between_their_best_points() -> None:
    cost = Objective(name="cost", goal="minimise", unit="s")
    history = history_with(
        LINE, [({"x": float(x)}, {"yield": -((x - 0.8) ** 2), "cost": (x - 0.2) ** 2}) for x in np.linspace(0, 1, 6)], (YIELD, cost)
    )
    suggestion = agent(restarts=2).ask(history)
    assert suggestion.evidence.acquisition is not None
    assert suggestion.evidence.acquisition.name == "qLogNoisyExpectedHypervolumeImprovement"
    assert 0.1 < float(suggestion.point["x"]) < 0.9
    assert suggestion.evidence.reason.startswith("expected yield ")


def test_the_constraints_of_a_composition_are_kept() -> None:
    history = played(agent(restarts=2), empty_history(SPACES["composition"]), lambda point: float(point["Fe"]), 8)
    best = max(float(point["Fe"]) for point in history.suggested_points())
    assert best == pytest.approx(1.0, abs=0.02)


def test_fewer_drawn_points_than_climbs_are_refused() -> None:
    with pytest.raises(ValidationError, match="raw_samples = 2 is below restarts = 5; raise it, or lower restarts"):
        agent(raw_samples=2)
