"""In-process ophyd devices: an axis that refuses what lies outside its own limits, and a detector that asks a function.

Imported only when an instrument connects, because ophyd takes about a second.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

from ophyd import Component, Device, Kind, Signal
from ophyd.status import DeviceStatus

from orchestrator.domain.base import Setting
from orchestrator.domain.errors import InstrumentError, NightshiftError
from orchestrator.domain.space import Parameter, problem_with


class SoftAxis(Device):
    """Moves at once. Documents carry the readback under the axis's name and the setpoint under ``<name>_setpoint``."""

    readback = Component(Signal, kind=Kind.hinted)
    setpoint = Component(Signal, kind=Kind.normal)

    def __init__(self, name: str, *, parameter: Parameter, start: Setting, moved: Callable[[str, Setting], None]) -> None:
        """Args: parameter: The device's own limits. start: Where it stands. moved: Told of every motion before it happens."""
        super().__init__(name=name)
        self._parameter = parameter
        self._moved = moved
        self.readback.name = name
        self.readback.put(start)
        self.setpoint.put(start)

    def require_reachable(self, value: Setting) -> None:
        """Raises InstrumentError if the device cannot go there."""
        if problem_with(self.name, self._parameter, value) is not None:
            raise InstrumentError(
                f"{self.name} = {value} is outside what the device can do, {_reach(self._parameter)}; choose a value inside"
            )

    def describe(self) -> Any:
        described: Any = super().describe()
        return OrderedDict((key, {**entry, "units": self._parameter.unit}) for key, entry in described.items())

    def set(self, value: Setting) -> DeviceStatus:
        self.require_reachable(value)
        self._moved(self.name, value)
        self.setpoint.put(value)
        self.readback.put(value)
        status = DeviceStatus(self)
        status.set_finished()
        return status


class SoftDetector(Device):
    """Reads named numbers from a function, once per trigger."""

    def __init__(self, name: str, *, units: Mapping[str, str], measure: Callable[[], Mapping[str, float]], seconds: float = 0.0) -> None:
        """Args: units: By signal. measure: Returns every signal's value. seconds: From trigger to reading."""
        super().__init__(name=name)
        self._units = units
        self._measure = measure
        self._seconds = seconds
        self._timer: threading.Timer | None = None
        self._reading: OrderedDict[str, Any] = OrderedDict()

    @property
    def is_armed(self) -> bool:
        """Whether a trigger has not ended yet."""
        return self._timer is not None and self._timer.is_alive()

    def trigger(self) -> DeviceStatus:
        status = DeviceStatus(self)
        if self._seconds <= 0:
            self._take()
            status.set_finished()
            return status
        self._timer = threading.Timer(self._seconds, self._finish, args=(status,))
        self._timer.daemon = True
        self._timer.start()
        return status

    def disarm(self) -> None:
        """Forget a trigger that has not ended."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def secure(self) -> tuple[str, ...]:
        """Put the detector's safe state in force; return what was done."""
        if not self.is_armed:
            return ()
        self.disarm()
        return (f"{self.name} disarmed",)

    def unstage(self) -> list[object]:
        self.disarm()
        return super().unstage()

    def read(self) -> Any:
        return self._reading

    def describe(self) -> Any:
        return OrderedDict(
            (name, {"source": f"SIM:{name}", "dtype": "number", "shape": [], "units": unit}) for name, unit in self._units.items()
        )

    def _finish(self, status: DeviceStatus) -> None:
        """End a trigger on the timer's thread, where an exception would be lost."""
        try:
            self._take()
        except NightshiftError as error:
            status.set_exception(error)
        else:
            status.set_finished()

    def _take(self) -> None:
        measured, now = self._measure(), time.time()
        self._reading = OrderedDict((name, {"value": value, "timestamp": now}) for name, value in measured.items())


def _reach(parameter: Parameter) -> str:
    reach = getattr(parameter, "limits", None) or getattr(parameter, "values", ())
    return f"{list(reach)} {parameter.unit}".rstrip()
