"""What instruments on devices of the site's own share: refuse what lies out of reach, and carry a safe state out."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from orchestrator.domain.base import Setting
from orchestrator.domain.errors import InstrumentError
from orchestrator.domain.instrument import AxisDescription
from orchestrator.domain.space import Continuous

Step = tuple[str, Callable[[], Any]]
"""What is said of it once it is done, such as ``stopped x``; and how it is done."""


def require_reachable(point: Mapping[str, Setting], axes: Mapping[str, AxisDescription]) -> None:
    """Refuse before anything moves: an axis that finds out half-way leaves the others somewhere new.

    Raises:
        InstrumentError: If the point lies outside an axis's limits.
    """
    for name, value in point.items():
        axis = axes.get(name)
        if axis is None or not isinstance(axis.parameter, Continuous):
            continue
        low, high = axis.parameter.limits
        if not low <= float(value) <= high:
            unit = axis.parameter.unit
            raise InstrumentError(f"{name} = {value} {unit} is outside [{low:g}, {high:g}] {unit}; choose a point inside")


def carry_out(steps: Iterable[Step]) -> tuple[str, ...]:
    """Take each step, whatever became of the one before it; return a phrase for each."""
    return tuple(_tried(phrase, step) for phrase, step in steps)


def _tried(phrase: str, step: Callable[[], Any]) -> str:
    try:
        step()
    except Exception as error:  # the other steps matter more than this one's reason
        return f"not {phrase}: {type(error).__name__}: {error}"
    return phrase
