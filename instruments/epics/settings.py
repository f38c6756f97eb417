"""What a campaign file says about an instrument behind EPICS: names of PVs, appended to one prefix."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from instruments.simulated.faults import Fault
from orchestrator.domain.base import Duration, Value


def _pv_alone(written: Any) -> Any:
    return {"pv": written} if isinstance(written, str) else written


class AxisPv(Value):
    """A motor record."""

    pv: str
    unit: str | None = None
    """Default: the record's own (EGU)."""
    tolerance: float | None = Field(default=None, gt=0)
    """How far the readback may lie from the setpoint."""
    limits: tuple[float, float] | None = None
    """Narrower than the record's own, or necessary where those are 0, 0, which means unlimited."""


class SignalPv(Value):
    """Something to read after the exposure."""

    pv: str
    kind: Literal["scalar", "spectrum", "image"] = "scalar"
    unit: str = ""
    shape: tuple[int, int] | None = None
    """Rows and columns of an image; CA knows only its length."""
    sd: str | None = None
    """PV of the standard deviation."""
    saturation: float | None = None


class InterlockPv(Value):
    """A condition that must hold from a trial's start to its last reading."""

    pv: str
    lower: float
    unit: str = ""
    trips: str | None = None
    """A PV that counts how often the condition broke: it remembers what was too short to be seen."""
    meaning: str = ""
    wait_after_return: Duration = 0.0
    """Once it holds again: for the optics to settle."""
    short_loss: Duration = 1.0
    """A loss no longer than this spoils a reading and is not waited for."""


class DetectorPvs(Value):
    """How the detector is exposed. Without ``acquire``, signals are simply read."""

    exposure: str | None = None
    """Exposure time, seconds."""
    acquire: str | None = None
    """A write of 1 completes when the reading is there; 0 aborts."""
    number: str | None = None
    """Readings so far: tells a finished exposure from a refused one."""


class ShutterPv(Value):
    """Closed in the safe state; opened for each exposure unless the detector does so itself."""

    pv: str
    opened: int | str = 1
    closed: int | str = 0
    opened_by: Literal["plan", "detector"] = "plan"


class AttemptPvs(Value):
    """Where the IOC wants to know who moves it; each is optional."""

    fence: str | None = None
    """Takes the instrument lease's token; the IOC refuses motions of a client whose token is not the highest."""
    seed: str | None = None
    trial: str | None = None
    attempt: str | None = None
    attempt_id: str | None = None
    """Written last."""
    message: str | None = None
    """The IOC's latest refusal, as text."""


class HeartbeatPvs(Value):
    """A dead man's switch in the IOC."""

    beat: str
    arm: str
    timeout: Duration = Field(default=5.0, gt=0)
    """Seconds of silence after which the IOC makes everything safe by itself."""


class EpicsSettings(Value):
    """Settings of ``epics``."""

    prefix: str = ""
    """What every PV name begins with; also what two campaigns must not share."""
    layout: Literal["simulated-beamline"] | None = None
    """A known set of PVs; whatever else is given here overrides it."""
    axes: Mapping[str, Annotated[AxisPv, BeforeValidator(_pv_alone)]] = {}
    signals: Mapping[str, Annotated[SignalPv, BeforeValidator(_pv_alone)]] = {}
    interlocks: Mapping[str, InterlockPv] = {}
    detector: DetectorPvs = DetectorPvs()
    shutter: Annotated[ShutterPv, BeforeValidator(_pv_alone)] | None = None
    attempt: AttemptPvs = AttemptPvs()
    heartbeat: HeartbeatPvs | None = None
    ca_address: str | None = None
    """Host of the IOC or gateway; default: as the environment says (EPICS_CA_ADDR_LIST)."""
    ca_port: int | None = Field(default=None, ge=1, le=65535)
    ca_repeater_port: int | None = Field(default=None, ge=1, le=65535)
    connect_timeout: Duration = Field(default=5.0, gt=0)
    read_timeout: Duration = Field(default=5.0, gt=0)
    """How long one PV may take to answer."""
    slack: Duration = Field(default=15.0, gt=0)
    """How much longer than computed a move or an exposure may take."""
    soft_ioc: bool = False
    """Start the simulated beamline's IOC, and stop it at the end."""
    faults: tuple[Fault, ...] = ()
    """What goes wrong in the soft IOC."""
    time_scale: float = Field(default=1.0, ge=0)
    """Real seconds per simulated second of the soft IOC."""
    log: Path | None = None
    """Where the soft IOC writes what its devices did; default a temporary file."""

    @model_validator(mode="before")
    @classmethod
    def _fill_from_layout(cls, written: Any) -> Any:
        if not isinstance(written, Mapping) or written.get("layout") is None:
            return written
        from instruments.epics.layouts import LAYOUTS

        return {**LAYOUTS.get(written["layout"], {}), **written}

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if not self.axes or not self.signals:
            raise ValueError("axes and signals are needed: name → PV; or a layout that has them")
        if clash := set(self.axes) & set(self.signals):
            raise ValueError(f"{', '.join(sorted(clash))} is both an axis and a signal; rename one")
        unsized = [name for name, signal in self.signals.items() if signal.kind == "image" and signal.shape is None]
        if unsized:
            raise ValueError(f"image {', '.join(unsized)} needs a shape: [rows, columns]")
        if not self.soft_ioc and self.faults:
            raise ValueError("faults can only be made to happen in a soft IOC; set soft_ioc: true or leave them out")
        return self

    def relative_to(self, folder: Path) -> Self:
        return self if self.log is None else self.model_copy(update={"log": folder / self.log})
