"""Steps of one knob: what changes when a person turns one motor, or takes another filter."""

from dataclasses import dataclass

import numpy as np

from agents.programme import bounds_of
from agents.rows import choices
from agents.terrain import Terrain
from orchestrator.domain.space import Integer

_FORWARD = 1e-9
"""A step that gets less far than this in its direction, in the unit cube, does not count."""


@dataclass(frozen=True, slots=True)
class Knob:
    """One parameter to change; where sums are fixed, the others give way."""

    index: int
    direction: np.ndarray
    """In the unit cube, shape (parameters,); 1 for the parameter itself."""


def knobs_of(terrain: Terrain, slack: float) -> list[Knob]:
    """Return the knobs of a space. A constraint narrower than ``slack``, a share of its terms' ranges, counts as an equality.

    Where such constraints fix sums, as in a composition, a parameter's direction is its own axis projected onto what they leave.
    """
    matrix = _fixed_sums(terrain, slack)
    projection = np.eye(len(terrain.is_category)) - np.linalg.pinv(matrix) @ matrix
    knobs = []
    for index, is_category in enumerate(terrain.is_category):
        direction = np.eye(len(projection))[index] if is_category else projection[:, index]
        if abs(direction[index]) > _FORWARD:
            knobs.append(Knob(index, direction / direction[index]))
    return knobs


def steps(terrain: Terrain, row: np.ndarray, knob: Knob, share: float) -> list[np.ndarray]:
    """Return where a knob leads from a row: one allowed row for a number, all other categories in order for a category.

    Where a constraint stands in the way, the others give way, by half the step at most.

    Args:
        terrain: The space.
        row: Where the others stay, shape (parameters,).
        knob: What is turned.
        share: Of the knob's range, negative for downwards; at least one value where values are discrete.
    """
    if terrain.is_category[knob.index]:
        return _other_categories(terrain, row, knob.index) if share > 0 else []
    found = _far_along(terrain, row, knob, share) if terrain.listed is None else _listed_along(terrain, row, knob, share)
    return [] if found is None else [found]


def _fixed_sums(terrain: Terrain, slack: float) -> np.ndarray:
    """Return the constraints that leave a sum hardly any room, shape (constraints, parameters), in the unit cube."""
    bounds = bounds_of(terrain.space)
    scaled = bounds.matrix * terrain.span
    return scaled[bounds.upper - bounds.lower <= slack * np.abs(scaled).sum(axis=1)]


def _other_categories(terrain: Terrain, row: np.ndarray, index: int) -> list[np.ndarray]:
    found = []
    for number in np.arange(terrain.n_categories[index]):
        place = terrain.place_of(row)
        place[index] = number
        there = terrain.nearest(place, None if terrain.listed is None else terrain.listed[:, index] != number)
        if number != row[index] and there is not None:
            found.append(there)
    return found


def _far_along(terrain: Terrain, row: np.ndarray, knob: Knob, share: float) -> np.ndarray | None:
    here = terrain.place_of(row)
    step = np.sign(share) * min(_length(terrain, row, knob.index, share), _room(here, np.sign(share) * knob.direction))
    found = terrain.nearest(here + step * knob.direction)
    if found is None:
        return None
    moved = terrain.place_of(found) - here
    along = moved[knob.index]
    aside = np.abs(moved - along * knob.direction).max()
    return found if along * step > 0 and abs(along) > _FORWARD and aside <= max(abs(share), abs(along)) / 2 else None


def _length(terrain: Terrain, row: np.ndarray, index: int, share: float) -> float:
    """Return how far to go in the unit cube: among discrete values to the one that many steps away, or to the last."""
    parameter = list(terrain.space.parameters.values())[index]
    if isinstance(parameter, Integer):  # a range may hold too many to write down
        low, high = parameter.limits
        reach = max(1, round(abs(share) * (high - low)))
        return min(reach, row[index] - low if share < 0 else high - row[index]) / float(terrain.span[index])
    numbers = choices(parameter)
    if numbers is None:
        return abs(share)
    here = int(np.abs(numbers - row[index]).argmin())
    n_steps = int(np.sign(share)) * max(1, round(abs(share) * (len(numbers) - 1)))
    there = min(max(here + n_steps, 0), len(numbers) - 1)
    return abs(float(numbers[there] - numbers[here])) / float(terrain.span[index])


def _room(here: np.ndarray, direction: np.ndarray) -> float:
    """Return how far one can go in a direction before the first limit."""
    walls = np.where(direction > 0, 1.0 - here, here)[direction != 0]
    return max(0.0, float((walls / np.abs(direction[direction != 0])).min()))


def _listed_along(terrain: Terrain, row: np.ndarray, knob: Knob, share: float) -> np.ndarray | None:
    """Return of the listed rows further on along the knob, categories unchanged, the one nearest to where the step leads."""
    assert terrain.listed is not None
    assert terrain.places is not None
    here = terrain.place_of(row)
    is_ahead = (terrain.places[:, knob.index] - here[knob.index]) * np.sign(share) > _FORWARD
    is_alike = (terrain.listed[:, terrain.is_category] == row[terrain.is_category]).all(axis=1)
    ahead = np.flatnonzero(is_ahead & is_alike)
    distances = ((terrain.places[ahead] - (here + share * knob.direction)) ** 2).sum(axis=1)
    return terrain.listed[ahead[distances.argmin()]] if len(ahead) else None
