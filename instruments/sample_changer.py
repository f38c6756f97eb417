"""A simulated sample changer: a robot that mounts samples from a holder, a stage to align them, and a monochromator."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from pydantic import Field

from instruments.journal import Journal
from instruments.plans import Plan, measure_point, start_document
from orchestrator.domain.base import Duration, Setting, Value
from orchestrator.domain.chance import Stream, generator
from orchestrator.domain.errors import InstrumentError
from orchestrator.domain.instrument import (
    AxisDescription,
    InstrumentDescription,
    MeasureRequest,
    PlanDescription,
    PlanParameter,
    SignalDescription,
)
from orchestrator.domain.protocols import BreachListener
from orchestrator.domain.space import Continuous

MOUNT = "mount"
"""The plan that campaigns may call."""
DETECTOR = "diode"
_AXES: Mapping[str, Continuous] = {
    "x": Continuous(limits=(-5.0, 5.0), unit="mm", tolerance=0.005),
    "y": Continuous(limits=(-5.0, 5.0), unit="mm", tolerance=0.005),
    "energy": Continuous(limits=(7100.0, 7160.0), unit="eV", tolerance=0.05),
}
_START: Mapping[str, float] = {"x": 0.0, "y": 0.0, "energy": 7112.0}
_SPOT_MM = 1.2
"""How far from a sample's centre it still absorbs: standard deviation, mm."""
_LINE_EV = 4.0
"""Half width of the white line, eV."""
_BACKGROUND = 20.0
_STRENGTH = 1000.0


class SampleChangerSettings(Value):
    """Settings of ``sample-changer``."""

    positions: int = Field(default=12, ge=1, le=384)
    """How many the holder has, counted from 1."""
    empty: tuple[int, ...] = ()
    """Positions without a sample: mounting from there fails."""
    broken: tuple[int, ...] = ()
    """Positions whose sample gives hardly a signal, wherever the stage is."""
    mount_time: Duration = 0.0
    """How long the robot takes."""
    seconds_per_trial: Duration = 0.0
    """How long a measurement takes."""
    journal: str | None = None
    """A file that gets one line per motion, mounting and trigger, on the disk before it happens."""
    identity: str = ""
    """What two campaigns must not share; empty means a changer of its own."""

    def relative_to(self, folder: Path) -> Self:
        return self if self.journal is None else self.model_copy(update={"journal": str(folder / self.journal)})


