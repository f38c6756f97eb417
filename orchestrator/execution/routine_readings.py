"""What a routine's plan read: every described signal that is there, averaged where it was read several times."""

import math
from collections.abc import Iterator

import numpy as np

from orchestrator.domain.instrument import InstrumentDescription, MeasureRequest, SignalDescription
from orchestrator.domain.operations import Dark
from orchestrator.domain.records import TrialKind
from orchestrator.execution.signals import Fields, Signal, Signals, standard_error


def everything_read(
    request: MeasureRequest, description: InstrumentDescription, readings: Fields, worked_out: Signals
) -> Iterator[tuple[str, Signal]]:
    """Yield each described signal of a run with its value, or its mean and the mean's standard error.

    A dark of twenty frames is their mean. What a plan leaves out is left out: nobody asked for it. Of a detector's own files the
    last frame counts.

    Args:
        request: Of a dark, what other trials are to be corrected with is taken, too.
        description: The instrument's own signals.
        readings: Of the run's primary stream.
        worked_out: The signals of the same run, files included.
    """
    for name, described in description.signals.items():
        if readings.get(described.field):
            yield name, _mean(name, described, readings)
        elif worked_out.is_in_files(name):
            yield name, worked_out.signal(name)
    for name, operation in request.derive.items() if request.kind is TrialKind.DARK else ():
        if isinstance(operation, Dark) and operation.dark is None:
            yield name, worked_out.signal(name)


def _mean(name: str, described: SignalDescription, readings: Fields) -> Signal:
    values = np.asarray(readings[described.field], dtype=float)
    if described.kind != "scalar":
        return Signal(values.mean(axis=0))
    if not np.isfinite(values).all():
        return Signal(None, remark=f"{name}: a reading is not finite; check its detector")
    return Signal(float(values.mean()), _sd(described, readings) if len(values) == 1 else standard_error(values))


def _sd(described: SignalDescription, readings: Fields) -> float | None:
    """Return the standard deviation that the detector itself states of a single reading."""
    stated = readings.get(described.sd_field or "")
    return float(stated[-1]) if stated and math.isfinite(float(stated[-1])) else None
