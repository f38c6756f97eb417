"""Points and rows of numbers say the same."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.encoding import Encoding
from agents.rows import from_unit, listed_rows, n_choices, n_points, point_of, rows_of, satisfies, snapped
from orchestrator.domain.space import Categorical, Continuous, Integer, LinearConstraint, Ordinal, Parameter, Space
from orchestrator.testing.agent_cases import SPACES

FREE = [name for name, space in SPACES.items() if not space.constraints and space.candidates is None]


@pytest.mark.parametrize("name", FREE)
@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_every_draw_is_inside_the_space_and_survives_the_round_trip(name: str, seed: int) -> None:
    space = SPACES[name]
    row = from_unit(space, np.random.default_rng(seed).random((1, len(space.parameters))))[0]
    point = point_of(space, row)
    assert space.contains(point)
    assert point_of(space, rows_of(space, [point])[0]) == point
    encoding = Encoding.of(space)
    assert point_of(space, encoding.to_rows(encoding.of_points([point]))[0]) == pytest.approx(point)


def test_the_ends_of_the_unit_interval_are_the_ends_of_each_range() -> None:
    space = SPACES["integer"]
    assert from_unit(space, np.array([[0.0, 0.0], [1.0, 1.0]])).tolist() == [[-3, 0], [40, 1]]


def test_whole_numbers_come_back_as_whole_numbers() -> None:
    point = point_of(SPACES["ordinal"], np.array([7.9, 1.55]))
    assert point == {"n": 8, "r": 1.5}
    assert type(point["n"]) is int


def test_rows_and_points_agree_on_constraints_to_the_last_digit() -> None:
    space = SPACES["composition"]
    rows = np.array([[0.1, 0.2, 0.7], [0.1, 0.2, 0.7 + 1e-7], [1 / 3, 1 / 3, 1 / 3]])
    assert satisfies(space, rows).tolist() == [True, False, True]
    assert [space.contains(point_of(space, row)) for row in rows] == [True, False, True]


def test_snapping_moves_each_number_to_the_nearest_allowed_one() -> None:
    space = Space(
        parameters={"x": Continuous(limits=(0, 1)), "n": Integer(type="integer", limits=(0, 3)), "m": Ordinal(values=(1, 2, 4))},
        constraints=(LinearConstraint(weights={"x": 1}, upper=0.5),),
    )
    assert snapped(space, np.array([[1.3, 2.6, 2.9], [-0.1, 9.0, 3.1]])).tolist() == [[1.0, 3.0, 2.0], [0.0, 3.0, 4.0]]


def test_a_small_space_is_listed_whole_and_a_large_one_is_not() -> None:
    assert n_points(SPACES["all discrete"]) == 16
    listed = listed_rows(SPACES["composition in steps"])
    assert listed is not None
    assert len(listed) == 1771  # the ways to share 20 steps between 4 parts: (23 choose 3)
    assert listed_rows(SPACES["continuous"]) is None


@pytest.mark.parametrize(
    ("parameter", "n"),
    [
        (Integer(type="integer", limits=(0, 100)), 10),
        (Ordinal(values=tuple(range(40))), 12),
        (Categorical(values=("a", "b")), 64),
        (Categorical(values=("a", "b")), 1100),
    ],
    ids=["past 2⁶³", "ordinals", "2⁶⁴, in which none is left of 64 bits", "past the largest float"],
)
def test_more_points_than_a_machine_counts_are_not_listed(parameter: Parameter, n: int) -> None:
    space = Space(parameters={f"p{index}": parameter for index in range(n)})
    assert n_points(space) == pytest.approx(float(n_choices(parameter)) ** n if n < 1000 else math.inf)
    assert listed_rows(space) is None


def test_a_pool_is_scaled_by_its_own_range() -> None:
    encoding = Encoding.of(SPACES["pool"])
    cube = encoding.of_points(SPACES["pool"].candidates or ())
    assert cube[:, 1].min() == 0.0
    assert cube[:, 1].max() == 1.0  # the limit is 4 but no member lies above 3.5


def test_two_categories_lie_one_apart() -> None:
    encoding = Encoding.of(SPACES["categorical"])
    one, other = encoding.of_points([{"filter": "Al", "x": 0.5}, {"filter": "none", "x": 0.5}])
    assert np.linalg.norm(one - other) == pytest.approx(1.0)
