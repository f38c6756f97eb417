"""The site file: what beamline staff lend to campaigns, and what must happen when something goes wrong."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from instruments.beamline.beam import Beam
from orchestrator.domain.base import Duration, Setting, Value
from orchestrator.domain.documents import DocumentPlaces
from orchestrator.domain.dose import DoseRule
from orchestrator.domain.file_names import TRIAL_KEYS, keys_of, problem_with_template
from orchestrator.domain.frames import FilePolicy
from orchestrator.domain.measuring import Derived, ring_of
from orchestrator.domain.routines import RoutineKind
from orchestrator.domain.spec import NAME

ADDRESS = r"^(tcp|ipc)://\S+$"
DEVICE = r"^[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)*$"
"""A name in the profile, or a component of it: ``mono.energy``."""


def _nothing_means_empty(written: Any) -> Any:
    """Read a key under which every line is still a comment."""
    return {} if written is None else written


def _entries(written: Any) -> Any:
    """Read ``name:`` with nothing behind it as an entry that adds nothing."""
    if written is None:
        return {}
    return {name: {} if entry is None else entry for name, entry in written.items()} if isinstance(written, dict) else written


Device = Annotated[str, Field(pattern=DEVICE)]
Name = Annotated[str, Field(pattern=NAME)]


class Startup(Value):
    """An IPython startup folder: its files run in the order of their names, in one namespace."""

    startup: str


class Module(Value):
    """A Python module whose names are devices and plans."""

    module: str


class Factories(Value):
    """A Python module whose functions each make one device, as dodal and ophyd-async sites have them."""

    factories: str


class Dodal(Value):
    """A beamline of dodal: the module ``dodal.beamlines.NAME``."""

    dodal: str


class Happi(Value):
    """A happi database: a JSON file whose entries each make one device."""

    happi: str


Source = Startup | Module | Factories | Dodal | Happi


class Axis(Value):
    """A device that campaigns may move. What is left out, the device itself is asked for."""

    device: Device | None = None
    """Its name in the profile; default the axis's own name."""
    pv: str | None = None
    """Its motor record. Where every axis has one, a second process can stop them all while the profile's own hangs."""
    limits: tuple[float, float] | None = None
    """Narrower than the device's own, or in place of them where it has none."""
    unit: str | None = None
    tolerance: float | None = Field(default=None, gt=0)
    speed: float | None = Field(default=None, gt=0)
    """Units per second; only foresight needs it."""
    park: Setting | None = None
    field: str | None = None
    """The data key of its readback, where a queueserver has the device and it cannot be asked; default its name, ``m1_pitch``."""

    @model_validator(mode="after")
    def _limits_ascend(self) -> "Axis":
        if self.limits is not None and not self.limits[0] < self.limits[1]:
            raise ValueError(f"limits {list(self.limits)} are reversed or empty; write [low, high]")
        return self


class Signal(Value):
    """A data key of a detector that only a queueserver can ask."""

    kind: Literal["scalar", "spectrum", "image"] = "scalar"
    unit: str = ""
    saturation: float | None = None


class Detector(Value):
    """A device that campaigns may read."""

    device: Device | None = None
    pv: str | None = None
    """For people; nothing is done with it."""
    unit: str | None = None
    written_to: Device | None = None
    """A function of the profile that is called with folder and name before each run, where the detector has no other way to be told."""
    files: Mapping[str, Literal["scalar", "spectrum", "image"]] | None = None
    """Data keys that it writes into files, which it does not describe before its first run. Default: its own main one, an image."""
    signals: Annotated[Mapping[str, Signal], BeforeValidator(_entries)] = {}
    """Its data keys, where a queueserver has the device and it cannot be asked; default one number under its own name."""


class Interlock(Value):
    """A condition that must hold from a trial's start to its last reading. The profile's suspenders are interlocks already."""

    device: Device
    """A signal in the profile."""
    pv: str | None = None
    """What is watched in its place where a queueserver has the profile."""
    lower: float | None = None
    upper: float | None = None
    unit: str = ""
    meaning: str = ""

    @model_validator(mode="after")
    def _bounds_something(self) -> "Interlock":
        if self.lower is None and self.upper is None:
            raise ValueError("give lower, upper or both; without them nothing is watched")
        return self


