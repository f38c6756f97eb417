"""Signals of a trial from the readings of its run: as read, or worked out by a declared operation."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, assert_never

import numpy as np

from orchestrator.domain.errors import InstrumentError
from orchestrator.domain.instrument import InstrumentDescription, MeasureRequest, SignalDescription
from orchestrator.domain.measuring import Combined, Reduced

Readings = Mapping[str, Sequence[Any]]
"""Every reading of every data key of one stream, in order."""


@dataclass(frozen=True, slots=True)
class Signal:
    """What a signal came to."""

    value: float | np.ndarray | None
    """None where it is not finite, or may not be believed."""
    sd: float | None = None
    remark: str = ""
    """Why there is no value."""


def signal_of(name: str, request: MeasureRequest, description: InstrumentDescription, readings: Callable[[str], Readings]) -> Signal:
    """Return one signal of a run.

    Args:
        name: One of the request's signals.
        request: What was measured; holds the derived signals' operations.
        description: The instrument's own signals.
        readings: Gives a stream's readings.

    Raises:
        InstrumentError: If the run did not read what the signal needs, or read it several times and nothing says which counts.
    """
    match request.derive.get(name):
        case Reduced() as operation:
            return _reduced(name, operation, readings(operation.stream))
        case Combined() as operation:
            return _combined(name, operation, readings(operation.stream))
        case None:
            return _as_read(name, description.signals[name], request, readings("primary"))


def _as_read(name: str, signal: SignalDescription, request: MeasureRequest, readings: Readings) -> Signal:
    values = _values(signal.field, readings, "primary")
    if request.plan is not None and len(values) > 1:
        raise InstrumentError(
            f"{request.plan.name} read {name} {len(values)} times; say which counts: "
            f"measure.derive: {{{name}: {{take: max, of: {signal.field}}}}}"
        )
    if signal.kind != "scalar":
        return Signal(np.asarray(values[-1]))
    sd = None if signal.sd_field is None else _finite(_values(signal.sd_field, readings, "primary")[-1])
    return Signal(_finite(values[-1]), sd)


def _reduced(name: str, operation: Reduced, readings: Readings) -> Signal:
    values = np.asarray(_values(operation.of, readings, operation.stream), dtype=float)
    if operation.take == "array":
        return Signal(values)
    if values.ndim > 1:
        raise InstrumentError(f"{name}: {operation.of} is an array of shape {values.shape[1:]} at each reading; take: array keeps it")
    if not np.isfinite(values).all():
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


def _combined(name: str, operation: Combined, readings: Readings) -> Signal:
    one, other = (np.asarray(_values(key, readings, operation.stream), dtype=float) for key in operation.of)
    if one.shape != other.shape:
        raise InstrumentError(f"{name}: {operation.of[0]} was read {one.size} times, {operation.of[1]} {other.size} times; take one first")
    refusal = _out_of_band(name, operation, other)
    if refusal:
        return Signal(None, remark=refusal)
    values = one / other if operation.take == "ratio" else one - other
    if not np.isfinite(values).all():
        return Signal(None, remark=f"{name}: a reading of {' or '.join(operation.of)} is not finite; check the detectors")
    return Signal(float(values.mean()), standard_error(values))


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


def _values(key: str, readings: Readings, stream: str) -> Sequence[Any]:
    if readings.get(key):
        return readings[key]
    known = ", ".join(sorted(readings)) or "none"
    raise InstrumentError(f"the run has no field {key!r} in its {stream} stream; it has {known}; mend the plan, or what derives from it")


def _finite(value: Any) -> float | None:
    number = float(value)
    return number if math.isfinite(number) else None
