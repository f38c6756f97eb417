"""The random forest."""

import numpy as np
import pytest

from agents.random_forest import RandomForestAgent
from orchestrator.domain.campaign import TrialStatus
from orchestrator.domain.errors import AgentError
from orchestrator.domain.history import History
from orchestrator.domain.space import Continuous, Ordinal, Space
from orchestrator.testing.histories import extended, history_with

LINE = Space(parameters={"x": Continuous(limits=(0, 10))}, candidates=tuple({"x": float(x)} for x in range(11)))


def forest(**settings: float) -> RandomForestAgent:
    return RandomForestAgent(RandomForestAgent.Settings.model_validate({"trees": 30, **settings}))


def slope(n: int = 6) -> History:
    """Return scores that rise along the line, from its low end."""
    return history_with(LINE, [({"x": float(x)}, 10.0 * x) for x in range(n)])


def test_where_the_yield_rises_it_goes_on_upwards() -> None:
    suggestion = forest(exploration=0.0).ask(slope())
    assert float(suggestion.point["x"]) > 5
    prediction = suggestion.evidence.predicted["yield"]
    assert suggestion.evidence.reason == f"expected {prediction.mean:.3g} ± {prediction.sd:.2g} %, by 30 trees"
    assert 20 < prediction.mean <= 50


def test_the_acquisition_is_the_mean_and_lambda_sds_of_the_trees() -> None:
    evidence = forest(exploration=3.0).ask(slope()).evidence
    assert evidence.acquisition is not None
    assert (evidence.acquisition.name, evidence.acquisition.unit) == ("hopeful guess (mean and 3 sd)", "%")
    sd = evidence.predicted["yield"].sd
    assert evidence.acquisition.parts["explore"] == pytest.approx(3 * sd)
    assert evidence.acquisition.value == pytest.approx(evidence.predicted["yield"].mean + 3 * sd)
    assert all(runner.acquisition is not None and runner.acquisition <= evidence.acquisition.value for runner in evidence.runners_up)


def test_while_no_score_is_there_the_first_points_go_on() -> None:
    waiting = history_with(LINE, [({"x": float(x)}, TrialStatus.AWAITING) for x in range(6)])
    assert "initial design, 5 of 5: drawn at random from 5 candidates left" in forest().ask(waiting).evidence.reason


def test_the_parameter_that_matters_is_the_important_one() -> None:
    space = Space(parameters={"x": Continuous(limits=(0, 1)), "idle": Continuous(limits=(0, 1))})
    rng = np.random.default_rng(1)
    history = history_with(space, [({"x": float(x), "idle": float(idle)}, float(x)) for x, idle in rng.random((20, 2))])
    importances = forest().ask(history).evidence.model["importances"]
    assert importances["x"] > 0.8
    assert sum(importances.values()) == pytest.approx(1.0)


def test_a_pending_point_makes_its_surroundings_less_urgent() -> None:
    history = history_with(LINE, [({"x": 0.0}, 0.0), ({"x": 10.0}, 5.0), ({"x": 1.0}, 1.0), ({"x": 9.0}, 9.0), ({"x": 2.0}, 1.0)])
    first = forest().ask(history)
    waiting = extended(history, first)
    second = forest().ask(waiting)
    assert second.point != first.point


def test_the_surroundings_of_a_vetoed_point_are_expected_to_be_poor() -> None:
    history = slope()
    vetoed = extended(
        extended(history, forest(exploration=0.0).ask(history), TrialStatus.VETOED), forest().ask(history), TrialStatus.VETOED
    )
    assert forest(exploration=0.0).ask(vetoed).evidence.predicted["yield"].mean < 50


def test_a_space_where_all_was_refused_is_an_error_with_a_way_out() -> None:
    space = Space(parameters={"n": Ordinal(values=(1, 2))})
    scored = [({"n": n}, float(n)) for n in (1, 2, 1, 2, 1)]
    assert forest().ask(history_with(space, scored)).point == {"n": 2}
    vetoed = history_with(space, [*scored, ({"n": 1}, TrialStatus.VETOED), ({"n": 2}, TrialStatus.FAILED)])
    with pytest.raises(AgentError, match="all 2 points of the space were vetoed or failed; widen the space"):
        forest().ask(vetoed)