class Shutter(Value):
    """Opened by Nightshift's own plan for the reading only, and closed by the safe state. A plan of the site's minds it itself."""

    device: Device
    open: Setting = "open"
    closed: Setting = "closed"
    pv: str | None = None
    """What the second process writes ``closed`` to, where it stops the axes too."""


class SafeState(Value):
    """What is done, in this order: the shutter closes, axes stop, devices are set."""

    stop: Literal["all"] | tuple[Name, ...] = "all"
    """Axes."""
    keep: tuple[Name, ...] = ()
    """Axes that are never stopped, such as a furnace's setpoint."""
    shutter: Literal["close", "leave"] = "close"
    set: Mapping[Device, Setting] = {}
    """Devices by their names in the profile; they need not be allowed to campaigns."""


class Plan(Value):
    """A plan that campaigns may call."""

    plan: Device | None = None
    """Its name in the profile; default the plan's own name."""
    seconds: float | None = Field(default=None, ge=0)
    """What one call takes; only foresight needs it."""
    kind: RoutineKind | None = None
    """What it is for, where campaigns call it every so often: ``dark``, ``reference``, ``calibration`` or ``alignment``."""


class Files(FilePolicy):
    """Files that detectors write."""

    @model_validator(mode="after")
    def _names_differ(self) -> "Files":
        for template in (self.root, self.name):
            if problem := problem_with_template(template):
                raise ValueError(problem)
        if not self.root:
            return self
        if not self.root.startswith("/") or "/../" in f"{self.root}/":
            raise ValueError(f"root = {self.root!r} is no absolute path; write it from / on, without ..")
        if "/" in self.name:
            raise ValueError(f"name = {self.name!r} holds a /; put folders into root")
        missing = [key for key in ("campaign", "trial", "attempt") if key not in keys_of(self.root + self.name)]
        if missing:
            raise ValueError(f"root and name do not say {', '.join(missing)}: two runs would write one file; add {{{missing[0]}}} to name")
        return self


def _plans_by_name(written: Any) -> Any:
    return {str(name): {} for name in written} if isinstance(written, list) else _entries(written)


class Queueserver(Value):
    """A bluesky-queueserver that has the profile: plans are submitted to it, and the profile is run nowhere else."""

    control: str = Field(default="tcp://localhost:60615", pattern=ADDRESS)
    """Where the manager takes orders."""
    documents: str | None = Field(default=None, pattern=ADDRESS)
    """The 0MQ proxy's outgoing side, to which the profile's RunEngine publishes its documents."""
    user: str = "nightshift"
    """Who submits, as the queueserver's people read it."""
    group: str = "primary"
    """The queueserver's user group, which decides what plans and devices may be used."""
    public_key: str | None = None
    """The manager's, where it encrypts."""
    submit: bool = True
    """False runs the profile here, and only while the queueserver's environment is closed."""
    patience: Duration = Field(default=60.0, gt=0, le=3600)
    """How long the manager may be silent while a plan runs, before what became of the trial counts as unknown."""

    @model_validator(mode="after")
    def _publishes(self) -> "Queueserver":
        if self.submit and self.documents is None:
            raise ValueError("documents is missing: what a plan read arrives over a 0MQ proxy; write documents: tcp://localhost:5568")
        return self


