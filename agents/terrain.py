"""A space as a search walks on it: places in [0, 1] along every parameter, and the allowed point nearest to each."""

from collections.abc import Sequence

import numpy as np

from agents.encoding import Encoding
from agents.feasible import draw
from agents.past import member_rows
from agents.polytope import repair
from agents.programme import nearest_feasible
from agents.rows import choices, listed_rows, satisfies, snapped
from orchestrator.domain.errors import AgentError
from orchestrator.domain.space import Categorical, Continuous, Integer, Parameter, Space


class Terrain:
    """Turns places, shape (parameters,), into allowed rows and back. A category's place is its index."""

    def __init__(self, space: Space) -> None:
        self.space = space
        self._encoding = Encoding.of(space)
        parameters = list(space.parameters.values())
        self.n_categories = np.array([len(parameter.values) if isinstance(parameter, Categorical) else 0 for parameter in parameters])
        self.is_category = self.n_categories > 0
        self._is_continuous = np.array([isinstance(parameter, Continuous) for parameter in parameters])
        self._low = np.where(self.is_category, 0.0, self._encoding.low)
        self.span = np.where(self.is_category, 1.0, self._encoding.span)
        self.listed = member_rows(space) if space.candidates is not None else listed_rows(space)
        """Every row there is, shape (points, parameters), if there are few enough to list."""
        self.gaps = np.array([_largest_gap(parameter) for parameter in parameters]) / self.span
        """The largest step between neighbouring values of each parameter, shape (parameters,); 0 for continuous ones."""
        self._cube = None if self.listed is None else self._encoding.of_rows(self.listed)
        self.places = None if self.listed is None else self.place_of(self.listed)
        """Of ``listed``, shape (points, parameters)."""

    def place_of(self, row: np.ndarray) -> np.ndarray:
        return (row - self._low) / self.span

    def row_at(self, place: np.ndarray) -> np.ndarray:
        """Return the row at a place, whether allowed or not."""
        return np.where(self.is_category, np.round(place), self._low + place * self.span)

    def nearest(self, place: np.ndarray, avoid: np.ndarray | None = None) -> np.ndarray | None:
        """Return the allowed row nearest to a place; None where the constraints forbid it.

        Args:
            place: Anywhere, also outside the limits.
            avoid: Which of ``listed`` not to take, shape (points,), boolean.
        """
        if self.listed is not None:
            return self._nearest_listed(place, avoid)
        row = snapped(self.space, self.row_at(place)[None, :])
        if not self.space.constraints:
            return row[0]
        row = repair(self.space, row)
        if satisfies(self.space, row)[0]:
            return row[0]
        return None if self._is_continuous.all() else self._programmed(row[0])

    def distinct(self, places: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Return the allowed rows nearest to places; of listed ones, none twice."""
        taken = np.zeros(0 if self.listed is None else len(self.listed), dtype=bool)
        found = []
        for place in places:
            row = self.nearest(place, taken)
            if row is not None:
                found.append(row)
                taken |= False if self.listed is None else (self.listed == row).all(axis=1)
        return found

    def anywhere(self, rng: np.random.Generator, n: int) -> np.ndarray:
        """Return n allowed rows drawn at random, shape (n, parameters)."""
        if self.listed is None:
            return draw(self.space, rng, n)
        if len(self.listed) == 0:
            raise AgentError("no point of the space satisfies all its constraints; loosen a constraint or widen a limit")
        return self.listed[rng.integers(len(self.listed), size=n)]

    def _nearest_listed(self, place: np.ndarray, avoid: np.ndarray | None) -> np.ndarray | None:
        assert self.listed is not None
        assert self._cube is not None
        distances = ((self._cube - self._encoding.of_rows(self.row_at(place)[None, :])) ** 2).sum(axis=1)
        if avoid is not None:
            distances = np.where(avoid, np.inf, distances)
        best = int(distances.argmin())
        return None if np.isinf(distances[best]) else self.listed[best]

    def _programmed(self, row: np.ndarray) -> np.ndarray | None:
        """Return the nearest row whose discrete parameters fit the constraints too."""
        found = nearest_feasible(self.space, row)
        return found if satisfies(self.space, found[None, :])[0] else None


def _largest_gap(parameter: Parameter) -> float:
    if isinstance(parameter, Integer):  # a range may hold too many to write down
        return float(min(parameter.limits[1] - parameter.limits[0], 1))
    numbers = choices(parameter)
    return 0.0 if numbers is None or len(numbers) < 2 else float(np.diff(numbers).max())