class SampleChanger:
    """Fluorescence of one sample at a time, each a little off its place and with a white line of its own."""

    Settings: ClassVar[type[Value]] = SampleChangerSettings
    is_made_up: ClassVar[bool] = True

    def __init__(self, settings: SampleChangerSettings) -> None:
        self._settings = settings
        self._journal = Journal(settings.journal)
        self._request: MeasureRequest | None = None
        self._mounted: int | None = None
        self._highest_token = 0
        self._axes: dict[str, Any] = {}
        self._detector: Any = None

    def describe(self) -> InstrumentDescription:
        return InstrumentDescription(
            identity=self._settings.identity,
            axes={name: AxisDescription(parameter=parameter, field=name, park=_START[name]) for name, parameter in _AXES.items()},
            signals={"fluorescence": SignalDescription(unit="counts", field="fluorescence", sd_field="fluorescence_sd")},
            plans={MOUNT: PlanDescription(parameters=(PlanParameter(name="position", kind="integer", is_required=True),))},
        )

    def connect(self) -> None:
        if self._detector is not None:
            return
        from instruments.soft_devices import SoftAxis, SoftDetector

        self._axes = {name: SoftAxis(name, parameter=_AXES[name], start=_START[name], moved=self._record_motion) for name in _AXES}
        units = {"fluorescence": "counts", "fluorescence_sd": "counts"}
        self._detector = SoftDetector(DETECTOR, units=units, measure=self._measure, seconds=self._settings.seconds_per_trial)

    def plan(self, request: MeasureRequest) -> Plan:
        from instruments.simulated.failures import in_its_own_words

        self._require_token(request)
        self.connect()
        self._remember(request)
        self._request = request
        try:
            measuring = self._mount(request) if request.plan is not None else measure_point(self._axes, [self._detector], request)
            return (yield from in_its_own_words(measuring))
        finally:
            self._request = None

    def seconds_of_plan(self, name: str, surroundings: Mapping[str, str]) -> float:
        """Return what one mounting takes."""
        return self._settings.mount_time

    def positions(self) -> Mapping[str, Setting]:
        return {name: axis.readback.get() for name, axis in self._axes.items()} or dict(_START)

    def watch(self, listener: BreachListener) -> None:
        """There are no interlocks: the listener is never called."""

    def secure(self, cause: str) -> Sequence[str]:
        return () if self._detector is None else self._detector.secure()

    def close(self) -> None:
        self.secure("closed")
        self._journal.close()

    def _mount(self, request: MeasureRequest) -> Plan:
        """Mount what the request's plan names; the run opens first, so that its documents name the trial.

        Raises:
            InstrumentError: If the holder has no such position, or nothing is there.
        """
        from bluesky import plan_stubs as bps
        from bluesky import preprocessors as bpp

        assert request.plan is not None
        position = request.plan.filled(request.point).get("position")
        if request.plan.name != MOUNT or not isinstance(position, int) or not 1 <= position <= self._settings.positions:
            raise InstrumentError(f"{request.plan.name}({position}): the changer can mount positions 1 to {self._settings.positions}")

        def mounting() -> Plan:
            self._journal.write("mount", attempt=request.attempt_id, position=position)
            yield from bps.sleep(self._settings.mount_time)
            self._mounted = None
            if position in self._settings.empty:
                raise InstrumentError(f"no sample at position {position} of the holder")
            self._mounted = position

        nothing = request.model_copy(update={"point": {}})
        return (yield from bpp.run_wrapper(mounting(), md={**start_document(self._axes, [], nothing), "plan_name": MOUNT}))

    def _remember(self, request: MeasureRequest) -> None:
        """A robot holds its sample although the process that drives it dies; this one dies with it, and asks what it held."""
        position = request.metadata.get("position")
        if self._mounted is None and request.plan is None and isinstance(position, int):
            self._mounted = position

    def _require_token(self, request: MeasureRequest) -> None:
        if request.token < self._highest_token:
            raise InstrumentError(f"token {request.token} is older than {self._highest_token}: another runner has taken the changer over")
        self._highest_token = request.token

    def _record_motion(self, axis: str, to: Setting) -> None:
        self._journal.write("motion", attempt=self._attempt_id, axis=axis, to=to)

    @property
    def _attempt_id(self) -> str:
        return "" if self._request is None else self._request.attempt_id

    def _measure(self) -> Mapping[str, float]:
        """Return counts with the scatter of counting, drawn from seed, trial and attempt alone."""
        self._journal.write("trigger", attempt=self._attempt_id, detector=DETECTOR)
        expected = self._expected({name: float(value) for name, value in self.positions().items()})
        scatter = 0.0
        if self._request is not None:
            rng = generator(self._request.seed, Stream.INSTRUMENT, self._request.trial, self._request.attempt)
            scatter = float(rng.normal())
        sd = math.sqrt(expected)
        return {"fluorescence": expected + sd * scatter, "fluorescence_sd": sd}

    def _expected(self, at: Mapping[str, float]) -> float:
        if self._mounted is None or self._mounted in self._settings.broken:
            return _BACKGROUND
        centre = centre_of(self._mounted)
        off = math.hypot(at["x"] - centre["x"], at["y"] - centre["y"]) / _SPOT_MM
        white_line = 1.0 / (1.0 + ((at["energy"] - centre["energy"]) / _LINE_EV) ** 2)
        return _BACKGROUND + _STRENGTH * math.exp(-(off**2) / 2) * (0.3 + white_line)


def centre_of(position: int) -> Mapping[str, float]:
    """Return where the sample of a position really is, in mm, and the energy of its white line, in eV."""
    rng = np.random.default_rng([7, position])
    x, y = rng.uniform(-1.5, 1.5, size=2)
    return {"x": float(x), "y": float(y), "energy": 7124.0 + float(rng.uniform(-4.0, 8.0))}
