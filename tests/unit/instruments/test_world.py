"""The world under faults: each strikes where it was asked to, and leaves its mark."""

import math
from typing import Any

import pytest

from instruments.simulated.axes import AXES
from instruments.simulated.beam import Beam
from instruments.simulated.detectors import Attempt, Reading
from instruments.simulated.faults import BeamDump, DumpPhase, Fault, Glitch, SlowDetector, StuckMotor
from instruments.simulated.world import World
from orchestrator.domain.errors import InstrumentError


def begun(*faults: Fault, trial: int = 1, attempt: int = 1) -> World:
    world = World(faults)
    world.begin(Attempt(seed=1, trial=trial, number=attempt, id=f"night/{trial}/{attempt}"))
    return world


def expose(world: World, now: float = 100.0, seconds: float = 1.0) -> Reading:
    return world.finish_exposure(world.start_exposure(seconds, now))


def test_an_exposure_opens_the_shutter_and_closes_it():
    world = begun()
    exposure = world.start_exposure(2.0, now=10.0)
    assert world.shutter_is_open
    world.finish_exposure(exposure)

    assert not world.shutter_is_open
    assert world.counters.shutter_open_s == pytest.approx(2.0)
    assert world.counters.triggers == 1


def test_a_second_trigger_during_an_exposure_is_refused():
    world = begun()
    world.start_exposure(2.0, now=10.0)
    with pytest.raises(InstrumentError, match="counting already"):
        world.start_exposure(2.0, now=11.0)


def test_closing_the_shutter_abandons_the_exposure():
    world = begun()
    exposure = world.start_exposure(2.0, now=10.0)
    assert world.close_shutter(now=10.5)

    with pytest.raises(InstrumentError, match="aborted"):
        world.finish_exposure(exposure)
    assert world.counters.shutter_open_s == pytest.approx(0.5)


@pytest.mark.parametrize("seconds", [-1.0, math.nan, math.inf])
def test_an_exposure_that_is_no_duration_is_refused(seconds: float):
    with pytest.raises(InstrumentError, match="exposure"):
        begun().start_exposure(seconds, now=0.0)


def test_a_dump_inside_an_exposure_is_over_before_it_ends_and_costs_counts():
    world, calm = begun(BeamDump(trial=1, phase="inside")), begun()
    reading, undisturbed = expose(world), expose(calm)

    assert world.beam.current(100.0) == world.beam.current(101.0) == 100.0
    assert world.beam.trips(101.0) == 1
    assert reading.i0 == pytest.approx(0.8 * undisturbed.i0, rel=0.01)


@pytest.mark.parametrize(
    ("phase", "begins"),
    [("moving", 90.0), ("exposing", 100.5), ("inside", 100.4), ("thinking", 103.0)],
)
def test_a_dump_begins_in_the_phase_it_was_asked_for(phase: DumpPhase, begins: float):
    world = begun(BeamDump(trial=1, phase=phase))
    world.move("mirror_pitch", 3.0, now=90.0)
    expose(world)

    assert [begin for begin, _ in world.beam.dumps] == [pytest.approx(begins)]


def test_a_fault_spares_other_trials_and_later_attempts():
    dump = BeamDump(trial=2, phase="inside")
    for trial, attempt in ((1, 1), (2, 2), (3, 1)):
        world = begun(dump, trial=trial, attempt=attempt)
        expose(world)
        assert not world.beam.dumps


def test_a_dump_strikes_an_attempt_once_however_many_axes_move():
    world = begun(BeamDump(trial=1, phase="moving"))
    for name in AXES:
        world.move(name, AXES[name].best, now=1.0)
    assert len(world.beam.dumps) == 1


def test_a_stuck_motor_says_it_is_done_and_has_not_moved():
    world = begun(StuckMotor(trial=1, axis="mirror_roll"))
    motion = world.move("mirror_roll", 1.0, now=0.0)

    assert not world.stages["mirror_roll"].is_moving(motion.end)
    assert world.readbacks(motion.end + 100)["mirror_roll"] == AXES["mirror_roll"].start


@pytest.mark.parametrize(("value", "is_glitch"), [("nan", math.isnan), ("huge", lambda flux: flux > 1e11)])
def test_a_glitch_spoils_the_flux(value: Any, is_glitch: Any):
    assert is_glitch(expose(begun(Glitch(trial=1, value=value))).flux)


def test_a_slow_detector_answers_late_with_its_shutter_closed():
    world = begun(SlowDetector(trial=1, seconds=7.0))
    exposure = world.start_exposure(1.0, now=0.0)

    assert exposure.answer_delay == 7.0
    world.finish_exposure(exposure)
    assert not world.shutter_is_open


def test_a_fault_on_an_axis_that_does_not_exist_is_refused():
    with pytest.raises(InstrumentError, match="'pitch'; the beamline has mirror_pitch"):
        World([StuckMotor(trial=1, axis="pitch")])


def test_every_action_is_recorded_with_its_attempt_before_it_happens():
    lines: list[tuple[str, str]] = []
    world = World(record=lambda what, **fields: lines.append((what, fields["attempt"])))
    world.begin(Attempt(seed=1, trial=4, number=2, id="night/4/2"))
    world.move("energy", 9.0, now=0.0)
    expose(world)

    assert lines == [(what, "night/4/2") for what in ("motion", "trigger", "shutter-open", "exposed", "shutter-closed")]


def test_a_refused_move_is_not_counted():
    world = begun()
    with pytest.raises(InstrumentError):
        world.move("energy", 99.0, now=0.0)
    assert world.counters.moves == 0


def test_beam_changes_are_told_in_order_and_once():
    beam = Beam([(5.0, 6.0), (2.0, 3.0)])

    assert [(change.at, change.is_present) for change in beam.changes(2.0, 6.0)] == [(3.0, True), (5.0, False), (6.0, True)]
    assert beam.changes(6.0, 100.0) == []
    assert beam.fraction(2.5, 5.5) == pytest.approx(2.0 / 3.0)
