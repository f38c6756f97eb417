"""What an instrument says about itself, and what it is asked to measure."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field, JsonValue

from orchestrator.domain.base import Setting, Value
from orchestrator.domain.dose import DoseRule
from orchestrator.domain.frames import FilePolicy
from orchestrator.domain.measuring import Derived, PlanCall
from orchestrator.domain.records import Observation, TrialKind
from orchestrator.domain.routines import RoutineKind
from orchestrator.domain.space import Parameter

POSITIONS_STREAM = "nightshift"
"""The stream of a run in which the axes of the point are read, where its plan reads what it likes into ``primary``."""


class AxisDescription(Value):
    """Something that can be set; the parameter carries the device's own limits, unit and tolerance."""

    parameter: Parameter
    field: str
    """The data key under which documents carry the readback; empty where nothing reads it back, as with a plan's argument."""
    speed: float | None = Field(default=None, gt=0)
    """Units per second; None when a move takes no time."""
    park: Setting | None = None
    """Where ``on_finish: park`` leaves it."""


class SignalDescription(Value):
    """Something that can be read."""

    kind: Literal["scalar", "spectrum", "image"] = "scalar"
    unit: str = ""
    field: str
    """The data key under which documents carry the value."""
    sd_field: str | None = None
    """The data key of its standard deviation, where the instrument knows it."""
    saturation: float | None = None
    """A reading at or above this cannot be trusted."""
    is_file: bool = False
    """Whether a detector writes it into a file, and documents carry a reference."""


class InterlockDescription(Value):
    """A condition that must hold from a trial's start to its last reading."""

    lower: float | None = None
    """The watched value must be at least this."""
    unit: str = ""
    meaning: str = ""
    role: Literal["beam", "top-up", "control", "other"] = "other"
    """What it tells of: after the beam was lost, routines may be due; top-up comes and goes all night; ``control`` is who may move."""
    spoils: bool = True
    """Whether what was measured while it broke is measured again; if not, it only keeps trials from beginning."""


class PlanParameter(Value):
    """One argument of a plan."""

    name: str
    kind: Literal["device", "devices", "number", "integer", "boolean", "text", "anything", "positional"] = "anything"
    """What its annotation says; ``positional`` is ``*args``: any number of values."""
    is_required: bool = False


class PlanDescription(Value):
    """A plan that campaigns may call: a trial is one call."""

    parameters: tuple[PlanParameter, ...] = ()
    takes_keywords: bool = False
    """Whether it takes arguments of any name (``**kwargs``)."""
    kind: RoutineKind | None = None
    """What it is for, where it is meant for ``every``."""
    seconds: float | None = Field(default=None, ge=0)
    """What one call takes, where the site knows."""


class InstrumentDescription(Value):
    """Everything Nightshift needs to know of an instrument before it moves it."""

    identity: str
    """What two campaigns must not share, such as a PV prefix; the instrument lease is keyed by it."""
    axes: Mapping[str, AxisDescription]
    signals: Mapping[str, SignalDescription]
    interlocks: Mapping[str, InterlockDescription] = {}
    candidates: tuple[Mapping[str, Setting], ...] | None = None
    plans: Mapping[str, PlanDescription] = {}
    """Plans that ``measure.plan`` and ``every`` may call."""
    devices: Mapping[str, tuple[str, ...]] = {}
    """Devices that a plan's arguments may name, and the signals each of them gives."""
    metadata: Mapping[str, Literal["text", "number", "anything"]] = {}
    """What ``metadata`` must say, for the site's own records."""
    derive: Mapping[str, Derived] = {}
    """Signals that the site works out for every campaign."""
    files: FilePolicy = FilePolicy()
    """How files that detectors write are waited for."""
    dose: DoseRule | None = None
    """How the dose of a trial is worked out; None where nobody knows, and ``budget.dose`` is then refused."""
    has_second_connection: bool = False
    """Whether another process can watch and stop it; in-process devices cannot be reached from outside."""
    exposure_unit: Literal["s"] = "s"

    @property
    def dose_unit(self) -> str:
        """Empty where it has none, or nobody tells the dose."""
        return "" if self.dose is None else self.dose.unit


class MeasureRequest(Value):
    """One attempt at measuring one trial."""

    campaign: str
    trial: int = Field(ge=1)
    attempt: int = Field(ge=1)
    kind: TrialKind
    point: Mapping[str, Setting]
    exposure_s: float = Field(default=0.0, ge=0)
    signals: tuple[str, ...]
    plan: PlanCall | None = None
    """The plan to call; None for the instrument's own way of measuring a point."""
    derive: Mapping[str, Derived] = {}
    """How to work out those signals that no device gives."""
    dark: Observation | None = None
    """What the dark trial gave that this one is to be corrected with."""
    keeps_all: bool = False
    """Whether whatever described signals the run reads are kept, averaged where it reads them several times, in place of
    ``signals``: a routine's plan, such as one that takes darks, reads what it likes."""
    uses: Mapping[str, int] = {}
    """By routine: the trial that gave the dark, calibration or alignment in force."""
    seed: int
    """Noise and drift may depend on (seed, trial, attempt) and nothing else."""
    token: int
    """The instrument lease's fencing token; an adapter refuses one lower than the highest it has seen."""
    ledger_head: str = ""
    metadata: Mapping[str, JsonValue] = {}

    @property
    def attempt_id(self) -> str:
        return f"{self.campaign}/{self.trial}/{self.attempt}"

    def start_metadata(self) -> dict[str, JsonValue]:
        """Return what every start document of this attempt says: the campaign's own metadata, and which attempt it is."""
        attempt: dict[str, JsonValue] = {
            "campaign": self.campaign,
            "trial": self.trial,
            "attempt": self.attempt,
            "kind": str(self.kind),
            "ledger_head": self.ledger_head,
            **({"uses": dict(self.uses)} if self.uses else {}),
        }
        return {**self.metadata, "nightshift": attempt}
