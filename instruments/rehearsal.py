"""An instrument of paper: the axes of another one, with its limits, and readings from earlier data or a made-up hill.

It opens no connection: the process it lives in has no EPICS at all.
"""

import math
import re
from collections.abc import Generator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from instruments.earlier_rows import read_rows
from instruments.plans import measure_point
from orchestrator.domain.base import Setting, Value
from orchestrator.domain.chance import Stream, generator
from orchestrator.domain.errors import InstrumentError, SpecError
from orchestrator.domain.instrument import (
    AxisDescription,
    InstrumentDescription,
    InterlockDescription,
    MeasureRequest,
    PlanDescription,
    SignalDescription,
)
from orchestrator.domain.protocols import BreachListener
from orchestrator.domain.space import Categorical, Continuous, Integer, Ordinal, Parameter

_NEIGHBOURS = 4


class RehearsalSettings(Value):
    """Filled in by ``nightshift run --simulate``; nobody writes them."""

    axes: Mapping[str, AxisDescription]
    signals: Mapping[str, str]
    """Objectives by name, with ``maximise`` or ``minimise``."""
    units: Mapping[str, str] = {}
    data: str | None = None
    """A CSV of parameters and objectives, such as an exported campaign."""
    plans: Mapping[str, PlanDescription] = {}
    """What ``every`` calls; here each is one reading where the axes stand."""
    devices: Mapping[str, tuple[str, ...]] = {}
    """What their arguments may name."""


class RehearsalInstrument:
    """Moves nothing and reads nothing; a campaign cannot tell."""

    Settings: ClassVar[type[Value]] = RehearsalSettings
    is_made_up: ClassVar[bool] = True
    environment: ClassVar[Mapping[str, str]] = {
        "OPHYD_CONTROL_LAYER": "dummy",
        "EPICS_CA_AUTO_ADDR_LIST": "NO",
        "EPICS_CA_ADDR_LIST": "",
        "EPICS_PVA_AUTO_ADDR_LIST": "NO",
        "EPICS_PVA_ADDR_LIST": "",
    }

    def __init__(self, settings: RehearsalSettings) -> None:
        self._settings = settings
        self._axes: dict[str, Any] = {}
        self._detector: Any = None
        self._seed = 0

    def describe(self) -> InstrumentDescription:
        settings = self._settings
        return InstrumentDescription(
            identity="",
            axes={name: axis.model_copy(update={"field": data_key(name)}) for name, axis in settings.axes.items()},
            signals={name: SignalDescription(field=data_key(name), unit=settings.units.get(name, "")) for name in settings.signals},
            interlocks={"beam": InterlockDescription(meaning="never lost on paper", role="beam")},
            plans=settings.plans,
            devices=settings.devices,
        )

    def connect(self) -> None:
        if self._axes:
            return
        from instruments.soft_devices import SoftAxis, SoftDetector

        self._axes = {
            name: SoftAxis(data_key(name), parameter=axis.parameter, start=_middle(axis.parameter), moved=lambda _axis, _to: None)
            for name, axis in self._settings.axes.items()
        }
        units = {data_key(name): self._settings.units.get(name, "") for name in self._settings.signals}
        self._detector = SoftDetector("rehearsal", units=units, measure=self._readings)

    def plan(self, request: MeasureRequest) -> Generator[Any, Any, Any]:
        self.connect()
        self._seed = request.seed
        for name, value in request.point.items():
            self._axes[name].require_reachable(value)
        return (yield from measure_point(self._axes, [self._detector], request))

    def positions(self) -> Mapping[str, Setting]:
        return {name: axis.readback.get() for name, axis in self._axes.items()}

    def watch(self, listener: BreachListener) -> None:
        """Nothing can happen here: the listener is never called."""

    def secure(self, cause: str) -> Sequence[str]:
        return ()

    def close(self) -> None:
        """Nothing to disconnect."""

    def _readings(self) -> Mapping[str, float]:
        here = self.positions()
        if self._settings.data is not None:
            return {data_key(name): self._recalled.at(name, here) for name in self._settings.signals}
        return {data_key(name): self._hill(goal, here) for name, goal in self._settings.signals.items()}

    @cached_property
    def _recalled(self) -> "EarlierData":
        assert self._settings.data is not None
        return read_earlier(Path(self._settings.data), self._settings.axes, tuple(self._settings.signals))

    def _hill(self, goal: str, here: Mapping[str, Setting]) -> float:
        """Return a smooth hill, 1 at its top, which stands somewhere that the seed chooses."""
        axes = self._settings.axes
        top = generator(self._seed, Stream.INSTRUMENT, 0, 0).uniform(0.2, 0.8, size=len(axes))
        distance = sum((_share(axis.parameter, here[name]) - top[index]) ** 2 for index, (name, axis) in enumerate(axes.items()))
        height = math.exp(-distance / 0.1)
        return height if goal == "maximise" else 1.0 - height


def data_key(name: str) -> str:
    """Return what documents may call it: a data key holds no dot and no slash."""
    return re.sub(r"[./]", "-", name)


class EarlierData:
    """Objectives between earlier points, from their nearest neighbours by inverse distance."""

    def __init__(self, axes: Mapping[str, AxisDescription], points: np.ndarray, values: Mapping[str, np.ndarray]) -> None:
        """Args: points: Shares of the axes' ranges, shape (rows, axes). values: By objective, shape (rows,)."""
        self._axes = axes
        self._points = points
        self._values = values

    def at(self, name: str, here: Mapping[str, Setting]) -> float:
        place = np.array([_share(axis.parameter, here[key]) for key, axis in self._axes.items()])
        distances = np.linalg.norm(self._points - place, axis=1)
        nearest = np.argsort(distances, kind="stable")[:_NEIGHBOURS]
        weights = 1.0 / (distances[nearest] + 1e-9)
        return float(np.average(self._values[name][nearest], weights=weights))


def read_earlier(path: Path, axes: Mapping[str, AxisDescription], objectives: Sequence[str]) -> EarlierData:
    """Return earlier measurements, from an exported campaign or any CSV whose header names parameters and objectives.

    Raises:
        SpecError: If the file cannot be read, or lacks a column; names both.
    """
    rows = read_rows(path, (*axes, *objectives))
    try:
        points = np.array([[_share(axis.parameter, row.cells[name]) for name, axis in axes.items()] for row in rows])
        values = {name: np.array([float(row.cells[name]) for row in rows]) for name in objectives}
    except ValueError as error:
        raise SpecError(f"{path}: {error}; every cell of {', '.join((*axes, *objectives))} must be a number or a known name") from None
    return EarlierData(axes, points, values)


def _share(parameter: Parameter, value: Setting) -> float:
    """Return where in its range a value lies, 0 to 1."""
    if isinstance(parameter, Categorical):
        return parameter.values.index(str(value)) / max(1, len(parameter.values) - 1)
    low, high = (parameter.values[0], parameter.values[-1]) if isinstance(parameter, Ordinal) else parameter.limits
    return (float(value) - low) / ((high - low) or 1.0)


def _middle(parameter: Parameter) -> Setting:
    match parameter:
        case Continuous(limits=(low, high)):
            return (low + high) / 2
        case Integer(limits=(low, high)):
            return (low + high) // 2
        case Ordinal(values=values) | Categorical(values=values):
            return values[0]
    raise InstrumentError(f"no middle of {parameter}")
