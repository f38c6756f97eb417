"""Points in the unit cube, as models see them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from agents.once import once_per_space
from agents.rows import limits_of, n_choices, rows_of
from orchestrator.domain.base import Point
from orchestrator.domain.space import Categorical, Continuous, Parameter, Space


@dataclass(frozen=True, slots=True)
class Encoding:
    """One column per number of a row, scaled to [0, 1]; one per category, 0 or 1/√2, so that two categories lie 1 apart."""

    space: Space
    low: np.ndarray
    """The lowest number of each parameter, shape (parameters,)."""
    span: np.ndarray
    """Highest less lowest, shape (parameters,); 1 where a parameter has one value only."""
    groups: np.ndarray
    """The parameter each column belongs to, shape (columns,)."""

    @classmethod
    def of(cls, space: Space) -> "Encoding":
        """Return a space's encoding. With a pool, its members' range counts: nothing else can be measured."""
        low, high = _range_of_pool(space) if space.candidates is not None else _range_of_limits(space)
        widths = [int(n_choices(parameter)) if isinstance(parameter, Categorical) else 1 for parameter in space.parameters.values()]
        return cls(space, low, np.where(high > low, high - low, 1.0), np.repeat(np.arange(len(widths)), widths))

    def of_points(self, points: Sequence[Point]) -> np.ndarray:
        """Return points in the unit cube, shape (points, columns)."""
        return self.of_rows(rows_of(self.space, points))

    def of_rows(self, rows: np.ndarray) -> np.ndarray:
        """Return rows, shape (points, parameters), in the unit cube, shape (points, columns)."""
        return np.column_stack([self._columns(index, parameter, rows[:, index]) for index, parameter in self._parameters()])

    def to_rows(self, cube: np.ndarray) -> np.ndarray:
        """Return what ``of_rows`` encoded; a category is the one with the largest column."""
        parts = [self._numbers(index, parameter, cube[:, self.groups == index]) for index, parameter in self._parameters()]
        return np.column_stack(parts)

    def is_continuous(self) -> np.ndarray:
        """Return which columns belong to continuous parameters, shape (columns,)."""
        kinds = np.array([isinstance(parameter, Continuous) for parameter in self.space.parameters.values()])
        return kinds[self.groups]

    def is_number(self) -> np.ndarray:
        """Return which columns belong to parameters that are numbers, shape (columns,)."""
        kinds = np.array([not isinstance(parameter, Categorical) for parameter in self.space.parameters.values()])
        return kinds[self.groups]

    def _parameters(self) -> list[tuple[int, Parameter]]:
        return list(enumerate(self.space.parameters.values()))

    def _columns(self, index: int, parameter: Parameter, numbers: np.ndarray) -> np.ndarray:
        if isinstance(parameter, Categorical):
            return (numbers[:, None] == np.arange(len(parameter.values))) / np.sqrt(2.0)
        return (numbers[:, None] - self.low[index]) / self.span[index]

    def _numbers(self, index: int, parameter: Parameter, columns: np.ndarray) -> np.ndarray:
        if isinstance(parameter, Categorical):
            return columns.argmax(axis=1).astype(float)
        return self.low[index] + columns[:, 0] * self.span[index]


@once_per_space
def _range_of_pool(space: Space) -> tuple[np.ndarray, np.ndarray]:
    rows = rows_of(space, space.candidates or ())
    return rows.min(axis=0), rows.max(axis=0)


def _range_of_limits(space: Space) -> tuple[np.ndarray, np.ndarray]:
    limits = np.array([limits_of(parameter) for parameter in space.parameters.values()])
    return limits[:, 0], limits[:, 1]
