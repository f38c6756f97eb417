"""Drawing from constrained regions, however thin."""

import numpy as np
import pytest

from agents.feasible import draw
from agents.polytope import draw_inside, repair
from agents.programme import nearest_feasible
from agents.rows import point_of, satisfies
from orchestrator.domain.errors import AgentError
from orchestrator.domain.space import Continuous, Integer, LinearConstraint, Ordinal, Parameter, Space
from orchestrator.testing.agent_cases import SPACES


def unit_square(*constraints: LinearConstraint, **more: Parameter) -> Space:
    return Space(parameters={"x": Continuous(limits=(0, 1)), "y": Continuous(limits=(0, 1)), **more}, constraints=constraints)


@pytest.mark.parametrize("name", [name for name, space in SPACES.items() if space.constraints])
@pytest.mark.parametrize("n", [1, 100])
def test_every_point_drawn_keeps_the_constraints(name: str, n: int) -> None:
    space = SPACES[name]
    rows = draw(space, np.random.default_rng(3), n)
    assert rows.shape == (n, len(space.parameters))
    assert all(space.contains(point_of(space, row)) for row in rows)


def test_a_wide_region_is_drawn_from_evenly() -> None:
    space = unit_square(LinearConstraint(weights={"x": 1, "y": 1}, upper=1.0))
    mean = draw(space, np.random.default_rng(0), 4000).mean(axis=0)
    assert mean == pytest.approx([1 / 3, 1 / 3], abs=0.02)  # the centre of mass of the triangle


def test_compositions_are_drawn_evenly_from_the_simplex() -> None:
    rows = draw_inside(SPACES["composition"], np.random.default_rng(0), 2000)
    assert rows.mean(axis=0) == pytest.approx([1 / 3] * 3, abs=0.03)
    assert rows.var(axis=0) == pytest.approx([1 / 18] * 3, rel=0.2)  # of a flat Dirichlet distribution


def test_a_slab_thinner_than_any_chance_hit_is_walked_along() -> None:
    space = unit_square(LinearConstraint(weights={"x": 1, "y": 1}, upper=1.0 + 1e-6), LinearConstraint(weights={"x": 1, "y": 1}, lower=1.0))
    x = draw(space, np.random.default_rng(0), 400)[:, 0]
    assert np.ptp(x) > 0.9
    assert x.mean() == pytest.approx(0.5, abs=0.08)


def test_a_constraint_between_whole_and_real_numbers_is_met_exactly() -> None:
    constraint = LinearConstraint(weights={"x": 1, "y": 1, "n": 0.25}, lower=1.5, upper=1.5)
    space = unit_square(constraint, n=Integer(type="integer", limits=(0, 4)))
    rows = draw(space, np.random.default_rng(0), 64)
    assert satisfies(space, rows).all()
    assert len(np.unique(rows[:, 2])) >= 3


def test_a_region_of_a_single_point_gives_that_point() -> None:
    space = unit_square(LinearConstraint(weights={"x": 1, "y": 1}, lower=2.0))
    assert draw(space, np.random.default_rng(0), 3) == pytest.approx(np.ones((3, 2)))


def test_constraints_nothing_satisfies_are_named_as_the_cause() -> None:
    space = unit_square(LinearConstraint(weights={"x": 1, "y": 1}, lower=2.5))
    with pytest.raises(AgentError, match="no point of the space satisfies all its constraints"):
        draw(space, np.random.default_rng(0), 1)


def test_discrete_values_move_no_further_than_they_must() -> None:
    values = tuple(k / 10 for k in range(11))
    space = Space(
        parameters={name: Ordinal(values=values) for name in "abc"},
        constraints=(LinearConstraint(weights={"a": 1, "b": 1, "c": 1}, lower=1.0, upper=1.0),),
    )
    found = nearest_feasible(space, np.array([0.2, 0.3, 0.6]))
    assert found.sum() == pytest.approx(1.0)
    assert np.abs(found - [0.2, 0.3, 0.6]).sum() == pytest.approx(0.1)


def test_wide_whole_numbers_cost_no_more_than_narrow_ones() -> None:
    space = unit_square(
        LinearConstraint(weights={"x": 1, "n": 1e-6}, lower=1.7, upper=1.7), n=Integer(type="integer", limits=(0, 1_000_000))
    )
    row = draw(space, np.random.default_rng(0), 1)
    assert satisfies(space, row).all()


def test_rounding_errors_are_repaired_and_inside_points_stay() -> None:
    space = SPACES["composition"]
    rows = np.array([[0.2, 0.3, 0.5 + 1e-6], [0.2, 0.3, 0.5]])
    repaired = repair(space, rows)
    assert satisfies(space, repaired).all()
    assert repaired[1].tolist() == rows[1].tolist()
