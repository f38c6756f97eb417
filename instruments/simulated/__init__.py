"""A simulated beamline: mirrors, slits, a monochromator, detectors, and everything that can go wrong with them."""

import math
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

from pydantic import Field, field_validator

from instruments.simulated.axes import AXES
from instruments.simulated.faults import Fault
from instruments.simulated.fence import Fence
from orchestrator.domain.base import Setting, Value
from orchestrator.domain.errors import InstrumentError
from orchestrator.domain.instrument import AxisDescription, InstrumentDescription, InterlockDescription, MeasureRequest, SignalDescription
from orchestrator.domain.protocols import BreachListener
from orchestrator.domain.space import Continuous

if TYPE_CHECKING:
    from instruments.simulated.devices import SimulatedAxis, SimulatedDetector
    from instruments.simulated.live import LiveWorld


class SimulatedBeamlineSettings(Value):
    """Settings of ``simulated-beamline``."""

    axes: tuple[str, ...] = tuple(AXES)
    """Which axes the campaign may move; the others stay aligned or misaligned as they start."""
    time_scale: float = Field(default=1.0, ge=0)
    """Real seconds per simulated second; 0 takes no time at all."""
    faults: tuple[Fault, ...] = ()
    journal: Path | None = None
    """A file of JSON lines, one per device action."""
    identity: str = ""
    """Empty means a beamline of its own, which no other campaign can touch."""

    @field_validator("axes")
    @classmethod
    def _axes_exist(cls, axes: tuple[str, ...]) -> tuple[str, ...]:
        unknown = [name for name in axes if name not in AXES]
        if unknown or not axes:
            raise ValueError(f"axes {list(axes)} must be some of {', '.join(AXES)}")
        return axes

    def relative_to(self, folder: Path) -> Self:
        return self if self.journal is None else self.model_copy(update={"journal": folder / self.journal})


class SimulatedBeamline:
    """The simulated beamline as devices inside the instrument process."""

    Settings: ClassVar[type[Value]] = SimulatedBeamlineSettings
    is_made_up: ClassVar[bool] = True

    def __init__(self, settings: SimulatedBeamlineSettings) -> None:
        self._settings = settings
        self._fence = Fence()
        self._live: LiveWorld | None = None
        self._axes: Mapping[str, SimulatedAxis] = {}
        self._detector: SimulatedDetector | None = None

    def describe(self) -> InstrumentDescription:
        return describe(self._settings.axes, identity=self._settings.identity, time_scale=self._settings.time_scale)

    def connect(self) -> None:
        if self._live is not None:
            return
        from instruments.journal import Journal
        from instruments.simulated.clock import SimulationClock
        from instruments.simulated.devices import SimulatedAxis, SimulatedDetector
        from instruments.simulated.live import LiveWorld
        from instruments.simulated.world import World

        world = World(self._settings.faults, Journal(self._settings.journal).write)
        live = self._live = LiveWorld(world, SimulationClock(self._settings.time_scale))
        self._axes = {name: SimulatedAxis(name, live) for name in self._settings.axes}
        self._detector = SimulatedDetector(live)

    def plan(self, request: MeasureRequest) -> Generator[Any, Any, Any]:
        from instruments.plans import measure_point
        from instruments.simulated.failures import in_its_own_words
        from instruments.simulated.routines import routine
        from instruments.simulated.signals import SIGNALS

        self._fence.present("runner", request.token)
        live, detector = self._connected()
        live.do(lambda world, _: world.begin(_attempt(request)))
        detector.exposure_s = request.exposure_s
        detector.fields = fields_of(tuple(SIGNALS) if request.keeps_all else request.signals)
        if request.plan is not None:
            return (yield from in_its_own_words(routine(request, live, detector)))
        return (yield from in_its_own_words(measure_point(self._axes, [detector], request)))

    def positions(self) -> Mapping[str, Setting]:
        self._connected()
        return {name: axis.position for name, axis in self._axes.items()}

    def watch(self, listener: BreachListener) -> None:
        self._connected()[0].watch(listener)

    def secure(self, cause: str) -> Sequence[str]:
        _, detector = self._connected()
        stopped = [f"stopped {name} at {axis.position:.6g} {AXES[name].unit}" for name, axis in self._axes.items() if axis.stop()]
        was_open = detector.abort()
        return (*(stopped or ["no axis was moving"]), "closed the shutter" if was_open else "the shutter was closed")

    def close(self) -> None:
        if self._live is not None:
            self._live.close()

    def _connected(self) -> "tuple[LiveWorld, SimulatedDetector]":
        self.connect()
        assert self._live is not None
        assert self._detector is not None
        return self._live, self._detector


def describe(names: Sequence[str], *, identity: str, time_scale: float = 1.0) -> InstrumentDescription:
    """Return the description of a simulated beamline with some of its axes."""
    from instruments.simulated.beam import THRESHOLD
    from instruments.simulated.offered import PLANS
    from instruments.simulated.signals import DOSE, SIGNALS

    return InstrumentDescription(
        identity=identity,
        axes={name: _describe_axis(name, time_scale) for name in names},
        signals={
            name: SignalDescription(kind=signal.kind, unit=signal.unit, field=name, sd_field=signal.sd, saturation=signal.saturation)
            for name, signal in SIGNALS.items()
        },
        interlocks={"beam": InterlockDescription(lower=THRESHOLD, unit="mA", meaning="the storage ring holds its beam", role="beam")},
        plans=PLANS,
        dose=DOSE,
    )


def fields_of(signals: Sequence[str]) -> tuple[str, ...]:
    """Return the fields of a reading that these signals need, standard deviations included.

    Raises:
        InstrumentError: If a signal does not exist.
    """
    from instruments.simulated.signals import SIGNALS

    unknown = [name for name in signals if name not in SIGNALS]
    if unknown:
        raise InstrumentError(f"no signal is called {', '.join(unknown)}; the beamline has {', '.join(SIGNALS)}")
    sds = (SIGNALS[name].sd for name in signals)
    return (*signals, *(sd for sd in sds if sd is not None))


def _describe_axis(name: str, time_scale: float) -> AxisDescription:
    axis = AXES[name]
    parameter = Continuous(limits=axis.limits, unit=axis.unit, tolerance=axis.tolerance)
    speed = axis.velocity / time_scale if time_scale > 0 and math.isfinite(axis.velocity) else None
    return AxisDescription(parameter=parameter, field=name, speed=speed, park=axis.start)


def _attempt(request: MeasureRequest) -> Any:
    from instruments.simulated.detectors import Attempt

    return Attempt(seed=request.seed, trial=request.trial, number=request.attempt, id=request.attempt_id)