class SiteFile(Value):
    """All of it."""

    name: Name
    """The beamline: what two campaigns must not share."""
    profile: Source
    load_timeout: Duration = Field(default=180.0, gt=0, le=1800)
    """How long the profile may take to run."""
    connect_timeout: Duration = Field(default=15.0, gt=0, le=600)
    """How long the allowed devices together may take to connect."""
    axes: Annotated[Mapping[Name, Axis], BeforeValidator(_entries)] = {}
    detectors: Annotated[Mapping[Name, Detector], BeforeValidator(_entries)] = {}
    plans: Annotated[Mapping[Device, Plan], BeforeValidator(_plans_by_name)] = {}
    interlocks: Annotated[Mapping[Name, Interlock], BeforeValidator(_nothing_means_empty)] = {}
    beam: Beam | None = None
    use_suspenders: bool = True
    """Whether what the profile's RunEngine suspends for is an interlock too, so that the night waits for it on record."""
    shutter: Shutter | None = None
    exposure: Device | None = None
    """A settable device that takes ``measure.exposure``, in seconds."""
    dose: DoseRule | None = None
    """What a trial adds to the sample's dose; without it campaigns cannot limit it."""
    safe_state: SafeState = SafeState()
    safe_state_when: Annotated[Mapping[Name, SafeState], BeforeValidator(_nothing_means_empty)] = {}
    """In place of ``safe_state`` for one cause: an interlock's name, ``failure``, ``stopped``, ``recovery`` or ``engine-gone``."""
    documents: DocumentPlaces | None = None
    """Where every Bluesky document goes, besides the ledger's own record."""
    metadata: Annotated[Mapping[str, Literal["text", "number", "anything"]], BeforeValidator(_nothing_means_empty)] = {}
    """What every campaign must say of itself under ``metadata``."""
    files: Annotated[Files, BeforeValidator(_nothing_means_empty)] = Files()
    """Files that detectors write: where, and how long they are waited for."""
    derive: Annotated[Mapping[Name, Derived], BeforeValidator(_nothing_means_empty)] = {}
    """Signals worked out of what is read, for every campaign; a campaign's own ``measure.derive`` goes before them."""

    @model_validator(mode="after")
    def _paths_can_be_filled(self) -> "SiteFile":
        known = (*TRIAL_KEYS, *self.metadata)
        unknown = [key for key in keys_of(self.files.root + self.files.name) if self.files.root and key not in known]
        if self.files.root and self.queueserver is not None and self.queueserver.submit:
            raise ValueError("files.root: the queueserver's own profile says where its detectors write; leave root out")
        if unknown:
            told = f"files: {{{unknown[0]}}} is known of no campaign"
            raise ValueError(f"{told}; declare metadata.{unknown[0]}: text, or use {', '.join(known)}")
        return self

    @model_validator(mode="after")
    def _derives_from_something(self) -> "SiteFile":
        ring = ring_of(self.derive)
        if ring:
            raise ValueError(f"derive: {' is taken from '.join(ring)}: they wait for one another; take one of them from a data key")
        return self

    queueserver: Queueserver | None = None
    """The one that has this profile, if one does."""

    @model_validator(mode="after")
    def _names_agree(self) -> "SiteFile":
        shared = sorted(set(self.axes) & set(self.detectors))
        if shared:
            raise ValueError(f"{', '.join(shared)}: listed under axes and detectors; keep one")
        if self.beam is not None and (taken := sorted({"beam", "top-up"} & set(self.interlocks))):
            raise ValueError(f"interlocks.{taken[0]}: beam makes an interlock of that name itself; keep one")
        pvs: dict[str, str] = {}
        for name, axis in self.axes.items():
            if axis.pv is not None and axis.pv in pvs:
                raise ValueError(f"axes.{name} and axes.{pvs[axis.pv]} are both {axis.pv}: one would move the other; keep one")
            if axis.pv is not None:
                pvs[axis.pv] = name
        for path, state in {"safe_state": self.safe_state, **self.safe_state_when}.items():
            unknown = sorted({*state.keep, *(() if state.stop == "all" else state.stop)} - set(self.axes))
            if unknown:
                raise ValueError(f"{path}: {', '.join(unknown)} is no axis of this file; name axes")
        return self

    @model_validator(mode="after")
    def _needs_no_profile(self) -> "SiteFile":
        """With a queueserver, devices live in its process: what is needed of them here has to be written down."""
        if not self.is_submitted:
            return self
        for name, axis in self.axes.items():
            if axis.limits is None:
                raise ValueError(f"axes.{name} has no limits, and with a queueserver the device cannot be asked; add limits: [low, high]")
        for name, one in {"beam": self.beam, "beam.top_up": None if self.beam is None else self.beam.top_up}.items():
            if one is not None and one.pv is None:
                raise ValueError(f"{name} has no pv, and with a queueserver its signal cannot be watched; add its pv")
        for name, interlock in self.interlocks.items():
            if interlock.pv is None:
                raise ValueError(f"interlocks.{name} has no pv, and with a queueserver {interlock.device} cannot be watched; add its pv")
        return self

    @property
    def is_submitted(self) -> bool:
        """Whether plans are carried out by a queueserver."""
        return self.queueserver is not None and self.queueserver.submit

    @property
    def can_be_stopped_from_outside(self) -> bool:
        """Whether a second process can stop whatever campaigns may move."""
        return bool(self.axes) and all(axis.pv is not None for axis in self.axes.values())
