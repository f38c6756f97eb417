"""Signals of a trial from its run: as read, or worked out by a declared operation."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, assert_never

import numpy as np

from orchestrator.domain.errors import InstrumentError
from orchestrator.domain.instrument import InstrumentDescription, MeasureRequest, SignalDescription
from orchestrator.domain.measuring import Combined, Reduced
from orchestrator.domain.operations import Dark, DeadTime, Fit, RoiSum
from orchestrator.domain.records import TrialKind
from orchestrator.execution import operations
from orchestrator.execution.fitting import fit
from orchestrator.execution.quantities import Readings, Signal, is_finite, of_signal

__all__ = ["Arrays", "Fields", "Signal", "Signals", "signal_of", "standard_error"]

Fields = Mapping[str, Sequence[Any]]
"""Every reading of every data key of one stream, in order."""


class Arrays(Protocol):
    """Where spectra and images lie that no document carries."""

    def has(self, stream: str, key: str) -> bool:
        """Return whether a data key lies in files."""
        ...

    def frames(self, stream: str, key: str, *, last_only: bool = False) -> Readings:
        """Return a data key's frames, or the last alone once all are there; a remark where they cannot be read."""
        ...

    def of_dark(self, name: str) -> Readings:
        """Return what a signal was in the dark trial, or a remark where there is none."""
        ...


def signal_of(name: str, request: MeasureRequest, description: InstrumentDescription, fields: Callable[[str], Fields]) -> Signal:
    """Return one signal of a run that wrote no files. Raises as ``Signals`` does."""
    return Signals(request, description, fields).signal(name)


class Signals:
    """The signals of one run, each worked out once, however many others are taken from it."""

    def __init__(
        self, request: MeasureRequest, description: InstrumentDescription, fields: Callable[[str], Fields], arrays: Arrays | None = None
    ) -> None:
        """Args: request: Holds the operations. fields: Gives a stream's readings. arrays: Gives what lies in files."""
        self._request = request
        self._description = description
        self._fields = fields
        self._arrays = arrays
        self._known: dict[str, Signal] = {}

    def signal(self, name: str) -> Signal:
        """Return one of the request's signals.

        Raises:
            InstrumentError: If the run did not read what the signal needs, or read it several times and nothing says which counts.
        """
        if name not in self._known:
            self._known[name] = self._worked_out(name)
        return self._known[name]

    def is_in_files(self, name: str) -> bool:
        """Return whether a signal of the instrument's lies in a detector's own files."""
        return self._arrays is not None and self._arrays.has("primary", self._description.signals[name].field)

    def _worked_out(self, name: str) -> Signal:
        operation = self._request.derive.get(name)
        if operation is None:
            return self._as_read(name, self._description.signals[name])
        sources = [self._source(name, key, operation.stream) for key in operation.sources]
        remark = next((source.remark for source in sources if source.remark), "")
        if remark:
            return Signal(None, remark=f"{name}: {remark}")
        match operation:
            case Reduced():
                return _reduced(name, operation, sources[0])
            case Combined():
                return _combined(name, operation, *sources)
            case RoiSum():
                return operations.roi_sum(name, operation, sources[0])
            case Fit():
                return fit(name, operation, sources[0], sources[1] if operation.x is not None else None)
            case DeadTime():
                return operations.dead_time(name, operation, sources[0], self._seconds(operation, sources))
            case Dark():
                return self._without_dark(name, operation, sources)
            case _:
                assert_never(operation)

    def _as_read(self, name: str, signal: SignalDescription) -> Signal:
        if self._arrays is not None and self._arrays.has("primary", signal.field):
            found = self._arrays.frames("primary", signal.field, last_only=signal.kind != "scalar")
            return Signal(None, remark=found.remark) if found.remark else _of_frames(name, signal, found)
        values = _values(signal.field, self._fields("primary"), "primary")
        plan = self._request.plan
        if plan is not None and len(values) > 1:
            raise InstrumentError(
                f"{plan.name} read {name} {len(values)} times; say which counts: "
                f"measure.derive: {{{name}: {{take: max, of: {signal.field}}}}}"
            )
        if signal.kind != "scalar":
            return Signal(np.asarray(values[-1]))
        sd = None if signal.sd_field is None else _finite(_values(signal.sd_field, self._fields("primary"), "primary")[-1])
        return Signal(_finite(values[-1]), sd)

    def _source(self, name: str, key: str, stream: str) -> Readings:
        """Return what an operation works on: another derived signal, frames of a file, or readings of the run."""
        if key in self._request.derive and key != name:
            return of_signal(self.signal(key))
        if self._arrays is not None and self._arrays.has(stream, key):
            return self._arrays.frames(stream, key)
        fields = self._fields(stream)
        values = np.asarray(_values(key, fields, stream), dtype=float)
        sd_field = next((one.sd_field for one in self._description.signals.values() if one.field == key), None)
        sd = None if sd_field is None or sd_field not in fields else np.asarray(fields[sd_field], dtype=float)
        return Readings(values, sd)

    def _seconds(self, operation: DeadTime, sources: Sequence[Readings]) -> np.ndarray:
        """Return how long was counted: shape (readings,), or (1,) where it is the same for all."""
        if isinstance(operation.exposure, str):
            return sources[1].values
        return np.array([self._request.exposure_s if operation.exposure is None else operation.exposure])

    def _without_dark(self, name: str, operation: Dark, sources: Sequence[Readings]) -> Signal:
        if operation.dark is not None:
            return operations.dark(name, operation, sources[0], sources[1])
        if self._request.kind is TrialKind.DARK:
            return _the_dark(sources[0])
        dark = Readings(remark="no dark has been taken") if self._arrays is None else self._arrays.of_dark(name)
        return Signal(None, remark=f"{name}: {dark.remark}") if dark.remark else operations.dark(name, operation, sources[0], dark)


