"""What a profile offers: every device that could be moved or read, every plan, and what the RunEngine suspends for."""

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from instruments.beamline.describing import written_keys
from instruments.beamline.devices import Devices, field_of, is_async, setpoint_pv
from instruments.beamline.loading import GiveUp, load_guarded
from instruments.beamline.model import Source
from instruments.beamline.signatures import is_plan

_DEPTH = 3
"""Levels of components that are looked through for positioners."""
_NOT_PLANS = ("bluesky.plan_stubs", "bluesky.preprocessors", "bluesky.utils", "contextlib", "ophyd", "ophyd_async")


@dataclass(frozen=True, slots=True)
class FoundAxis:
    """Something that can be moved."""

    name: str
    kind: str
    pv: str = ""
    """Its motor record; empty where it is none."""
    unit: str = ""
    limits: tuple[float, float] | None = None
    speed: float | None = None
    position: str = ""
    problem: str = ""
    """Why it did not answer."""


@dataclass(frozen=True, slots=True)
class FoundDetector:
    """Something that can be read."""

    name: str
    kind: str
    pv: str = ""
    signals: tuple[str, ...] = ()
    """Data keys with their units."""
    files: Mapping[str, str] = field(default_factory=dict[str, str])
    """Data keys that it writes into files, and what each of them holds."""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class FoundPlan:
    """A generator function of the profile's."""

    name: str
    signature: str
    summary: str = ""


@dataclass(frozen=True, slots=True)
class Survey:
    """All of it, in the order of the profile."""

    axes: tuple[FoundAxis, ...]
    detectors: tuple[FoundDetector, ...]
    plans: tuple[FoundPlan, ...]
    suspenders: tuple[str, ...]
    has_run_engine: bool


def survey(source: Source, load_seconds: float, connect_seconds: float, log: Path, give_up: GiveUp) -> Survey:
    """Run a profile, connect what it made, and say what it is. Moves nothing.

    Raises:
        InstrumentError: If the profile raises.
    """
    profile = load_guarded(source, load_seconds, log, give_up)
    devices = Devices(profile.run_engine.loop)
    found = dict(_devices(profile.names))
    problems = _connected(found, devices, connect_seconds)
    axes = {name: device for name, device in found.items() if _is_axis(device)}
    return Survey(
        axes=tuple(_axis(name, device, devices, problems.get(name, "")) for name, device in axes.items()),
        detectors=tuple(_detector(name, device, devices, problems.get(name, "")) for name, device in found.items() if name not in axes),
        plans=tuple(_plans(profile.names)),
        suspenders=tuple(_suspender(one) for one in profile.run_engine.suspenders),
        has_run_engine=profile.is_own_engine,
    )


def _devices(names: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield top-level devices, and the positioners inside them; a device under two names once."""
    seen: set[int] = set()
    for name, value in names.items():
        if inspect.isclass(value) or id(value) in seen or not _is_device(value):
            continue
        seen.add(id(value))
        yield name, value
        yield from _inside(name, value, _DEPTH)


def _is_device(value: Any) -> bool:
    return isinstance(getattr(value, "name", None), str) and callable(getattr(value, "read", None)) and hasattr(value, "describe")


def _inside(name: str, device: Any, depth: int) -> Iterator[tuple[str, Any]]:
    if depth == 0 or _is_axis(device):
        return
    for part, child in _children(device):
        if _is_axis(child):
            yield f"{name}.{part}", child
        else:
            yield from _inside(f"{name}.{part}", child, depth - 1)


def _children(device: Any) -> Iterator[tuple[str, Any]]:
    if is_async(device):
        yield from (device.children() if hasattr(device, "children") else ())
        return
    for part in getattr(device, "component_names", ()):
        component = getattr(type(device), part, None)
        if not getattr(component, "lazy", False):  # asking for a lazy one makes its connections
            yield part, getattr(device, part)


def _is_axis(device: Any) -> bool:
    """Return whether it is a positioner: settable, with a position of its own, no bare signal. It need not be connected."""
    kind = type(device)
    if not hasattr(kind, "set") or not hasattr(kind, "read"):
        return False
    if is_async(device):
        return hasattr(kind, "locate") and any(True for _ in device.children())
    return hasattr(kind, "position") or (hasattr(kind, "limits") and hasattr(kind, "component_names"))


def _connected(found: Mapping[str, Any], devices: Devices, seconds: float) -> Mapping[str, str]:
    """Connect everything within a time for all; return what did not answer."""
    import time

    deadline, problems = time.monotonic() + seconds, {}
    for name, device in found.items():
        said = devices.refusal(device, deadline)
        if said:
            problems[name] = said
    return problems


def _axis(name: str, device: Any, devices: Devices, problem: str) -> FoundAxis:
    kind, pv = type(device).__name__, _record(device)
    if problem:
        return FoundAxis(name, kind, pv, problem=problem)
    told = _asked(lambda: devices.describe(device)[field_of(device)], {})
    position = _asked(lambda: f"{devices.readback(device):.6g}", "")
    limits = _asked(lambda: devices.limits(device), None)
    return FoundAxis(name, kind, pv, str(told.get("units") or ""), limits, devices.speed(device), position)


def _record(device: Any) -> str:
    """Return the motor record an axis is, or an empty text: only such a one is stopped by writing to .STOP."""
    pv = setpoint_pv(device)
    return pv.removesuffix(".VAL") if pv.endswith(".VAL") else ""


def _detector(name: str, device: Any, devices: Devices, problem: str) -> FoundDetector:
    kind, pv = type(device).__name__, str(getattr(device, "pvname", "") or getattr(device, "prefix", "") or "")
    if problem:
        return FoundDetector(name, kind, pv, problem=problem)
    told: Mapping[str, Any] = _asked(lambda: devices.describe(device), {})
    signals = (f"{key} [{entry['units']}]" if entry.get("units") else key for key, entry in told.items())
    return FoundDetector(name, kind, pv, tuple(signals), written_keys(device))


def _plans(names: Mapping[str, Any]) -> Iterator[FoundPlan]:
    for name, value in names.items():
        if is_plan(value) and not str(getattr(value, "__module__", "")).startswith(_NOT_PLANS):
            said = (inspect.getdoc(value) or "").strip().splitlines()
            yield FoundPlan(name, _signature(value), said[0] if said else "")


def _signature(plan: Any) -> str:
    """Return its arguments as people read them, without the paths of annotations."""
    parts: list[str] = []
    for one in inspect.signature(plan).parameters.values():
        star = {one.VAR_POSITIONAL: "*", one.VAR_KEYWORD: "**"}.get(one.kind, "")
        parts.append(f"{star}{one.name}" if one.default is one.empty else f"{one.name}={one.default!r}")
    return f"({', '.join(parts)})"


def _suspender(suspender: Any) -> str:
    signal = getattr(suspender, "_sig", None)
    return f"{type(suspender).__name__} on {getattr(signal, 'name', '?')}"


def _asked(question: Callable[[], Any], otherwise: Any) -> Any:
    try:
        return question()
    except Exception:  # a device that cannot tell is listed without it
        return otherwise
