"""The site's own classic ophyd devices, found through an entry point that beamline staff own.

A campaign file names the entry point and nothing else: which devices exist, what the safe state is and what guards the
beam are the site's to say, in a function that returns ``SiteDevices``::

    [project.entry-points."nightshift.devices"]
    i22 = "i22_devices.nightshift:devices"
"""

import difflib
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import entry_points
from typing import Any, ClassVar, Literal, Protocol

from pydantic import Field

from instruments.epics.subscriptions import keep_subscriptions
from instruments.safety import Step, carry_out, require_reachable
from instruments.simulated.fence import Fence
from orchestrator.domain.base import Duration, Setting, Value
from orchestrator.domain.errors import InstrumentError, UnknownPlugin
from orchestrator.domain.instrument import AxisDescription, InstrumentDescription, InterlockDescription, MeasureRequest, SignalDescription
from orchestrator.domain.protocols import BreachListener
from orchestrator.domain.records import Breach
from orchestrator.domain.space import Continuous

ENTRY_POINTS = "nightshift.devices"
_SECURE_SECONDS = 5.0
_KINDS: Mapping[int, Literal["scalar", "spectrum", "image"]] = {0: "scalar", 1: "spectrum", 2: "image"}
"""By number of dimensions."""


class Watchable(Protocol):
    """An ophyd signal."""

    name: str

    def subscribe(self, callback: Callable[..., None], *, run: bool = True) -> Any: ...


@dataclass(frozen=True, slots=True)
class Interlock:
    """A condition that must hold from a trial's start to its last reading."""

    signal: Watchable
    lower: float
    """The signal's value must be at least this."""
    unit: str = ""
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class SiteDevices:
    """What a site lends to campaigns."""

    axes: Mapping[str, Any]
    """Ophyd positioners by the name campaigns use."""
    detectors: Sequence[Any]
    """Ophyd devices; each numeric data key of theirs is a signal."""
    interlocks: Mapping[str, Interlock] = field(default_factory=dict)
    exposure: Any = None
    """A settable device that takes seconds before each measurement."""
    shutter: Any = None
    """A settable device, opened by the plan for the reading only."""
    shutter_states: tuple[Setting, Setting] = ("open", "closed")
    secure: Callable[[str], Sequence[str]] | None = None
    """Further safe-state actions, given the cause; returns a phrase for each."""
    has_second_connection: bool = False
    """Whether a second process can build these devices and stop what the first one moves, as with EPICS."""


class AxisSettings(Value):
    """What a device does not say of itself."""

    unit: str | None = None
    tolerance: float | None = Field(default=None, gt=0)
    limits: tuple[float, float] | None = None
    """Necessary where the device has none."""


class OphydSettings(Value):
    """Settings of ``ophyd``."""

    devices: str
    """An entry point in the group ``nightshift.devices``."""
    axes: Mapping[str, AxisSettings] = {}
    identity: str | None = None
    """What two campaigns must not share; default the entry point's name."""
    connect_timeout: Duration = Field(default=10.0, gt=0)


class OphydInstrument:
    """Classic ophyd devices from a site's entry point."""

    Settings: ClassVar[type[Value]] = OphydSettings
    needs_connection: ClassVar[bool] = True

    def __init__(self, settings: OphydSettings) -> None:
        self._settings = settings
        self._fence = Fence()
        self._devices: SiteDevices | None = None
        self._subscriptions: list[tuple[Any, Any]] = []

    def describe(self) -> InstrumentDescription:
        devices, settings = self._connected(), self._settings
        return InstrumentDescription(
            identity=f"ophyd:{settings.devices}" if settings.identity is None else settings.identity,
            axes={name: _describe_axis(name, axis, settings.axes.get(name, AxisSettings())) for name, axis in devices.axes.items()},
            signals={key: signal for detector in devices.detectors for key, signal in _describe_signals(detector).items()},
            interlocks={
                name: InterlockDescription(lower=interlock.lower, unit=interlock.unit, meaning=interlock.meaning)
                for name, interlock in devices.interlocks.items()
            },
            has_second_connection=devices.has_second_connection,
        )

    def connect(self) -> None:
        if self._devices is not None:
            return
        keep_subscriptions()
        devices = find_devices(self._settings.devices)
        unknown = sorted(set(self._settings.axes) - set(devices.axes))
        if unknown:
            raise InstrumentError(f"axes names {', '.join(unknown)}; {self._settings.devices} has {', '.join(devices.axes)}")
        for device in (*devices.axes.values(), *devices.detectors):
            _wait_for(device, self._settings.connect_timeout)
        self._devices = devices

    def plan(self, request: MeasureRequest) -> Generator[Any, Any, Any]:
        from instruments.simulated.failures import in_its_own_words

        self._fence.present("runner", request.token)
        return (yield from in_its_own_words(self._measure(request, self._connected())))

    def _measure(self, request: MeasureRequest, devices: SiteDevices) -> Generator[Any, Any, Any]:
        from bluesky import plan_stubs as bps

        from instruments.plans import measure_point

        require_reachable(request.point, self.describe().axes)
        if devices.exposure is not None:
            yield from bps.abs_set(devices.exposure, request.exposure_s, wait=True)
        wanted = [detector for detector in devices.detectors if set(detector.describe()) & set(request.signals)]
        return (yield from measure_point(devices.axes, wanted, request, shutter=devices.shutter, shutter_states=devices.shutter_states))

    def positions(self) -> Mapping[str, Setting]:
        return {name: axis.read()[_field(axis)]["value"] for name, axis in self._connected().axes.items()}

    def watch(self, listener: BreachListener) -> None:
        for name, interlock in self._connected().interlocks.items():
            token = interlock.signal.subscribe(_Watcher(name, interlock, listener), run=True)
            self._subscriptions.append((interlock.signal, token))

    def secure(self, cause: str) -> Sequence[str]:
        devices = self._connected()
        steps: list[Step] = [(f"stopped {name}", axis.stop) for name, axis in devices.axes.items()]
        if devices.shutter is not None:
            steps.insert(0, ("closed the shutter", lambda: devices.shutter.set(devices.shutter_states[1]).wait(_SECURE_SECONDS)))
        done = carry_out(steps)
        own = () if devices.secure is None else devices.secure(cause)
        return (*done, *own)

    def close(self) -> None:
        for signal, token in self._subscriptions:
            signal.unsubscribe(token)
        self._subscriptions.clear()
        self._devices = None

    def _connected(self) -> SiteDevices:
        self.connect()
        assert self._devices is not None
        return self._devices


