"""The safe state over Channel Access: no RunEngine, no ophyd, and every step is tried whatever became of the others."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from instruments.epics.channel import Channel
from orchestrator.domain.errors import InstrumentError

_STILLNESS_SECONDS = 5.0
_POLL_SECONDS = 0.01


@dataclass(frozen=True, slots=True)
class AxisChannels:
    """What stopping an axis needs."""

    name: str
    stop: Channel
    is_done: Channel
    readback: Channel


@dataclass(frozen=True, slots=True)
class SafeState:
    """What the safe state touches."""

    axes: tuple[AxisChannels, ...]
    shutter: Channel | None
    shutter_closed: int | str
    acquire: Channel | None
    _moving: set[str] = field(default_factory=set[str])
    """The axes last heard to move."""
    _halted: set[str] = field(default_factory=set[str])
    """Those that moved when they were halted; ``secure`` says where they stand."""

    def watch(self) -> None:
        """Hear from now on which axes move, so that making them safe need not ask first."""
        for axis in self.axes:
            axis.is_done.monitor(lambda is_done, _at, name=axis.name: self._hear(name, bool(is_done)), tell_now=False)

    def halt(self) -> None:
        """Send everything that stops or closes and wait for nothing: a device that hangs keeps no other one moving."""
        self._halted.update(self._moving)
        for axis in self.axes:
            _failure(lambda axis=axis: axis.stop.send(1))
        if (shutter := self.shutter) is not None:
            _failure(lambda: shutter.send(self.shutter_closed))
        if self.acquire is not None:
            _failure(self._disarm)

    def secure(self) -> tuple[str, ...]:
        """Close the shutter, abort the exposure, stop all axes, wait for stillness; say what was done."""
        self.halt()
        halted = set(self._halted)
        moving = [axis for axis in self.axes if axis.name in halted or _is_moving(axis)]
        steps: Mapping[str, Callable[[], object]] = {
            **({"closed the shutter": self._close} if self.shutter is not None else {}),
            **({"disarmed the detector": self._disarm} if self.acquire is not None else {}),
            "stopped all axes": self._stop,
        }
        done = [_try(phrase, step) for phrase, step in steps.items()]
        stillness = tuple(_wait_until_still(axis) for axis in moving)
        self._halted.difference_update(halted)
        return (*done, *stillness)

    def _hear(self, name: str, is_done: bool) -> None:
        (self._moving.discard if is_done else self._moving.add)(name)

    def _close(self) -> None:
        assert self.shutter is not None
        self.shutter.put(self.shutter_closed)

    def _disarm(self) -> None:
        assert self.acquire is not None
        self.acquire.send(0)

    def _stop(self) -> None:
        failures = [failure for axis in self.axes if (failure := _failure(lambda axis=axis: axis.stop.put(1)))]
        if failures:
            raise InstrumentError("; ".join(failures))


def _try(phrase: str, step: Callable[[], object]) -> str:
    failure = _failure(step)
    return phrase if failure is None else f"not {phrase}: {failure}"


def _failure(step: Callable[[], object]) -> str | None:
    try:
        step()
    except InstrumentError as error:
        return str(error)
    return None


def _is_moving(axis: AxisChannels) -> bool:
    """Return whether an axis moves, or may be moving because it does not answer."""
    try:
        return not axis.is_done.get()
    except InstrumentError:
        return True


def _wait_until_still(axis: AxisChannels) -> str:
    deadline = time.monotonic() + _STILLNESS_SECONDS
    try:
        while not axis.is_done.get():
            if time.monotonic() > deadline:
                return f"{axis.name} still moves {_STILLNESS_SECONDS:g} s after it was stopped"
            time.sleep(_POLL_SECONDS)
        return f"{axis.name} stands still at {axis.readback.get():.6g}"
    except InstrumentError as error:
        return f"{axis.name} cannot be asked whether it stands still: {error}"
