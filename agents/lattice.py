"""A regular lattice over a space: each parameter's values, and the order of a walk to and fro."""

from collections.abc import Mapping

import numpy as np

from agents.rows import choices, constraint_on_rows, limits_of, n_choices
from orchestrator.domain.errors import AgentError
from orchestrator.domain.space import Categorical, Continuous, Ordinal, Parameter, Space

Levels = int | Mapping[str, int] | None
"""Values per continuous or integer parameter, for all or by name."""

_DEFAULT_LEVELS = 10
_MOST_POINTS = 10_000
"""The default number of levels is lowered until the lattice has no more points than this."""


def at_least_one(levels: Levels) -> Levels:
    """Return the levels. Raises ValueError where a number is below 1."""
    numbers = levels.values() if isinstance(levels, Mapping) else () if levels is None else (levels,)
    if any(number < 1 for number in numbers):
        raise ValueError(f"levels = {levels} must be at least 1; leave it out for a default")
    return levels


def axes_of(space: Space, levels: Levels) -> list[np.ndarray]:
    """Return each parameter's values, ascending; ordinal and categorical parameters take all theirs.

    Raises:
        AgentError: If the levels name no parameter.
    """
    unknown = set(levels) - set(space.names) if isinstance(levels, Mapping) else set()
    if unknown:
        raise AgentError(f"levels names {', '.join(sorted(unknown))}, which is no parameter; choose from {', '.join(space.names)}")
    return [_pinned(space, name, _axis(parameter, _n_levels(name, space, levels))) for name, parameter in space.parameters.items()]


def serpentine(positions: np.ndarray, sizes: list[int]) -> np.ndarray:
    """Return the index of each position along each axis, shape (positions, axes), the last axis fastest: a reflected Gray code.

    Source: Knuth, The Art of Computer Programming 4A, 7.2.1.1: a digit runs backwards where the number before it is odd.
    """
    digits = np.empty((len(positions), len(sizes)), dtype=int)
    rest = positions
    for index in range(len(sizes) - 1, -1, -1):
        rest, digit = np.divmod(rest, sizes[index])
        digits[:, index] = np.where(rest % 2 == 1, sizes[index] - 1 - digit, digit)
    return digits


def serpentine_position(digits: np.ndarray, sizes: list[int]) -> np.ndarray:
    """Return where a walk to and fro comes past each index, shape (points,): the inverse of ``serpentine``."""
    position = np.zeros(len(digits), dtype=int)
    for index, size in enumerate(sizes):
        digit = digits[:, index]
        position = position * size + np.where(position % 2 == 1, size - 1 - digit, digit)
    return position


def _n_levels(name: str, space: Space, levels: Levels) -> int:
    if isinstance(levels, Mapping):
        return levels.get(name, _default_levels(space))
    return _default_levels(space) if levels is None else levels


def _pinned(space: Space, name: str, levels: np.ndarray) -> np.ndarray:
    """Return the one level of a parameter that a constraint keeps at a value, such as one that a person fixed."""
    for constraint in space.constraints:
        if set(constraint.weights) == {name} and constraint.lower is not None and constraint.lower == constraint.upper:
            weights, lower, _upper = constraint_on_rows(space, constraint)
            return np.array([lower / weights[space.names.index(name)]])
    return levels


def _default_levels(space: Space) -> int:
    """Return the largest number of levels, 2 to 10, that keeps the lattice below its largest size."""
    sizes = (
        (levels, np.prod([len(_axis(parameter, levels)) for parameter in space.parameters.values()], dtype=float))
        for levels in range(_DEFAULT_LEVELS, 1, -1)
    )
    return next((levels for levels, size in sizes if size <= _MOST_POINTS), 2)


def _axis(parameter: Parameter, levels: int) -> np.ndarray:
    if isinstance(parameter, Ordinal | Categorical):
        return np.asarray(choices(parameter))
    low, high = limits_of(parameter)
    if levels == 1:
        middle = (low + high) / 2
        return np.array([middle if isinstance(parameter, Continuous) else float(round(middle))])
    even = np.linspace(low, high, int(min(levels, n_choices(parameter))))
    return even if isinstance(parameter, Continuous) else np.unique(np.round(even))
