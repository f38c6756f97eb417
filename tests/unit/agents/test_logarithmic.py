"""A parameter on a log scale is looked at by its logarithm: equal factors are equal steps, and no value is lost on the way."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from agents.bayesian import BayesianAgent
from agents.encoding import Encoding
from agents.grid import GridAgent
from agents.rows import constraint_on_rows, from_unit, limits_of, point_of, rows_of, satisfies, snapped
from agents.sobol import SobolAgent
from orchestrator.domain.records import Objective
from orchestrator.domain.space import Continuous, LinearConstraint, Space
from orchestrator.testing.histories import empty_history, played

FLOW = Continuous(limits=(1e-3, 1e3), unit="ml/min", scale="log")
SPACE = Space(parameters={"flow": FLOW})


def test_the_middle_of_the_cube_is_the_geometric_mean_of_the_limits():
    encoding = Encoding.of(SPACE)
    np.testing.assert_allclose(encoding.of_points([{"flow": 1e-3}, {"flow": 1.0}, {"flow": 1e3}]).ravel(), [0.0, 0.5, 1.0], atol=1e-12)
    assert point_of(SPACE, encoding.to_rows(np.array([[0.5]]))[0]) == {"flow": 1.0}


@given(st.floats(1e-3, 1e3).map(lambda value: float(f"{value:.11g}")))
def test_a_written_number_comes_back_as_it_was(value: float):
    assert point_of(SPACE, rows_of(SPACE, [{"flow": value}])[0]) == {"flow": value}


@pytest.mark.parametrize("value", [0.0, -1.0])
def test_a_readback_that_has_no_logarithm_counts_as_far_below(value: float):
    assert rows_of(SPACE, [{"flow": value}])[0, 0] == pytest.approx(math.log(1e-6))


def test_random_numbers_spread_evenly_over_the_decades():
    flows = np.exp(from_unit(SPACE, np.linspace(0, 1, 600, endpoint=False)[:, None])[:, 0])
    per_decade, _ = np.histogram(np.log10(flows), bins=6, range=(-3, 3))
    assert set(per_decade) == {100}


def test_numbers_beyond_the_limits_are_brought_back_to_them():
    assert [point_of(SPACE, row)["flow"] for row in snapped(SPACE, np.array([[-99.0], [99.0]]))] == [1e-3, 1e3]
    assert limits_of(FLOW) == (math.log(1e-3), math.log(1e3))


@pytest.mark.parametrize(("weight", "lower", "upper"), [(2.0, 0.02, 20.0), (-2.0, -20.0, -0.02), (1.0, None, 10.0), (1.0, 0.01, None)])
def test_limits_on_it_alone_hold_for_rows_as_for_points(weight: float, lower: float | None, upper: float | None):
    space = Space(parameters={"flow": FLOW}, constraints=(LinearConstraint(weights={"flow": weight}, lower=lower, upper=upper),))
    points = [{"flow": float(value)} for value in np.geomspace(1e-3, 1e3, 25) * 1.01 if value < 900]
    assert satisfies(space, rows_of(space, points)).tolist() == [space.contains(point) for point in points]
    assert constraint_on_rows(space, space.constraints[0])[0].tolist() == [1.0]


def test_a_fixed_one_stays_where_it_is():
    space = Space(parameters={"flow": FLOW, "x": Continuous(limits=(0, 1))}).fixing({"flow": 0.1})
    history = empty_history(space)
    for agent in (SobolAgent(SobolAgent.Settings()), BayesianAgent(BayesianAgent.Settings())):
        assert {trial.point["flow"] for trial in played(agent, history, lambda point: float(point["x"]), 8).trials} == {0.1}


def test_a_grid_takes_equal_factors():
    grid = GridAgent(GridAgent.Settings(levels=7))
    points = [trial.point["flow"] for trial in played(grid, empty_history(SPACE), lambda _: 0.0, 7).trials]
    assert points == [1e-3, 1e-2, 0.1, 1.0, 10.0, 100.0, 1e3]


def test_a_peak_one_decade_wide_among_six_is_found():
    """On a linear scale nine tenths of the first points lie above 100 ml/min, far from it."""

    def peak(point) -> float:
        return math.exp(-((math.log10(point["flow"]) + 1.3) ** 2) / 0.5)

    def best(space: Space) -> float:
        agent = BayesianAgent(BayesianAgent.Settings())
        goal = (Objective(name="yield", goal="maximise"),)
        return max(peak(trial.point) for trial in played(agent, empty_history(space, goal), peak, 12).trials)

    assert best(SPACE) > 0.99
    assert best(Space(parameters={"flow": FLOW.model_copy(update={"scale": "linear"})})) < 0.5


@pytest.mark.parametrize("limits", [(0.0, 1.0), (-1.0, 1.0)])
def test_limits_without_a_logarithm_are_refused(limits: tuple[float, float]):
    with pytest.raises(ValidationError, match="reach 0 or below, which has no logarithm; begin above 0"):
        Continuous(limits=limits, scale="log")


def test_a_sum_with_others_is_refused():
    with pytest.raises(ValidationError, match="adds 'flow', whose scale is log, to others; write scale: linear, or limit it alone"):
        Space(
            parameters={"flow": FLOW, "x": Continuous(limits=(0, 1))},
            constraints=(LinearConstraint(weights={"flow": 1.0, "x": 1.0}, upper=1.0),),
        )
