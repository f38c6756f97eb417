"""An instrument of one's own: two pumps feed a cell, and a diode reads what comes out."""

from collections.abc import Generator, Mapping, Sequence
from typing import Any, ClassVar

from instruments.plans import measure_point
from orchestrator.domain.base import Duration, Setting, Value
from orchestrator.domain.instrument import AxisDescription, InstrumentDescription, MeasureRequest, SignalDescription
from orchestrator.domain.protocols import BreachListener
from orchestrator.domain.space import Continuous

PUMPS: Mapping[str, Continuous] = {
    "dye": Continuous(limits=(0.0, 10.0), unit="mL/min", tolerance=0.01),
    "water": Continuous(limits=(1.0, 20.0), unit="mL/min", tolerance=0.01),
}


class Cell:
    """Stands in for the vendor's library: replace it, keep the rest."""

    def __init__(self) -> None:
        self.rates: dict[str, float] = {"dye": 0.0, "water": 1.0}
        self.is_open = False

    def set_rate(self, pump: str, rate: float) -> None:
        self.is_open = True
        self.rates[pump] = rate

    def readings(self) -> Mapping[str, float]:
        share = self.rates["dye"] / (self.rates["dye"] + self.rates["water"])
        return {"absorbance": 2.0 * share, "dark": 0.01}

    def close_valve(self) -> None:
        self.is_open = False


class FlowCellSettings(Value):
    """Settings of ``flow-cell``."""

    identity: str = "flow-cell"
    """What two campaigns must not share: the serial number, for example."""
    settling: Duration = 0.0
    """Seconds from a change of rates to a reading."""


class FlowCellInstrument:
    """Two pumps and a diode."""

    Settings: ClassVar[type[Value]] = FlowCellSettings

    def __init__(self, settings: FlowCellSettings) -> None:
        self._settings = settings
        self._cell = Cell()
        self._pumps: dict[str, Any] = {}
        self._diode: Any = None

    def describe(self) -> InstrumentDescription:
        return InstrumentDescription(
            identity=self._settings.identity,
            axes={name: AxisDescription(parameter=parameter, field=name) for name, parameter in PUMPS.items()},
            signals={"absorbance": SignalDescription(field="absorbance"), "dark": SignalDescription(field="dark")},
        )

    def connect(self) -> None:
        if self._pumps:
            return
        from instruments.soft_devices import SoftAxis, SoftDetector  # imports ophyd, which takes about a second

        self._pumps = {
            name: SoftAxis(name, parameter=parameter, start=self._cell.rates[name], moved=self._set_rate)
            for name, parameter in PUMPS.items()
        }
        self._diode = SoftDetector(
            "diode", units={"absorbance": "", "dark": ""}, measure=self._cell.readings, seconds=self._settings.settling
        )

    def plan(self, request: MeasureRequest) -> Generator[Any, Any, Any]:
        self.connect()
        for name, rate in request.point.items():
            if name in self._pumps:
                self._pumps[name].require_reachable(rate)  # before anything moves: a refusal half-way leaves a new mixture
        return (yield from measure_point(self._pumps, [self._diode], request))

    def positions(self) -> Mapping[str, Setting]:
        return dict(self._cell.rates)

    def watch(self, listener: BreachListener) -> None:
        """Nothing guards this cell: the listener is never called."""

    def secure(self, cause: str) -> Sequence[str]:
        self._cell.close_valve()
        return ("closed the valve",)

    def close(self) -> None:
        """Nothing to disconnect."""

    def _set_rate(self, pump: str, rate: Setting) -> None:
        self._cell.set_rate(pump, float(rate))
