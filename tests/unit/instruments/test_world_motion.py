"""Motors that take time, have limits, and play in their gears."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instruments.simulated.axes import AXES, Axis
from instruments.simulated.motion import Stage
from orchestrator.domain.errors import InstrumentError

AXIS = Axis("mm", (0.0, 10.0), velocity=2.0, backlash=0.5, tolerance=0.01, start=1.0, best=5.0)


def make_stage(*, corrects_backlash: bool = True) -> Stage:
    stage = Stage("x", AXIS)
    stage.corrects_backlash = corrects_backlash
    return stage


def go(stage: Stage, *targets: float) -> None:
    for target in targets:
        now = 100.0 * (1 + targets.index(target))
        stage.readback(stage.move(target, now).end)


def test_a_move_upwards_takes_distance_over_velocity():
    stage = make_stage()
    motion = stage.move(5.0, now=10.0)

    assert motion.end == pytest.approx(12.0)
    assert stage.readback(11.0) == pytest.approx(3.0)
    assert stage.is_moving(11.0)
    assert stage.readback(12.0) == 5.0
    assert not stage.is_moving(12.0)


def test_a_move_downwards_goes_beyond_and_comes_back_up():
    stage = make_stage()
    go(stage, 5.0)
    motion = stage.move(3.0, now=500.0)

    assert motion.waypoints == (5.0, 2.25, 3.0)
    assert min(stage.readback(500.0 + step / 100) for step in range(200)) == pytest.approx(2.25, abs=0.03)


@given(st.lists(st.floats(0.0, 10.0), min_size=1, max_size=8))
def test_corrected_moves_carry_the_load_exactly_where_the_readback_says(targets: list[float]):
    stage, now = make_stage(), 0.0
    for target in targets:
        now = stage.move(target, now).end + 1.0
        assert stage.readback(now) == target
        assert stage.carried(now) == pytest.approx(target, abs=1e-9)


def test_without_correction_the_load_depends_on_the_side_it_was_approached_from():
    from_below, from_above = make_stage(corrects_backlash=False), make_stage(corrects_backlash=False)
    go(from_below, 5.0)
    go(from_above, 8.0, 5.0)

    assert from_below.readback(900.0) == from_above.readback(900.0) == 5.0
    assert from_above.carried(900.0) - from_below.carried(900.0) == pytest.approx(AXIS.backlash)


@given(looks=st.lists(st.floats(0.0, 4.0), max_size=20))
def test_looking_does_not_change_where_it_goes(looks: list[float]):
    watched, unwatched = make_stage(), make_stage()
    for stage in (watched, unwatched):
        go(stage, 6.0)
        stage.move(4.0, now=1000.0)
    for moment in sorted(looks):
        watched.carried(1000.0 + moment)

    assert watched.carried(1010.0) == pytest.approx(unwatched.carried(1010.0))


def test_a_stopped_axis_stays_where_it_was():
    stage = make_stage()
    stage.move(5.0, now=0.0)

    assert stage.stop(now=1.0)
    assert stage.readback(50.0) == pytest.approx(3.0)
    assert not stage.stop(now=60.0)


def test_a_target_outside_the_limits_is_refused_with_its_way_out():
    with pytest.raises(InstrumentError, match=r"x = 11 mm is outside \[0, 10\] mm; choose a point inside"):
        make_stage().check(11.0)


def test_not_a_number_is_outside_every_limit():
    with pytest.raises(InstrumentError, match="nan"):
        make_stage().check(float("nan"))


@pytest.mark.parametrize("name", AXES)
def test_every_axis_starts_inside_its_limits(name: str):
    Stage(name, AXES[name]).check(AXES[name].start)
