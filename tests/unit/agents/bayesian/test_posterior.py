"""Slices of the model are those of the model that decided."""

import pytest

from agents.bayesian import BayesianAgent
from orchestrator.domain.base import Point
from orchestrator.domain.errors import AgentError
from orchestrator.domain.history import History
from orchestrator.domain.records import Evidence, Objective, Suggestion
from orchestrator.domain.space import Space
from orchestrator.testing.agent_cases import SPACES, example_points
from orchestrator.testing.histories import YIELD, extended, history_with

COST = Objective(name="cost", goal="minimise", unit="s")
AGENT = BayesianAgent(BayesianAgent.Settings(n_initial=4))


def worth(space: Space, point: Point) -> float:
    """Return something smooth in every number, and different for every category."""
    numbers = (index + (len(value) if isinstance(value, str) else float(value)) for index, value in enumerate(point.values()))
    return 100.0 + sum(number**2 for number in numbers) / 7


def measured(name: str, *, n: int = 12, sd: float | None = None) -> History:
    space = SPACES[name]
    trials = [(point, {"yield": worth(space, point), "cost": -3.0 * worth(space, point)}) for point in example_points(space, n)]
    return history_with(space, trials, [YIELD, COST], sd=sd)


def assert_recalled(history: History, suggestion: Suggestion) -> None:
    predicted = AGENT.posterior(history, suggestion.evidence)
    told = [(suggestion.point, suggestion.evidence.predicted), *((each.point, each.predicted) for each in suggestion.evidence.runners_up)]
    for point, expected in told:
        for objective, (mean, sd) in predicted.predict([point]).items():
            assert mean[0] == pytest.approx(expected[objective].mean, rel=1e-6)
            assert sd[0] == pytest.approx(expected[objective].sd, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("name", ["continuous", "categorical", "thin slab", "pool", "composition in steps", "one value beside a range"])
@pytest.mark.parametrize("sd", [None, 0.5])
def test_the_model_recalled_from_the_evidence_predicts_what_was_recorded(name: str, sd: float | None) -> None:
    history = measured(name, sd=sd)
    assert_recalled(history, AGENT.ask(history))


def test_a_model_that_was_not_fitted_again_is_recalled_as_well() -> None:
    history = measured("continuous", n=110)
    first = AGENT.ask(history)
    value = worth(history.space, first.point)
    later = extended(history, first, {"yield": value, "cost": -3.0 * value})
    second = AGENT.ask(later)
    assert not second.evidence.model["was_refit"]
    assert_recalled(later, second)


def test_a_large_grid_is_predicted_as_its_points_are() -> None:
    history = measured("continuous")
    model = AGENT.posterior(history, AGENT.ask(history).evidence)
    points = [{"x": -2.0 + 5.0 * index / 1999, "y": 5e5} for index in range(2000)]
    mean, sd = model.predict(points)["yield"]
    assert mean.shape == sd.shape == (2000,)
    assert mean[1700] == pytest.approx(model.predict([points[1700]])["yield"][0][0])


def test_another_history_than_the_models_own_is_refused() -> None:
    history = measured("continuous")
    evidence = AGENT.ask(history).evidence
    with pytest.raises(AgentError, match="built from 12 scored trials, but this history has 9"):
        AGENT.posterior(measured("continuous", n=9), evidence)


def test_a_decision_without_a_model_is_refused() -> None:
    with pytest.raises(AgentError, match="recorded no model of yield, cost; it was: spread evenly"):
        AGENT.posterior(measured("continuous"), Evidence(reason="spread evenly"))