def _of_frames(name: str, signal: SignalDescription, found: Readings) -> Signal:
    """Return frames as the signal that they are: a number from a file, or an array that stays in it."""
    if signal.kind != "scalar":
        return Signal(found.values[0], refs=found.refs, waited_s=found.waited_s)
    if found.values.size != 1:
        raise InstrumentError(
            f"the run wrote {name} {found.values.size} times; say which counts: "
            f"measure.derive: {{{name}: {{take: max, of: {signal.field}}}}}"
        )
    return Signal(_finite(found.values.ravel()[0]), waited_s=found.waited_s)


def _the_dark(source: Readings) -> Signal:
    """Return what a dark trial read; an image stays in the detector's file."""
    if source.refs:
        return Signal(source.values, refs=source.refs, waited_s=source.waited_s)
    mean = np.asarray(source.values, dtype=float).mean(axis=0)
    return Signal(float(mean) if mean.ndim == 0 else mean, standard_error(source.values) if mean.ndim == 0 else None)


def _reduced(name: str, operation: Reduced, source: Readings) -> Signal:
    values = source.values
    if operation.take == "array":
        return Signal(values, refs=source.refs, waited_s=source.waited_s)
    if source.refs and values.ndim == 3:
        return _one_image(operation, source)
    if values.ndim > 1 and not (source.refs and values[0].size == 1):
        raise InstrumentError(f"{name}: {operation.of} is an array of shape {values.shape[1:]} at each reading; take: array keeps it")
    values = np.ravel(values).astype(float)
    if not is_finite(values):
        return Signal(None, remark=f"{name}: {operation.of} has a reading that is not finite; check its detector")
    match operation.take:
        case "first":
            return Signal(float(values[0]))
        case "last":
            return Signal(float(values[-1]))
        case "mean":
            return Signal(float(values.mean()), standard_error(values))
        case "median":
            return Signal(float(np.median(values)))
        case "min":
            return Signal(float(values.min()))
        case "max":
            return Signal(float(values.max()))
        case "sum":
            return Signal(float(values.sum()))
        case _:
            assert_never(operation.take)


def _one_image(operation: Reduced, source: Readings) -> Signal:
    """Return one image made of a run's frames; the first or last stays in the detector's file."""
    match operation.take:
        case "first":
            return Signal(source.values[0], refs=(source.refs[0].first_frame,), waited_s=source.waited_s)
        case "last":
            return Signal(source.values[-1], refs=(source.refs[-1].last_frame,), waited_s=source.waited_s)
        case "mean" | "median" | "min" | "max" | "sum":
            reduced: Callable[..., Any] = getattr(np, operation.take)
            return Signal(np.asarray(reduced(source.values.astype(float), axis=0)), waited_s=source.waited_s)
        case _:
            raise AssertionError(operation.take)


def _combined(name: str, operation: Combined, one: Readings, other: Readings) -> Signal:
    if one.values.shape != other.values.shape:
        sizes = f"{operation.of[0]} was read {one.values.size} times, {operation.of[1]} {other.values.size} times"
        raise InstrumentError(f"{name}: {sizes}; take one first")
    refusal = _out_of_band(name, operation, other.values)
    if refusal:
        return Signal(None, remark=refusal)
    values = one.values / other.values if operation.take == "ratio" else one.values - other.values
    if not is_finite(values):
        return Signal(None, remark=f"{name}: a reading of {' or '.join(operation.of)} is not finite; check the detectors")
    return Signal(float(values.mean()), _propagated(operation, one, other) if values.size == 1 else standard_error(values))


def _propagated(operation: Combined, one: Readings, other: Readings) -> float | None:
    """Return a single ratio's or difference's sd to first order, the two taken as independent; None while either's is unknown."""
    if one.sd is None or other.sd is None:
        return None
    if operation.take == "difference":
        return float(np.hypot(one.sd, other.sd).item())
    slopes = (one.sd / other.values, one.values * other.sd / other.values**2)
    return float(np.hypot(*slopes).item())


def _out_of_band(name: str, operation: Combined, other: np.ndarray) -> str:
    """Return why the second signal spoils the result; empty when it does not. A ratio to nothing is no score, however large."""
    second = operation.of[1]
    if operation.band is not None:
        low, high = operation.band
        worst = next((value for value in other.ravel() if not low <= value <= high), None)
        return "" if worst is None else f"{name}: {second} = {worst:g} is outside its band [{low:g}, {high:g}]; is the beam there?"
    if operation.take == "ratio" and not np.all(np.abs(other) > _smallest(other)):
        return f"{name}: {second} = {float(np.abs(other).min()):g} is as good as zero, and cannot be divided by; is the beam there?"
    return ""


_NEAR_ZERO = 1e-9
"""Relative to the largest reading of the run."""


def _smallest(values: np.ndarray) -> float:
    return _NEAR_ZERO * float(np.nanmax(np.abs(values), initial=0.0)) + np.finfo(float).tiny


def standard_error(values: np.ndarray) -> float | None:
    """Return the standard deviation of a mean; None for a single reading, which tells nothing of its scatter."""
    return None if values.size < 2 else float(values.std(ddof=1) / math.sqrt(values.size))


def _values(key: str, fields: Fields, stream: str) -> Sequence[Any]:
    if fields.get(key):
        return fields[key]
    known = ", ".join(sorted(fields)) or "none"
    raise InstrumentError(f"the run has no field {key!r} in its {stream} stream; it has {known}; mend the plan, or what derives from it")


def _finite(value: Any) -> float | None:
    number = float(value)
    return number if math.isfinite(number) else None
