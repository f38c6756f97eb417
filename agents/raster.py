"""A raster: line by line along one fast parameter, each line begun at its nearer end."""

from collections.abc import Iterator

import numpy as np
from pydantic import field_validator

from agents.lattice import Levels, at_least_one, axes_of, serpentine, serpentine_position
from agents.past import first_new, key_of, member_rows, open_members
from agents.rows import point_of, satisfies
from orchestrator.domain.base import Point, Value
from orchestrator.domain.errors import AgentError
from orchestrator.domain.history import History
from orchestrator.domain.records import Evidence, Suggestion
from orchestrator.domain.space import Space


class RasterAgent:
    """Scans lines along the fast parameter; the others step from line to line, to and fro. In a pool, scans its members."""

    class Settings(Value):
        levels: Levels = None
        """Values per continuous or integer parameter, for all or by name; by default 10, fewer in many dimensions. In a pool,
        into how many lines members are gathered along a slow parameter; by default one line for each of its values."""
        fast: str | None = None
        """The parameter that moves along a line; the last one by default."""
        serpentine: bool = True
        """Whether a line begins at its nearer end. If not, every line begins at the low end, as detectors with a slow
        readout or axes with backlash may need."""

        _at_least_one = field_validator("levels")(at_least_one)

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def ask(self, history: History) -> Suggestion:
        space = history.space
        fast = self._fast(space)
        lines = (_lattice_lines if space.candidates is None else _pool_lines)(space, self.settings.levels, fast)
        point = _first_open(history, _walk(space, lines, fast, self.settings.serpentine))
        if point is None:
            message = "raster finished: all its points have been suggested or break a constraint; raise levels or end the campaign"
            raise AgentError(message)
        return Suggestion(point=point, evidence=Evidence(reason=f"the next point of a raster along {space.names[fast]}"))

    def prepare(self, history: History) -> None:
        pass

    def _fast(self, space: Space) -> int:
        """Return the index of the parameter that moves along a line."""
        name = space.names[-1] if self.settings.fast is None else self.settings.fast
        if name not in space.names:
            raise AgentError(f"fast = {name} is no parameter; choose from {', '.join(space.names)}")
        return space.names.index(name)


def _lattice_lines(space: Space, levels: Levels, fast: int) -> Iterator[np.ndarray]:
    """Yield the feasible rows of each line of a lattice, shape (points, parameters), in the order of the slow parameters."""
    axes = axes_of(space, levels)
    slow = [index for index in range(len(axes)) if index != fast]
    sizes = [len(axes[index]) for index in slow]
    for position in range(int(np.prod(sizes))):
        digits = serpentine(np.array([position]), sizes)[0]
        line = np.empty((len(axes[fast]), len(axes)))
        line[:, fast] = axes[fast]
        line[:, slow] = [axes[index][digit] for index, digit in zip(slow, digits, strict=True)]
        yield line[satisfies(space, line)]


def _pool_lines(space: Space, levels: Levels, fast: int) -> Iterator[np.ndarray]:
    """Yield the rows of each line of a pool, whether measured or not, so that the order never changes."""
    rows = member_rows(space)
    slow = [index for index in range(len(space.names)) if index != fast]
    digits = np.array([_line_numbers(space, levels, index, rows) for index in slow], dtype=int).reshape(len(slow), len(rows)).T
    positions = serpentine_position(digits, list(digits.max(axis=0, initial=0) + 1))
    for position in np.unique(positions):
        yield rows[positions == position]


def _line_numbers(space: Space, levels: Levels, index: int, rows: np.ndarray) -> np.ndarray:
    """Return which line each member belongs to along one slow parameter, shape (members,), from 0."""
    numbers = rows[:, index]
    n_lines = levels if isinstance(levels, int) or levels is None else levels.get(space.names[index])
    values, which = np.unique(numbers, return_inverse=True)
    if n_lines is None or n_lines >= len(values):
        return which
    edges = np.linspace(numbers.min(), numbers.max(), n_lines + 1)
    return np.digitize(numbers, edges[1:-1])


def _walk(space: Space, lines: Iterator[np.ndarray], fast: int, is_serpentine: bool) -> Iterator[Point]:
    """Yield the points of the lines in order; a line that is left out does not turn the next one round."""
    here = -np.inf
    for line in lines:
        ordered = line[np.argsort(line[:, fast], kind="stable")]
        if len(ordered) == 0:
            continue
        if is_serpentine and abs(ordered[-1, fast] - here) < abs(ordered[0, fast] - here):
            ordered = ordered[::-1]
        here = ordered[-1, fast]
        for row in ordered:
            yield point_of(space, row)


def _first_open(history: History, points: Iterator[Point]) -> Point | None:
    """Return the first point not suggested before, or None. Raises AgentError if a pool is exhausted."""
    if history.space.candidates is None:
        return first_new(history, points)
    is_open = {key_of(history.space, member) for member in open_members(history)}
    return next(point for point in points if key_of(history.space, point) in is_open)
