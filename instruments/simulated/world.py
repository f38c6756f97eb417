"""A beamline with physics, noise, drift, play and faults. No threads, no clock: whoever owns it says what time it is."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from instruments.simulated.axes import AXES
from instruments.simulated.beam import Beam
from instruments.simulated.detectors import Attempt, Reading, drift, read
from instruments.simulated.faults import BeamDump, Fault, Glitch, SlowDetector, StuckMotor
from instruments.simulated.motion import Motion, Stage
from instruments.simulated.optics import NO_DRIFT, spot
from orchestrator.domain.errors import InstrumentError

_HUGE = 1.0e12
"""Photons per second that no detector could have counted."""

Record = Callable[..., Any]
"""Writes what happened: ``record(what, **fields)``."""
FaultType = TypeVar("FaultType", BeamDump, StuckMotor, Glitch, SlowDetector)


@dataclass(frozen=True, slots=True)
class Exposure:
    """The shutter is open, or was."""

    begin: float
    """Simulated seconds."""
    seconds: float
    answer_delay: float = 0.0
    """Simulated seconds from the shutter's closing to the reading."""
    is_dark: bool = False
    """Whether the shutter stays closed."""

    @property
    def end(self) -> float:
        return self.begin + self.seconds


@dataclass(slots=True)
class Counters:
    """What the devices were really asked to do."""

    moves: int = 0
    triggers: int = 0
    shutter_open_s: float = 0.0


def _forget(what: str, **fields: Any) -> None:
    pass


