"""Measured data replayed as an instrument: every point is a setting someone really measured."""

import difflib
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Self

from instruments.data import BundledSet, bundled_sets
from instruments.journal import Journal
from instruments.measured_table import MeasuredTable, read_table
from instruments.plans import Plan, measure_point
from orchestrator.domain.base import Duration, Setting, Value
from orchestrator.domain.chance import Stream, generator
from orchestrator.domain.errors import BadInput, InstrumentError
from orchestrator.domain.instrument import AxisDescription, InstrumentDescription, MeasureRequest, SignalDescription
from orchestrator.domain.protocols import BreachListener

DETECTOR = "replay"
"""The detector's name in documents."""


class DatasetSettings(Value):
    """Which data to replay, and how."""

    data: str
    """A bundled set, or a CSV of settings and measured values; rows that share all settings are replicates."""
    signals: tuple[str, ...] | Mapping[str, str] | None = None
    """Columns that were measured, or signal names with their columns; all others are settings. Default: the last column."""
    units: Mapping[str, str] = {}
    """Units by column or signal; a header such as ``theta (deg)`` carries its own."""
    seconds_per_trial: Duration = 0.0
    """How long a measurement pretends to take."""
    journal: str | None = None
    """A file that gets one line per motion and per trigger, on the disk before it happens."""
    identity: str = ""
    """What two campaigns must not share; empty because several may replay the same data at once."""

    def relative_to(self, folder: Path) -> Self:
        """Return a copy whose paths are relative to the campaign file's folder no more."""
        changes = {"journal": None if self.journal is None else str(folder / self.journal)}
        return self.model_copy(update=changes if self.bundled else {**changes, "data": str(folder / self.data)})

    @property
    def bundled(self) -> BundledSet | None:
        return bundled_sets().get(self.data)


class DatasetInstrument:
    """Replays one replicate of the chosen setting per attempt, drawn from (seed, trial, attempt) and nothing else."""

    Settings: ClassVar[type[Value]] = DatasetSettings
    is_made_up: ClassVar[bool] = True

    def __init__(self, settings: DatasetSettings) -> None:
        self._settings = settings
        self._journal = Journal(settings.journal)
        self._request: MeasureRequest | None = None
        self._highest_token = 0
        self._axes: dict[str, Any] = {}
        self._detector: Any = None

    @cached_property
    def table(self) -> MeasuredTable:
        """The measurements. Raises BadInput if they cannot be used."""
        settings = self._settings
        signals = {name: name for name in settings.signals} if isinstance(settings.signals, tuple) else settings.signals
        bundled = settings.bundled
        if bundled is None:
            return read_table(_path(settings.data), signals, settings.units)
        return read_table(bundled.path, signals or {name: name for name in bundled.signals}, {**bundled.units, **settings.units})

    def describe(self) -> InstrumentDescription:
        table = self.table
        return InstrumentDescription(
            identity=self._settings.identity,
            axes={name: AxisDescription(parameter=parameter, field=name) for name, parameter in table.parameters.items()},
            signals={name: SignalDescription(unit=table.units[name], field=name) for name in table.signals},
            candidates=table.candidates,
        )

    def connect(self) -> None:
        if self._detector is not None:
            return
        from instruments.soft_devices import SoftAxis, SoftDetector

        start, parameters = self._start, self.table.parameters.items()
        self._axes = {
            name: SoftAxis(name, parameter=parameter, start=start[name], moved=self._record_motion) for name, parameter in parameters
        }
        units = {name: self.table.units[name] for name in self.table.signals}
        self._detector = SoftDetector(DETECTOR, units=units, measure=self._measure, seconds=self._settings.seconds_per_trial)

    def plan(self, request: MeasureRequest) -> Plan:
        self._require_token(request)
        self.connect()
        try:
            self.table.replicates_at(request.point)
        except BadInput as error:
            raise InstrumentError(str(error)) from None
        self._request = request
        try:
            return (yield from measure_point(self._axes, [self._detector], request))
        finally:
            self._request = None

    def positions(self) -> Mapping[str, Setting]:
        return {name: axis.readback.get() for name, axis in self._axes.items()} or self._start

    def watch(self, listener: BreachListener) -> None:
        """Replayed data has no interlocks: the listener is never called."""

    def secure(self, cause: str) -> Sequence[str]:
        return () if self._detector is None else self._detector.secure()

    def close(self) -> None:
        self.secure("closed")
        self._journal.close()

    @property
    def _start(self) -> Mapping[str, Setting]:
        """Where the axes stand before the first motion: the first row, which like any point is a member of the pool."""
        return self.table.candidates[0]

    @property
    def _attempt_id(self) -> str:
        return "" if self._request is None else self._request.attempt_id

    def _require_token(self, request: MeasureRequest) -> None:
        if request.token < self._highest_token:
            raise InstrumentError(
                f"token {request.token} is older than {self._highest_token}: another runner has taken the instrument over"
            )
        self._highest_token = request.token

    def _record_motion(self, axis: str, to: Setting) -> None:
        self._journal.write("motion", attempt=self._attempt_id, axis=axis, to=to)

    def _measure(self) -> Mapping[str, float]:
        """Return the replicate this attempt draws at the axes' positions."""
        self._journal.write("trigger", attempt=self._attempt_id, detector=DETECTOR)
        replicates = self.table.replicates_at(self.positions())
        return replicates[0 if self._request is None else _draw(self._request, len(replicates))]


def _draw(request: MeasureRequest, n_replicates: int) -> int:
    rng = generator(request.seed, Stream.INSTRUMENT, request.trial, request.attempt)
    return int(rng.integers(n_replicates))


def _path(data: str) -> Path:
    path = Path(data)
    if path.suffix or path.exists():
        return path
    names = list(bundled_sets())
    nearest = difflib.get_close_matches(path.name, names, n=1)
    hint = f"did you mean {nearest[0]!r}? " if nearest else ""
    raise BadInput(
        f"data = {path.name!r} is neither a bundled set nor a CSV; {hint}bundled: {', '.join(names)}; or give a path ending in .csv"
    )
