"""What operations work on: readings or frames of one run, and the signals they become."""

from dataclasses import dataclass, field

import numpy as np

from orchestrator.domain.frames import FrameRef


@dataclass(frozen=True, slots=True)
class Signal:
    """What a signal came to."""

    value: float | np.ndarray | None
    """None where it is not finite, or may not be believed."""
    sd: float | np.ndarray | None = None
    remark: str = ""
    """Why there is no value."""
    refs: tuple[FrameRef, ...] = ()
    """Where the value lies in a detector's own files; empty for what is worked out."""
    waited_s: float = 0.0
    """Until those could be read."""


def _nothing() -> np.ndarray:
    return np.empty(0)


@dataclass(frozen=True, slots=True)
class Readings:
    """Every reading or frame of one source, in order."""

    values: np.ndarray = field(default_factory=_nothing)
    """Shape (readings, …)."""
    sd: np.ndarray | None = None
    """Of each, in the same shape; None where it is not known."""
    remark: str = ""
    """Why there are none."""
    refs: tuple[FrameRef, ...] = ()
    waited_s: float = 0.0


def of_signal(signal: Signal) -> Readings:
    """Return a signal as the one reading of another operation."""
    if signal.value is None:
        return Readings(remark=signal.remark or "its source gave no number")
    sd = None if signal.sd is None else np.asarray(signal.sd, dtype=float)[np.newaxis]
    return Readings(np.asarray(signal.value, dtype=float)[np.newaxis], sd, refs=signal.refs, waited_s=signal.waited_s)


def is_finite(values: np.ndarray) -> bool:
    return bool(np.isfinite(values).all())
