"""What the site's devices say of themselves, narrowed by the site file."""

from collections.abc import Mapping
from typing import Any, Literal

from instruments.beamline.devices import Devices, field_of, is_async
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
    written = written_keys(detector) if entry.files is None else entry.files
    signals: dict[str, SignalDescription] = {}
    for key, told in _told(detector, devices, writes_files=bool(written)).items():
        kind = _kind(told)
        if kind is not None and key not in written:
            signals[key] = SignalDescription(kind=kind, unit=entry.unit or str(told.get("units") or ""), field=key)
    for key, kind in written.items():
        signals[key] = SignalDescription(kind=kind, unit=entry.unit or "", field=key, is_file=True)
    return signals


def _told(detector: Any, devices: Devices, *, writes_files: bool) -> Mapping[str, Any]:
    """Return what a detector describes. One of ophyd-async that writes files describes nothing before it is staged."""
    try:
        return devices.describe(detector)
    except RuntimeError:
        if not writes_files:
            raise
        return {}


def written_keys(detector: Any) -> Mapping[str, Kind]:
    """Return the data keys that a detector is known to write into files; its own main image where it writes any.

    Nothing of the kind is described before a run: ophyd-async's detectors describe once prepared, areaDetector plug-ins once
    triggered.
    """
    if hasattr(detector, "collect_asset_docs") and is_async(detector):
        hinted = (getattr(detector, "hints", None) or {}).get("fields") or [detector.name]
        return dict.fromkeys(map(str, hinted), "image")
    if any(hasattr(plugin, "filestore_spec") for plugin in components(detector)):
        return {str(getattr(detector, "_image_name", f"{detector.name}_image")): "image"}
    return {}


def components(device: Any) -> tuple[Any, ...]:
    """Return a classic device's components that have been made."""
    names = () if is_async(device) else getattr(device, "component_names", ())
    return tuple(getattr(device, name) for name in names if not getattr(getattr(type(device), name, None), "lazy", False))


def _kind(data_key: Mapping[str, Any]) -> Kind | None:
    """Return what a data key holds; None for text and stacks."""
    if data_key["dtype"] not in ("number", "integer", "array"):
        return None
    return _KINDS.get(len(data_key["shape"]))