class World:
    """The beamline as its controllers see it.

    Args:
        faults: What will go wrong.
        record: Called before every action with what it is, and when.
    """

    def __init__(self, faults: Sequence[Fault] = (), record: Record = _forget) -> None:
        _require_known_axes(faults)
        self.stages = {name: Stage(name, axis) for name, axis in AXES.items()}
        self.beam = Beam()
        self.counters = Counters()
        self.attempt = Attempt()
        self.exposure: Exposure | None = None
        self._faults = tuple(faults)
        self._record = record
        self._opened_at: float | None = None
        self._spent: set[Fault] = set()
        self._steered = NO_DRIFT

    def begin(self, attempt: Attempt) -> None:
        """Say which attempt whatever follows belongs to."""
        if attempt != self.attempt:
            self.attempt = attempt
            self._spent.clear()

    def readbacks(self, now: float) -> Mapping[str, float]:
        return {name: stage.readback(now) for name, stage in self.stages.items()}

    def move(self, name: str, target: float, now: float) -> Motion:
        """Start moving an axis.

        Raises:
            InstrumentError: If the target lies outside the axis's limits; nothing moves.
        """
        stage = self.stages[name]
        stage.check(target)
        start = stage.readback(now)
        self.counters.moves += 1
        self._note("motion", now, axis=name, start=start, to=target)
        for dump in self._striking(BeamDump):
            if dump.phase == "moving" and self._strike_once(dump):
                self._dump(now, dump.duration)
        is_stuck = any(fault.axis == name for fault in self._striking(StuckMotor))
        return stage.pretend(now) if is_stuck else stage.move(target, now)

    def stop(self, name: str, now: float) -> bool:
        """Stop an axis; return whether it was moving."""
        was_moving = self.stages[name].stop(now)
        if was_moving:
            self._note("stop", now, axis=name, position=self.stages[name].readback(now))
        return was_moving

    @property
    def shutter_is_open(self) -> bool:
        return self._opened_at is not None

    def open_shutter(self, now: float) -> None:
        if self._opened_at is None:
            self._note("shutter-open", now)
            self._opened_at = now

    def close_shutter(self, now: float) -> bool:
        """Close the shutter and abandon a running exposure; return whether it was open."""
        self.exposure = None
        if self._opened_at is None:
            return False
        self.counters.shutter_open_s += now - self._opened_at
        self._opened_at = None
        self._note("shutter-closed", now)
        return True

    def steer(self, now: float) -> None:
        """Take back what heat has pulled the optics by until now."""
        self._note("steered", now)
        self._steered = drift(self.attempt)

    def start_exposure(self, seconds: float, now: float, *, is_dark: bool = False) -> Exposure:
        """Open the shutter, unless a dark is wanted, and start counting.

        Raises:
            InstrumentError: If the detector is counting already, or the exposure is negative.
        """
        if self.exposure is not None:
            raise InstrumentError("the detector is counting already; wait for it or abort it")
        if not (math.isfinite(seconds) and seconds >= 0):
            raise InstrumentError(f"exposure = {seconds:g} s is not a duration; choose 0 s or more")
        delay = sum(fault.seconds for fault in self._striking(SlowDetector))
        self.counters.triggers += 1
        self._note("trigger", now, exposure_s=seconds, **({"is_dark": True} if is_dark else {}))
        if not is_dark:
            self.open_shutter(now)
        self.exposure = Exposure(begin=now, seconds=seconds, answer_delay=delay, is_dark=is_dark)
        self._dump_during(self.exposure)
        return self.exposure

    def finish_exposure(self, exposure: Exposure) -> Reading:
        """Return what was counted, once ``exposure.end`` has come, and close the shutter.

        Raises:
            InstrumentError: If the exposure was aborted meanwhile.
        """
        if self.exposure is not exposure:
            raise InstrumentError("the exposure was aborted; trigger the detector again")
        fraction = 0.0 if exposure.is_dark else self.beam.fraction(exposure.begin, exposure.end)
        carried = {name: stage.carried(exposure.end) for name, stage in self.stages.items()}
        reading = read(spot(carried, drift(self.attempt).since(self._steered)), exposure.seconds, fraction, self.attempt)
        self._note("exposed", exposure.end, begin=exposure.begin, beam_fraction=fraction)
        self.close_shutter(exposure.end)
        self._dump_while_thinking(exposure.end)
        return self._glitched(reading)

    def _dump_during(self, exposure: Exposure) -> None:
        for dump in self._striking(BeamDump):
            if dump.phase == "inside" and self._strike_once(dump):
                self._dump(exposure.begin + 0.4 * exposure.seconds, 0.2 * exposure.seconds)
            if dump.phase == "exposing" and self._strike_once(dump):
                self._dump(exposure.begin + 0.5 * exposure.seconds, dump.duration)

    def _dump_while_thinking(self, now: float) -> None:
        for dump in self._striking(BeamDump):
            if dump.phase == "thinking" and self._strike_once(dump):
                self._dump(now + dump.delay, dump.duration)

    def _dump(self, begin: float, duration: float) -> None:
        self.beam.dump(begin, begin + duration)
        self._note("beam-dump", begin, until=begin + duration)

    def _glitched(self, reading: Reading) -> Reading:
        for glitch in self._striking(Glitch):
            reading = replace(reading, flux=math.nan if glitch.value == "nan" else _HUGE)
        return reading

    def _striking(self, kind: type[FaultType]) -> list[FaultType]:
        return [fault for fault in self._faults if isinstance(fault, kind) and fault.strikes(self.attempt.trial, self.attempt.number)]

    def _strike_once(self, fault: Fault) -> bool:
        """Return whether a fault has not struck this attempt yet, and remember that it has now."""
        is_first = fault not in self._spent
        self._spent.add(fault)
        return is_first

    def _note(self, what: str, now: float, **fields: Any) -> None:
        self._record(what, attempt=self.attempt.id, at=now, **fields)


def _require_known_axes(faults: Sequence[Fault]) -> None:
    for fault in faults:
        if isinstance(fault, StuckMotor) and fault.axis not in AXES:
            raise InstrumentError(f"stuck-motor names axis {fault.axis!r}; the beamline has {', '.join(AXES)}")
