"""Devices that Bluesky drives over Channel Access. Every wait happens in a thread: the RunEngine's loop is never blocked."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from ophyd import EpicsMotor
from ophyd.status import Status
from ophyd.utils.epics_pvs import AlarmSeverity

from instruments.epics.channel import Channel
from instruments.epics.settings import SignalPv
from orchestrator.domain.errors import InstrumentError
from orchestrator.domain.instrument import MeasureRequest


def in_thread(device: Any, work: Callable[[], None]) -> Status:
    """Return a status that finishes, or fails with what was raised, when the work is done."""
    from epics.ca import CAThread

    status = Status(device)

    def run() -> None:
        try:
            work()
        except Exception as error:  # whatever it is, the plan must hear of it
            status.set_exception(error)
        else:
            status.set_finished()

    CAThread(target=run, daemon=True).start()
    return status


class Motor(EpicsMotor):
    """A motor record whose moves end: arrived, refused, stopped or too late, in words."""

    slack = 15.0
    """Seconds that a move may take beyond what its velocity says."""
    why_refused: Callable[[], str] = staticmethod(lambda: "")
    """Asked what the IOC says after a failed move."""
    own_limits: tuple[float, float] | None = None
    """Narrower than the record's."""

    def unit(self) -> str:
        return str(self.motor_egu.get())

    def speed(self) -> float:
        """Return units per second; 0 when a move takes no time."""
        velocity: Any = self.velocity.get()
        return float(velocity)

    def reach(self) -> tuple[float, float] | None:
        """Return how far it may go; None when nothing limits it, which a record says with limits 0, 0."""
        limits: Any = (self.low_limit_travel.get(), self.high_limit_travel.get())
        low, high = float(limits[0]), float(limits[1])
        if low == 0 and high == 0:
            return self.own_limits
        return (low, high) if self.own_limits is None else (max(low, self.own_limits[0]), min(high, self.own_limits[1]))

    def check_value(self, pos: float) -> None:
        """Raise InstrumentError if a position is outside the limits."""
        low, high = self.reach() or (-math.inf, math.inf)
        if not low <= pos <= high:
            unit = self.unit()
            raise InstrumentError(
                f"{self.name} = {pos:g} {unit} is outside [{low:g}, {high:g}] {unit}, the limits of {self.prefix}; choose a point inside"
            )

    def set(self, new_position: float, **options: Any) -> Status:
        seconds = self._seconds_to(new_position)
        moving = super().set(new_position, timeout=seconds, **options)
        status = Status(self)
        moving.add_callback(lambda ended: self._report(ended, status, new_position, seconds))
        return status

    def _seconds_to(self, position: float) -> float:
        speed, here = self.speed(), float(self.position or 0.0)
        return self.slack + (2.0 * abs(position - here) / speed if speed > 0 else 0.0)

    def _report(self, ended: Any, status: Status, target: float, seconds: float) -> None:
        if ended.success and self._still_wants(target):
            status.set_finished()
            return
        unit = self.unit()
        why = self._why(ended, seconds)
        status.set_exception(
            InstrumentError(f"{self.prefix} did not reach {target:g} {unit} and stands at {self.position:g} {unit}: {why}")
        )

    def _still_wants(self, target: float) -> bool:
        """Return whether nobody stopped it: a stopped record says that it is done, and makes where it stands its setpoint."""
        setpoint: Any = self.user_setpoint.get()
        return math.isclose(float(setpoint), target, rel_tol=1e-9, abs_tol=1e-12)

    def _why(self, ended: Any, seconds: float) -> str:
        if not ended.success and isinstance(ended.exception(), TimeoutError):
            return f"it took longer than {seconds:.1f} s"
        if self.user_readback.alarm_severity == AlarmSeverity.NO_ALARM:
            return "it was stopped"
        return self.why_refused() or "its record is in alarm"


@dataclass(slots=True)
class SignalChannels:
    """One signal's channels."""

    signal: SignalPv
    value: Channel
    sd: Channel | None = None


