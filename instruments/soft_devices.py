"""In-process devices for Bluesky: an axis that refuses what lies outside its own limits, and a detector that asks a function.

They speak Bluesky's protocols by themselves: ophyd, which takes a second to import, is for devices with channels.
"""

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from instruments.soft_status import SoftStatus, finished
from orchestrator.domain.base import Setting
from orchestrator.domain.errors import InstrumentError, NightshiftError
from orchestrator.domain.space import Parameter, problem_with


class SoftDevice:
    """What both have: a name, no parent, nothing to configure and nothing to connect to."""

    parent = None

    def __init__(self, name: str) -> None:
        self.name = name

    def read_configuration(self) -> dict[str, Any]:
        return {}

    def describe_configuration(self) -> dict[str, Any]:
        return {}


class SoftAxis(SoftDevice):
    """Moves at once. Documents carry the readback under the axis's name and the setpoint under ``<name>_setpoint``."""

    def __init__(self, name: str, *, parameter: Parameter, start: Setting, moved: Callable[[str, Setting], None]) -> None:
        """Args: parameter: The device's own limits. start: Where it stands. moved: Told of every motion before it happens."""
        super().__init__(name)
        self._parameter = parameter
        self._moved = moved
        self._position = start
        self._moved_at = time.time()

    @property
    def position(self) -> Setting:
        """Where it stands."""
        return self._position

    @property
    def hints(self) -> Mapping[str, Any]:
        return {"fields": [self.name]}

    def require_reachable(self, value: Setting) -> None:
        """Raises InstrumentError if the device cannot go there."""
        if problem_with(self.name, self._parameter, value) is not None:
            raise InstrumentError(
                f"{self.name} = {value} is outside what the device can do, {_reach(self._parameter)}; choose a value inside"
            )

    def set(self, value: Setting) -> SoftStatus:
        self.require_reachable(value)
        self._moved(self.name, value)
        self._position, self._moved_at = value, time.time()
        return finished()

    def stop(self, *, success: bool = False) -> None:
        """Do nothing: it is never on its way."""

    def read(self) -> dict[str, Any]:
        return {name: {"value": self._position, "timestamp": self._moved_at} for name in self._fields}

    def describe(self) -> dict[str, Any]:
        key = {"dtype": _dtype(self._position), "shape": [], "units": self._parameter.unit}
        return {name: {**key, "source": f"SIM:{name}"} for name in self._fields}

    @property
    def _fields(self) -> tuple[str, str]:
        return self.name, f"{self.name}_setpoint"


class SoftDetector(SoftDevice):
    """Reads named numbers from a function, once per trigger."""

    def __init__(self, name: str, *, units: Mapping[str, str], measure: Callable[[], Mapping[str, float]], seconds: float = 0.0) -> None:
        """Args: units: By signal. measure: Returns every signal's value. seconds: From trigger to reading."""
        super().__init__(name)
        self._units = units
        self._measure = measure
        self._seconds = seconds
        self._timer: threading.Timer | None = None
        self._reading: dict[str, Any] = {}

    @property
    def hints(self) -> Mapping[str, Any]:
        return {"fields": list(self._units)}

    @property
    def is_armed(self) -> bool:
        """Whether a trigger has not ended yet."""
        return self._timer is not None and self._timer.is_alive()

    def trigger(self) -> SoftStatus:
        if self._seconds <= 0:
            self._take()
            return finished()
        status = SoftStatus()
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

    def stage(self) -> list[object]:
        return [self]

    def unstage(self) -> list[object]:
        self.disarm()
        return [self]

    def read(self) -> dict[str, Any]:
        return self._reading

    def describe(self) -> dict[str, Any]:
        return {name: {"source": f"SIM:{name}", "dtype": "number", "shape": [], "units": unit} for name, unit in self._units.items()}

    def _finish(self, status: SoftStatus) -> None:
        """End a trigger on the timer's thread, where an exception would be lost."""
        try:
            self._take()
        except NightshiftError as error:
            status.set_exception(error)
        else:
            status.set_finished()

    def _take(self) -> None:
        measured, now = self._measure(), time.time()
        self._reading = {name: {"value": value, "timestamp": now} for name, value in measured.items()}


def _dtype(value: Setting) -> str:
    if isinstance(value, str):
        return "string"
    return "integer" if isinstance(value, int) else "number"


def _reach(parameter: Parameter) -> str:
    reach = getattr(parameter, "limits", None) or getattr(parameter, "values", ())
    return f"{list(reach)} {parameter.unit}".rstrip()
