"""Classic ophyd and ophyd-async devices, asked in one way. The RunEngine's loop is where async ones live."""

import asyncio
import inspect
import math
import time
from collections.abc import Iterable, Mapping
from typing import Any

from orchestrator.domain.errors import InstrumentError
from orchestrator.wording import choose_from

_ANSWER_SECONDS = 10.0


def find(names: Mapping[str, Any], path: str) -> Any:
    """Return a device of the profile by its dotted name.

    Raises:
        InstrumentError: If the profile has no such name; suggests the nearest.
    """
    first, *rest = path.split(".")
    if first not in names:
        known = [name for name, value in names.items() if hasattr(value, "name") and hasattr(value, "read")]
        raise InstrumentError(f"the profile has no {path!r}; {choose_from(path, known)}")
    found = names[first]
    for part in rest:
        found = getattr(found, part, None)
        if found is None:
            raise InstrumentError(f"{first} of the profile has no {'.'.join(rest)}; mend {path} in the site file")
    return found


class Devices:
    """Asks devices of either kind, from a thread that is not the loop's."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def wait(self, answer: Any, seconds: float = _ANSWER_SECONDS) -> Any:
        """Return what a call gave, awaited where it is to be awaited; a status is waited for.

        Raises:
            TimeoutError: If it takes longer.
        """
        if inspect.isawaitable(answer):
            return asyncio.run_coroutine_threadsafe(_awaited(answer), self._loop).result(seconds)
        if hasattr(answer, "wait") and hasattr(answer, "done"):
            answer.wait(timeout=seconds)
        return answer

    def set(self, device: Any, value: Any, seconds: float) -> None:
        """Set a device and wait for it."""
        if not is_async(device):
            device.set(value).wait(timeout=seconds)
            return
        asyncio.run_coroutine_threadsafe(_set(device, value), self._loop).result(seconds)

    def stop(self, device: Any) -> None:
        if hasattr(device, "stop"):
            self.wait(device.stop())

    def connect(self, devices: Mapping[str, Any], seconds: float) -> None:
        """Wait until all are connected.

        Raises:
            InstrumentError: Names those that did not connect in the time for all.
        """
        deadline = time.monotonic() + seconds
        missing = [f"{name} ({said})" for name, device in devices.items() if (said := self.refusal(device, deadline))]
        if missing:
            raise InstrumentError(
                f"no connection within {seconds:g} s to {', '.join(missing)}; check that their IOCs run, raise connect_timeout, "
                "or take them out of the site file"
            )

    def refusal(self, device: Any, deadline: float) -> str:
        """Connect one device by then (monotonic seconds); return why it did not, or an empty text."""
        left = max(deadline - time.monotonic(), 0.05)
        try:
            if is_async(device):
                self.wait(device.connect(timeout=left), left + 1.0)
            elif hasattr(device, "wait_for_connection"):
                device.wait_for_connection(timeout=left)
        except Exception as error:  # whatever a device raises, the others must be asked too
            return _first_line(error)
        return ""

    def describe(self, device: Any) -> Mapping[str, Any]:
        return self.wait(device.describe())

    def readback(self, device: Any) -> Any:
        return self.wait(device.read())[field_of(device)]["value"]

    def limits(self, device: Any) -> tuple[float, float] | None:
        """Return the device's own limits; None where nothing limits it, which a motor record says with 0, 0."""
        limits = self._pair(device)
        if limits is None or not all(math.isfinite(limit) for limit in limits) or limits[0] >= limits[1]:
            return None
        return limits

    def _pair(self, device: Any) -> tuple[float, float] | None:
        if is_async(device):
            ends = [getattr(device, name, None) for name in ("low_limit_travel", "high_limit_travel")]
            values: list[Any] = [None if end is None else self.wait(end.get_value()) for end in ends]
        else:
            values = list(getattr(device, "limits", None) or ())
        if len(values) != 2 or values[0] is None or values[1] is None:
            return None
        return float(values[0]), float(values[1])

    def speed(self, device: Any) -> float | None:
        """Return units per second, where the device says."""
        velocity = getattr(device, "velocity", None)
        if velocity is None or isinstance(velocity, int | float):
            return float(velocity) if velocity else None
        try:
            value = self.wait(velocity.get_value()) if is_async(velocity) else velocity.get()
            return float(value) if float(value) > 0 else None
        except Exception:  # a speed is for foresight only
            return None


def is_async(device: Any) -> bool:
    """Return whether it is an ophyd-async device."""
    return inspect.iscoroutinefunction(getattr(device, "connect", None)) or inspect.iscoroutinefunction(getattr(device, "read", None))


def field_of(axis: Any) -> str:
    """Return the data key of an axis's readback: the hinted one, else the device's name."""
    hinted = (getattr(axis, "hints", None) or {}).get("fields") or [axis.name]
    return str(hinted[0])


def setpoint_pv(device: Any) -> str:
    """Return the PV that moving a device writes; empty where it writes none, or none that can be told."""
    for name in ("user_setpoint", "setpoint", ""):
        signal = getattr(device, name, None) if name else device
        for attribute in ("setpoint_pvname", "pvname"):
            pv = getattr(signal, attribute, None)
            if isinstance(pv, str) and pv:
                return pv
        source = getattr(signal, "source", None)
        if isinstance(source, str) and source.partition("://")[0] in ("ca", "pva"):
            return source.partition("://")[2]
    return ""


def require_different_pvs(axes: Mapping[str, Any]) -> None:
    """Refuse two axes that move the same thing. Raises InstrumentError naming both and the PV."""
    seen: dict[str, str] = {}
    for name, device in axes.items():
        pv = setpoint_pv(device)
        if pv and pv in seen:
            raise InstrumentError(f"axes {seen[pv]} and {name} both write {pv}: one would move the other; take one out of the site file")
        seen[pv] = name


def spread(value: Any) -> Iterable[Any]:
    """Return a value's items if it is a list, else itself alone."""
    return value if isinstance(value, list | tuple) else (value,)


async def _awaited(answer: Any) -> Any:
    return await answer


async def _set(device: Any, value: Any) -> None:
    await device.set(value)


def _first_line(error: Exception) -> str:
    said = " ".join(str(error).split())
    return f"{type(error).__name__}: {said[:160]}"