class _Watcher:
    """Turns a signal's values into breaches; told once per change."""

    def __init__(self, name: str, interlock: Interlock, listener: BreachListener) -> None:
        self._name = name
        self._interlock = interlock
        self._listener = listener
        self._is_broken = False

    def __call__(self, *, value: Any, **_: Any) -> None:
        is_broken = not float(value) >= self._interlock.lower
        if is_broken == self._is_broken:
            return
        self._is_broken = is_broken
        self._listener(self._breach(value) if is_broken else None, self._name)

    def _breach(self, value: Any) -> Breach:
        detail = f"{self._interlock.signal.name} = {value} {self._interlock.unit}; at least {self._interlock.lower:g} is needed"
        return Breach(interlock=self._name, value=float(value), at=datetime.now(UTC), detail=detail)


def find_devices(name: str) -> SiteDevices:
    """Return what a site's entry point lends.

    Raises:
        UnknownPlugin: If no such entry point is installed; suggests the nearest.
        InstrumentError: If it gives something else than devices.
    """
    found = {point.name: point for point in entry_points(group=ENTRY_POINTS)}
    if name not in found:
        nearest = difflib.get_close_matches(name, found, n=1)
        hint = f"did you mean {nearest[0]!r}? " if nearest else ""
        raise UnknownPlugin(f"no devices are called {name!r}; {hint}installed in {ENTRY_POINTS}: {', '.join(found) or 'none'}")
    lent = found[name].load()()
    devices = SiteDevices(**lent) if isinstance(lent, Mapping) else lent
    if not isinstance(devices, SiteDevices):
        raise InstrumentError(f"{ENTRY_POINTS}: {name} returned a {type(lent).__name__}, not SiteDevices or a dict of its fields")
    return devices


def _wait_for(device: Any, seconds: float) -> None:
    if not hasattr(device, "wait_for_connection"):
        return
    try:
        device.wait_for_connection(timeout=seconds)
    except TimeoutError as error:
        raise InstrumentError(f"{device.name} did not connect within {seconds:g} s: {error}; check that its IOC is running") from None


def _field(axis: Any) -> str:
    """Return the data key of an axis's readback: the hinted one, else the device's name."""
    hinted = (axis.hints or {}).get("fields") or [axis.name]
    return str(hinted[0])


def _describe_axis(name: str, axis: Any, settings: AxisSettings) -> AxisDescription:
    key = axis.describe()[_field(axis)]
    limits = settings.limits or getattr(axis, "limits", None)
    if not limits or limits[0] >= limits[1]:
        raise InstrumentError(f"{name} has no limits of its own; give axes.{name}.limits: [low, high]")
    parameter = Continuous(limits=(float(limits[0]), float(limits[1])), unit=settings.unit or _unit(key), tolerance=settings.tolerance)
    return AxisDescription(parameter=parameter, field=_field(axis))


def _describe_signals(detector: Any) -> dict[str, SignalDescription]:
    signals: dict[str, SignalDescription] = {}
    for key, entry in detector.describe().items():
        kind = _kind(entry)
        if kind is not None:
            signals[key] = SignalDescription(kind=kind, unit=_unit(entry), field=key)
    return signals


def _unit(data_key: Mapping[str, Any]) -> str:
    return str(data_key.get("units") or "")


def _kind(data_key: Mapping[str, Any]) -> Literal["scalar", "spectrum", "image"] | None:
    """Return what a data key holds; None for text and for stacks, which no reward can judge."""
    if data_key["dtype"] not in ("number", "integer", "array"):
        return None
    return _KINDS.get(len(data_key["shape"]))
