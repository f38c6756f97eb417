"""A site's own profile: devices and plans as its people use them, lent to campaigns by a site file."""

import os
from collections.abc import Generator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from instruments.beamline.model import SiteFile
from instruments.beamline.reading import read_site, site_path
from instruments.safety import require_reachable
from instruments.simulated.fence import Fence
from orchestrator.domain.base import Setting, Value
from orchestrator.domain.errors import InstrumentError
from orchestrator.domain.frames import FilePolicy
from orchestrator.domain.instrument import AxisDescription, InstrumentDescription, MeasureRequest, SignalDescription
from orchestrator.domain.protocols import BreachListener
from orchestrator.domain.space import Continuous

if TYPE_CHECKING:
    from instruments.beamline.calling import Allowed
    from instruments.beamline.devices import Devices
    from instruments.beamline.loading import GiveUp
    from instruments.beamline.outside import Outside
    from instruments.beamline.paths import Paths
    from instruments.beamline.profile import Profile
    from instruments.beamline.queued import QueuedSite
    from instruments.beamline.queued.watching import QueueWatch
    from instruments.beamline.suspending import Watched

__all__ = ["SiteInstrument", "SiteSettings"]


class SiteSettings(Value):
    """A campaign says nothing of the site: staff do, in the site file."""


class SiteInstrument:
    """What the site file lends. The profile runs in the instrument process and nowhere else."""

    Settings: ClassVar[type[Value]] = SiteSettings
    needs_connection: ClassVar[bool] = True
    connect_seconds: ClassVar[float] = 2400.0
    """Above the longest load and connection that a site file may allow, so that its own limits speak first."""

    def __init__(self, settings: SiteSettings) -> None:
        self._fence = Fence()
        self._profile: Profile | None = None
        self._is_connected = False
        self._description: InstrumentDescription | None = None
        self._watched: list[Watched | QueueWatch] = []
        self._rival: QueueWatch | None = None
        self._lost: set[str] = set()

    @cached_property
    def site(self) -> SiteFile:
        """Raises SpecError if the site file is missing, wrong, or not staff's own."""
        return read_site(site_path(os.environ))

    def load(self, folder: Path, give_up: "GiveUp") -> None:
        """Run the profile, its output kept in ``folder/profile.log``.

        Raises:
            SpecError: If the site file cannot be used.
            InstrumentError: If the profile raises; names file, line and log.
        """
        from instruments.beamline.loading import load_guarded

        self._profile = load_guarded(self.site.profile, self.site.load_timeout, folder / "profile.log", give_up)

    def foresee(self, surroundings: Mapping[str, str]) -> InstrumentDescription:
        """Return what the site file alone tells: nothing is run or connected.

        Raises:
            SpecError: If an axis has no limits there.
        """
        from instruments.beamline.foreseeing import foreseen

        return foreseen(read_site(site_path(surroundings)))

    def seconds_of_plan(self, name: str, surroundings: Mapping[str, str]) -> float | None:
        """Return what one call takes, where the site file says."""
        site = read_site(site_path(surroundings))
        return site.plans[name].seconds if name in site.plans else None

    def outside(self) -> "Outside":
        """Return what a sentinel drives in place of this."""
        from instruments.beamline.outside import Outside

        return Outside(self.site)

    def inside(self) -> "SiteInstrument | QueuedSite":
        """Return what the instrument process drives: this, or a queueserver where the site has given its profile to one.

        Raises:
            InstrumentError: If the queueserver's client library is not installed.
        """
        if not self.site.is_submitted:
            return self
        from instruments.beamline.queued import QueuedSite

        return QueuedSite(self.site)

    def run_engine(self) -> Any:
        return self._loaded.run_engine

    def connect(self) -> None:
        if self._is_connected:
            return
        from instruments.beamline.devices import require_different_pvs

        self._require_no_rival()
        require_different_pvs(self._axes)
        extra = {path: self._find(path) for path in self._further()}
        self._devices.connect({**self._axes, **self._detectors, **extra}, self.site.connect_timeout)
        self._paths.take_over({name: (self._detectors[name], entry) for name, entry in self.site.detectors.items()}, self._find)
        self._paths.require_space()
        self._watched = self._conditions()
        self._is_connected = True

    def _require_no_rival(self) -> None:
        """Refuse while a queueserver has the profile's devices, and watch from then on that none does."""
        if self.site.queueserver is None:
            return
        from instruments.beamline.queued.watching import rival_watch

        self._rival = rival_watch(self.site.queueserver)
        if said := self._rival.problem():
            raise InstrumentError(said)

    def describe(self) -> InstrumentDescription:
        self.connect()
        if self._description is None:
            self._description = self._describe()
        return self._description

    def _describe(self) -> InstrumentDescription:
        from instruments.beamline.describing import describe_axis, describe_signals

        site = self.site
        axes = {name: describe_axis(name, axis, site.axes[name], self._devices) for name, axis in self._axes.items()}
        by_device = {name: describe_signals(device, site.detectors[name], self._devices) for name, device in self._detectors.items()}
        signals: dict[str, SignalDescription] = {key: signal for found in by_device.values() for key, signal in found.items()}
        return InstrumentDescription(
            identity=f"site:{site.name}",
            axes=axes,
            signals=signals,
            interlocks={watched.name: watched.description for watched in self._watched},
            plans=self._allowed(axes).descriptions,
            devices={**dict.fromkeys(axes, ()), **{name: tuple(found) for name, found in by_device.items()}},
            metadata=site.metadata,
            files=FilePolicy(**site.files.model_dump()),
            derive=site.derive,
            dose=site.dose,
            has_second_connection=site.can_be_stopped_from_outside,
        )

    def make_ready(self, request: MeasureRequest) -> None:
        """Make the folder that detectors write into, and name their files.

        Raises:
            InstrumentError: If a file of that name exists, or the disk is full; names it.
        """
        self._paths.begin(request)

    def plan(self, request: MeasureRequest) -> Generator[Any, Any, Any]:
        from instruments.simulated.failures import in_its_own_words

        self._fence.present("runner", request.token)
        return (yield from in_its_own_words(self._measure(request)))

    def _measure(self, request: MeasureRequest) -> Generator[Any, Any, Any]:
        from bluesky import plan_stubs as bps

        from instruments.beamline.calling import call_plan

        described = self.describe().axes
        require_reachable(request.point, described)
        if self.site.exposure is not None and request.exposure_s > 0:
            yield from bps.abs_set(self._find(self.site.exposure), request.exposure_s, wait=True)
        if request.plan is not None:
            return (yield from call_plan(self._allowed(described), request))
        return (yield from self._move_and_read(request))

    def _move_and_read(self, request: MeasureRequest) -> Generator[Any, Any, Any]:
        from instruments.plans import measure_point

        shutter = self.site.shutter
        described = self.describe()
        wanted = {operation_source for operation in request.derive.values() for operation_source in operation.sources}
        fields = wanted | {described.signals[name].field for name in request.signals if name in described.signals}
        read = [self._detectors[name] for name, keys in described.devices.items() if name in self._detectors and fields & set(keys)]
        moved = request.model_copy(update={"point": {name: value for name, value in request.point.items() if name in self._axes}})
        return (
            yield from measure_point(
                {name: self._axes[name] for name in moved.point},
                read,
                moved,
                shutter=None if shutter is None else self._find(shutter.device),
                shutter_states=("open", "closed") if shutter is None else (shutter.open, shutter.closed),
            )
        )

    def positions(self) -> Mapping[str, Setting]:
        self.connect()
        return {name: self._devices.readback(axis) for name, axis in self._axes.items()}

    def watch(self, listener: BreachListener) -> None:
        self.connect()

        def listen(breach: Any, interlock: str) -> None:
            (self._lost.discard if breach is None else self._lost.add)(interlock)
            listener(breach, interlock)

        for watched in self._watched:
            watched.watch(listen)

    def secure(self, cause: str) -> Sequence[str]:
        from instruments.beamline.securing import secure, state_for

        state = state_for(self.site, cause, sorted(self._lost))
        return secure(self.site, state, self._axes, self._loaded.names, self._devices)

    def close(self) -> None:
        for watched in self._watched:
            watched.close()
        self._watched, self._is_connected, self._description = [], False, None

    @property
    def _loaded(self) -> "Profile":
        if self._profile is None:
            raise InstrumentError("the profile has not been run; it runs in the instrument process only")
        return self._profile

    @cached_property
    def _devices(self) -> "Devices":
        from instruments.beamline.devices import Devices

        return Devices(self._loaded.run_engine.loop)

    @cached_property
    def _paths(self) -> "Paths":
        from instruments.beamline.paths import Paths

        return Paths(self.site.files)

    @cached_property
    def _axes(self) -> Mapping[str, Any]:
        return {name: self._find(axis.device or name) for name, axis in self.site.axes.items()}

    @cached_property
    def _detectors(self) -> Mapping[str, Any]:
        return {name: self._find(detector.device or name) for name, detector in self.site.detectors.items()}

    def _find(self, path: str) -> Any:
        from instruments.beamline.devices import find

        return find(self._loaded.names, path)

    def _further(self) -> set[str]:
        """Return the devices that campaigns cannot name but Nightshift itself uses."""
        site = self.site
        states = (site.safe_state, *site.safe_state_when.values())
        paths = {interlock.device for interlock in site.interlocks.values()} | {path for state in states for path in state.set}
        top_up = None if site.beam is None else site.beam.top_up
        beam = (site.beam and site.beam.signal, top_up and top_up.injecting, top_up and top_up.countdown)
        return paths | {path for path in (site.exposure, site.shutter and site.shutter.device, *beam) if path}

    def _conditions(self) -> "list[Watched | QueueWatch]":
        from instruments.beamline.beam import beam_interlocks
        from instruments.beamline.suspending import from_site, from_suspender

        found = {name: from_site(name, interlock, self._find(interlock.device)) for name, interlock in self.site.interlocks.items()}
        found |= beam_interlocks(self.site.beam, lambda path, _pv: self._find(path))
        if self.site.use_suspenders:
            for suspender in self._loaded.run_engine.suspenders:
                watched = from_suspender(suspender, found)
                if watched is not None:
                    found[watched.name] = watched
        return [*found.values(), *([] if self._rival is None else [self._rival])]

    def _allowed(self, axes: Mapping[str, AxisDescription]) -> "Allowed":
        from instruments.beamline.calling import Allowed
        from instruments.beamline.signatures import describe_plan, is_plan

        plans: dict[str, Any] = {}
        for name, entry in self.site.plans.items():
            found = self._find(entry.plan or name)
            if not is_plan(found):
                raise InstrumentError(f"plans.{name} of the site file is a {type(found).__name__}, no plan; take it out")
            plans[name] = found
        limits = {
            name: (*axis.parameter.limits, axis.parameter.unit) for name, axis in axes.items() if isinstance(axis.parameter, Continuous)
        }
        described = {
            name: describe_plan(plan).model_copy(update={"kind": self.site.plans[name].kind, "seconds": self.site.plans[name].seconds})
            for name, plan in plans.items()
        }
        devices = {**self._axes, **self._detectors}
        others = frozenset(name for name, value in self._loaded.names.items() if hasattr(value, "name") and hasattr(value, "read"))
        return Allowed(plans, described, devices, self._axes, limits, others - set(devices))
