"""What the site's devices say of themselves, narrowed by the site file."""

from collections.abc import Mapping
from typing import Any, Literal

from instruments.beamline.devices import Devices, field_of
from instruments.beamline.model import Axis, Detector
from orchestrator.domain.errors import InstrumentError
from orchestrator.domain.instrument import AxisDescription, SignalDescription
from orchestrator.domain.space import Continuous

Kind = Literal["scalar", "spectrum", "image"]
_KINDS: Mapping[int, Kind] = {0: "scalar", 1: "spectrum", 2: "image"}
"""By number of dimensions."""


def describe_axis(name: str, axis: Any, entry: Axis, devices: Devices) -> AxisDescription:
    """Return what campaigns may do with an axis.

    Raises:
        InstrumentError: If nothing limits it, or the site's limits and the device's exclude each other.
    """
    key = devices.describe(axis)[field_of(axis)]
    unit = entry.unit or str(key.get("units") or "")
    parameter = Continuous(limits=_limits(name, entry.limits, devices.limits(axis)), unit=unit, tolerance=entry.tolerance)
    return AxisDescription(parameter=parameter, field=field_of(axis), speed=entry.speed or devices.speed(axis), park=entry.park)


def _limits(name: str, site: tuple[float, float] | None, own: tuple[float, float] | None) -> tuple[float, float]:
    if site is None and own is None:
        raise InstrumentError(f"nothing limits {name}; give axes.{name}.limits: [low, high] in the site file")
    if site is None or own is None:
        return site or own or (0.0, 0.0)
    low, high = max(site[0], own[0]), min(site[1], own[1])
    if not low < high:
        raise InstrumentError(f"axes.{name}.limits = {list(site)} of the site file are outside the device's own {list(own)}; mend them")
    return low, high


def describe_signals(detector: Any, entry: Detector, devices: Devices) -> dict[str, SignalDescription]:
    """Return a detector's signals by data key: numbers, spectra and images."""
    signals: dict[str, SignalDescription] = {}
    for key, told in devices.describe(detector).items():
        kind = _kind(told)
        if kind is not None:
            signals[key] = SignalDescription(kind=kind, unit=entry.unit or str(told.get("units") or ""), field=key)
    return signals


def _kind(data_key: Mapping[str, Any]) -> Kind | None:
    """Return what a data key holds; None for text, stacks, and files that detectors write themselves."""
    if data_key["dtype"] not in ("number", "integer", "array") or data_key.get("external"):
        return None
    return _KINDS.get(len(data_key["shape"]))
