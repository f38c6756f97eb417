"""What may be set, and what is said about a point that may not."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from orchestrator.domain.space import (
    Categorical,
    Continuous,
    Integer,
    LinearConstraint,
    Ordinal,
    Parameter,
    Space,
    same_point,
    show_point,
    told_apart,
)

PARAMETER = TypeAdapter(Parameter)

SPACE = Space(
    parameters={
        "stage_x": Continuous(limits=(0.0, 25.0), unit="mm"),
        "n_frames": Integer(type="integer", limits=(1, 10)),
        "thickness": Ordinal(values=(0.5, 1, 2), unit="mm"),
        "filter": Categorical(values=("Al", "Cu")),
    }
)
INSIDE = {"stage_x": 3.0, "n_frames": 2, "thickness": 0.5, "filter": "Al"}

points_inside = st.fixed_dictionaries(
    {
        "stage_x": st.floats(0.0, 25.0),
        "n_frames": st.integers(1, 10),
        "thickness": st.sampled_from([0.5, 1, 2]),
        "filter": st.sampled_from(["Al", "Cu"]),
    }
)


@given(points_inside)
def test_every_point_within_the_limits_is_contained(point):
    assert SPACE.problems(point) == ()
    assert SPACE.contains(point)


@given(points_inside, st.floats().filter(lambda x: not -1e-6 <= x <= 25.000001))
def test_no_point_outside_a_limit_is_contained(point, outside):
    assert not SPACE.contains({**point, "stage_x": outside})


def test_a_point_outside_is_told_the_value_the_limits_the_unit_and_the_way_out():
    (problem,) = SPACE.problems({**INSIDE, "stage_x": 31.0})
    assert problem == "stage_x = 31 mm is outside [0, 25] mm; widen space.stage_x.limits or choose a point inside"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"n_frames": 2.5}, "n_frames = 2.5 is not a whole number"),
        ({"thickness": 0.7}, "thickness = 0.7 is not one of [0.5, 1, 2] mm"),
        ({"filter": "Pb"}, "filter = 'Pb' is not one of ['Al', 'Cu']"),
        ({"stage_x": math.nan}, "stage_x = nan is not a finite number"),
        ({"stage_x": "far"}, "stage_x = 'far' is a text, not a number; give a number"),
        (
            {"thickness": "0.5"},
            "thickness = '0.5' is a text, not a number; leave the quotes out, or convert what was read from a file: float('0.5')",
        ),
        ({"n_frames": 3.00000001}, "n_frames = 3.00000001 is not a whole number"),
        ({"stage_x": 25.0000001}, "stage_x = 25.0000001 mm is outside [0, 25] mm; widen space.stage_x.limits or choose a point inside"),
    ],
)
def test_each_kind_of_parameter_says_what_is_wrong(changed, said):
    assert SPACE.problems({**INSIDE, **changed}) == (said,)


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_numbers_that_differ_are_told_apart_and_nothing_shorter_would_do(value, other):
    shown, rest = told_apart(value, other)
    assert (float(shown) == float(rest)) == (value == other)
    assert f"{value:.6g}" == f"{other:.6g}" or shown == f"{value:.6g}"


def test_a_constraint_missed_by_a_hair_says_by_how_much():
    assert LinearConstraint(weights={"x": 1.0, "y": 1.0}, upper=1.0).problem({"x": 0.5, "y": 0.5000001}) == "x + y = 1.0000001 is above 1"


def test_every_wrong_setting_is_named_not_only_the_first():
    assert len(SPACE.problems({**INSIDE, "stage_x": 31.0, "filter": "Pb"})) == 2


@pytest.mark.parametrize("point", [{"stage_x": 1.0}, {**INSIDE, "stage_z": 1.0}, {}])
def test_a_point_with_a_missing_or_an_unknown_name_is_refused(point):
    assert "the space has filter, n_frames, stage_x, thickness" in SPACE.problems(point)[0]


def test_a_limit_may_be_missed_by_rounding_only():
    assert SPACE.contains({**INSIDE, "stage_x": 25.0 + 1e-12})
    assert not SPACE.contains({**INSIDE, "stage_x": 25.0001})


@pytest.mark.parametrize(
    ("written", "cls"),
    [
        ({"limits": [0, 1]}, Continuous),
        ({"type": "integer", "limits": [0, 5]}, Integer),
        ({"values": [1, 2.5]}, Ordinal),
        ({"values": ["Al", "Cu"]}, Categorical),
    ],
)
def test_a_parameter_written_without_its_type_is_understood(written, cls):
    parameter = PARAMETER.validate_python(written)
    assert isinstance(parameter, cls)
    assert PARAMETER.validate_json(PARAMETER.dump_json(parameter)) == parameter


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ({"limits": [5, 1], "unit": "mm"}, r"limits \[5.0, 1.0\] mm are reversed or empty"),
        ({"limits": [1, 1]}, "reversed or empty"),
        ({"values": [2, 1]}, "must ascend without repeats; sort them"),
        ({"values": [1, 1]}, "must ascend without repeats"),
        ({"values": ["Al", "Al"]}, "repeat a name; remove the repeat"),
        ({"values": []}, "at least 1 item"),
        ({"values": [False, True]}, "true and false are no numbers; write names in quotes, such as 'on' and 'off', or 0 and 1"),
        ({"limits": [0, math.inf]}, "finite number"),
        ({"limits": [0, 1], "tolerance": 0}, "greater than 0"),
    ],
)
def test_a_parameter_that_makes_no_sense_is_refused(written, said):
    with pytest.raises(ValidationError, match=said):
        PARAMETER.validate_python(written)


MIXTURE = Space(
    parameters={"iron": Continuous(limits=(0, 1)), "gallium": Continuous(limits=(0, 1))},
    constraints=(LinearConstraint(weights={"iron": 1, "gallium": 1}, upper=1),),
)


def test_a_composition_may_reach_its_sum_despite_rounding():
    assert 0.1 + 0.2 > 0.3
    constraint = LinearConstraint(weights={"iron": 1, "gallium": 1}, upper=0.3)
    assert constraint.problem({"iron": 0.1, "gallium": 0.2}) is None


def test_a_broken_constraint_is_shown_with_its_sum_and_bound():
    assert MIXTURE.problems({"iron": 0.8, "gallium": 0.4}) == ("iron + gallium = 1.2 is above 1",)
    at_least = LinearConstraint(weights={"iron": 2}, lower=1)
    assert at_least.problem({"iron": 0.25}) == "2·iron = 0.5 is below 1"


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_constraint_holds_exactly_where_its_sum_says_so(iron, gallium):
    total = iron + gallium
    if abs(total - 1) > 1e-8:
        assert MIXTURE.contains({"iron": iron, "gallium": gallium}) == (total < 1)


@pytest.mark.parametrize(
    ("constraint", "said"),
    [
        ({"weights": {"iron": 1}}, "neither lower nor upper"),
        ({"weights": {"iron": 1}, "lower": 2, "upper": 1}, "lower 2.0 above upper 1.0; swap them"),
        ({"weights": {}, "upper": 1}, "at least 1 item"),
    ],
)
def test_a_constraint_that_bounds_nothing_is_refused(constraint, said):
    with pytest.raises(ValidationError, match=said):
        LinearConstraint.model_validate(constraint)


def test_a_constraint_may_only_name_numeric_parameters_of_the_space():
    with pytest.raises(ValidationError, match="'zinc', which is no parameter; choose from iron"):
        Space(parameters={"iron": Continuous(limits=(0, 1))}, constraints=(LinearConstraint(weights={"zinc": 1}, upper=1),))
    with pytest.raises(ValidationError, match="'filter', which is categorical"):
        Space(parameters={"filter": Categorical(values=("Al",))}, constraints=(LinearConstraint(weights={"filter": 1}, upper=1),))


def test_only_members_of_a_pool_are_contained():
    pool = Space(parameters={"x": Continuous(limits=(0, 1))}, candidates=({"x": 0.1}, {"x": 0.3}))
    assert pool.contains({"x": 0.1 + 1e-15})
    assert pool.problems({"x": 0.2}) == ("x = 0.2 is not one of the 2 candidates; suggest a member of the pool",)
    with pytest.raises(ValidationError, match="pool of candidates is empty"):
        Space(parameters={"x": Continuous(limits=(0, 1))}, candidates=())


def test_points_are_the_same_despite_rounding_but_not_despite_another_name():
    assert same_point({"x": 0.3}, {"x": 0.1 + 0.2})
    assert same_point({"x": 1}, {"x": 1.0})
    assert not same_point({"x": 0.3}, {"x": 0.3000001})
    assert not same_point({"x": 0.3}, {"y": 0.3})
    assert not same_point({"x": "1"}, {"x": 1})


def test_a_point_is_shown_as_people_read_it():
    assert show_point({"x": 1.25, "n": 3, "filter": "Al"}) == "x = 1.25, n = 3, filter = Al"


def test_a_space_survives_its_json():
    assert Space.model_validate_json(SPACE.model_dump_json()) == SPACE