class Detector:
    """Exposes and reads: the readings of a trial are fetched together, right after its exposure."""

    name = "detector"
    parent = None

    def __init__(
        self,
        signals: Mapping[str, SignalChannels],
        *,
        exposure: Channel | None,
        acquire: Channel | None,
        number: Channel | None,
        slack: float,
    ) -> None:
        """Args: slack: Seconds an exposure may take beyond its own length."""
        self._signals = signals
        self._exposure = exposure
        self._acquire = acquire
        self._number = number
        self._slack = slack
        self._readings: dict[str, Any] = {}
        self.exposure_s = 0.0
        self.wanted: Sequence[str] = ()
        """Which signals to read."""
        self.why_refused: Callable[[], str] = lambda: ""

    def trigger(self) -> Status:
        return in_thread(self, self._expose_and_fetch)

    def _expose_and_fetch(self) -> None:
        self._readings = {}
        if self._exposure is not None:
            self._exposure.put(self.exposure_s)
        if self._acquire is not None:
            self._count(self._acquire)
        self._readings = {field: reading for name in self.wanted for field, reading in self._fetch(name)}

    def _count(self, acquire: Channel) -> None:
        before = None if self._number is None else self._number.get()
        acquire.put(1, timeout=self.exposure_s + self._slack)
        if self._number is not None and self._number.get() == before:
            raise InstrumentError(f"{acquire.name} gave no reading: {self.why_refused() or 'the exposure was refused or aborted'}")

    def _fetch(self, name: str) -> list[tuple[str, Any]]:
        channels = self._signals[name]
        value, at = channels.value.get_with_time()
        shape = channels.signal.shape
        found = [(name, {"value": value if shape is None else np.reshape(value, shape), "timestamp": at})]
        if channels.sd is not None:
            found.append((f"{name}_sd", {"value": channels.sd.get(), "timestamp": at}))
        return found

    def read(self) -> dict[str, Any]:
        return self._readings

    def describe(self) -> dict[str, Any]:
        return {field: self._data_key(field, reading["value"]) for field, reading in self._readings.items()}

    def _data_key(self, field: str, value: Any) -> dict[str, Any]:
        name = field if field in self._signals else field.removesuffix("_sd")
        channels = self._signals[name]
        key = {"source": f"PV:{channels.value.name}", "units": channels.signal.unit}
        if isinstance(value, np.ndarray):
            return {**key, "dtype": "array", "shape": list(value.shape), "dtype_numpy": value.dtype.str}
        return {**key, "dtype": "number", "shape": []}

    def read_configuration(self) -> dict[str, Any]:
        return {"exposure_s": {"value": self.exposure_s, "timestamp": time.time()}}

    def describe_configuration(self) -> dict[str, Any]:
        source = "settings" if self._exposure is None else f"PV:{self._exposure.name}"
        return {"exposure_s": {"source": source, "dtype": "number", "shape": [], "units": "s"}}

    @property
    def hints(self) -> Mapping[str, Any]:
        return {"fields": [name for name in self.wanted if self._signals[name].signal.kind == "scalar"]}


class Shutter:
    """Opens and closes, and makes sure it did. Movable."""

    name = "shutter"
    parent = None

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    def set(self, value: int | str) -> Status:
        return in_thread(self, lambda: self._move(value))

    def _move(self, value: int | str) -> None:
        self._channel.put(value)
        position = self._channel.get_like(value)
        if position != value:
            raise InstrumentError(f"{self._channel.name} is {position!r} after {value!r} was written; check what blocks it")


class AttemptStamp:
    """Tells the IOC which attempt begins, and shows the lease's token at its fence. Movable: set it to a request."""

    name = "attempt"
    parent = None

    def __init__(self, channels: Mapping[str, Channel]) -> None:
        """Args: channels: By field of ``AttemptPvs``; those an IOC does not have are missing."""
        self._channels = channels

    def set(self, request: MeasureRequest) -> Status:
        return in_thread(self, lambda: self._write(request))

    def _write(self, request: MeasureRequest) -> None:
        self._pass_fence(request.token)
        written = {"seed": str(request.seed), "trial": request.trial, "attempt": request.attempt, "attempt_id": request.attempt_id}
        for field, value in written.items():
            if field in self._channels:
                self._channels[field].put(value)

    def _pass_fence(self, token: int) -> None:
        if (fence := self._channels.get("fence")) is None:
            return
        fence.put(token)
        highest = int(fence.get())
        if highest > token:
            raise InstrumentError(
                f"{fence.name} holds token {highest}, higher than ours ({token}): "
                "another runner has taken the instrument over; nothing moved"
            )
