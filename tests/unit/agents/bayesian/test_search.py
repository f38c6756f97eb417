"""Searching spaces too large to list, on functions whose best point is known."""

import numpy as np
import pytest

from agents.bayesian.search import ascend, best_of, distinct
from agents.encoding import Encoding
from agents.feasible import draw
from agents.rows import point_of, rows_of
from orchestrator.domain.base import Point
from orchestrator.domain.space import Categorical, Continuous, Integer, LinearConstraint, Ordinal, Space


class Peak:
    """Worth falls with the squared distance from one point in the unit cube."""

    def __init__(self, encoding: Encoding, top: Point) -> None:
        self.top = encoding.of_points([top])

    def of_cube(self, cube: np.ndarray) -> np.ndarray:
        return -((cube - self.top) ** 2).sum(axis=1)


def found(space: Space, top: Point, *, with_gradient: bool = False) -> Point:
    encoding = Encoding.of(space)
    peak = Peak(encoding, top)

    def climb(rows: np.ndarray) -> np.ndarray:
        """Return the rows with their continuous parameters at the top, as a perfect climber would."""
        continuous = [isinstance(parameter, Continuous) for parameter in space.parameters.values()]
        return np.where(continuous, rows_of(space, [top])[0], rows) if with_gradient else rows

    rows = draw(space, np.random.default_rng(0), 64)
    best = distinct(encoding.of_rows(rows), peak.of_cube(encoding.of_rows(rows)), 4, 0.1)
    points = [point_of(space, row) for row in ascend(encoding, peak, climb, rows[best])]
    assert all(space.contains(point) for point in points)
    return best_of(encoding, points, peak).points[0]


def test_discrete_steps_reach_the_best_value_of_each_parameter() -> None:
    parameters = {f"n{k}": Integer(type="integer", limits=(0, 1000)) for k in range(3)}
    top = {"n0": 17, "n1": 900, "n2": 431, "kind": "c"}
    space = Space(parameters={**parameters, "kind": Categorical(values=("a", "b", "c"))})
    point = found(space, top)
    assert point["kind"] == "c"
    assert all(abs(float(point[name]) - float(top[name])) <= 25 for name in parameters)


def test_real_and_discrete_parameters_take_turns() -> None:
    space = Space(
        parameters={"x": Continuous(limits=(-5, 5)), "m": Ordinal(values=(1, 2, 4, 8, 16, 32)), "k": Categorical(values=("a", "b"))}
    )
    assert found(space, {"x": 3.21, "m": 16, "k": "b"}, with_gradient=True) == {"x": pytest.approx(3.21), "m": 16, "k": "b"}


def test_a_climb_that_ends_outside_is_brought_back() -> None:
    space = Space(
        parameters={"x": Continuous(limits=(0, 1)), "y": Continuous(limits=(0, 1))},
        constraints=(LinearConstraint(weights={"x": 1, "y": 1}, lower=1.0, upper=1.0),),
    )
    point = found(space, {"x": 0.8, "y": 0.6}, with_gradient=True)
    assert point == {"x": pytest.approx(0.6, abs=0.02), "y": pytest.approx(0.4, abs=0.02)}


def test_alternatives_are_the_best_that_differ_enough() -> None:
    cube = np.array([[0.0], [0.01], [0.5], [1.0]])
    assert distinct(cube, np.array([4.0, 3.0, 2.0, 1.0]), 3, 0.1) == [0, 2, 3]
    assert distinct(cube, np.array([1.0, np.nan, 3.0, 2.0]), 4, 0.0) == [2, 3, 0, 1]
