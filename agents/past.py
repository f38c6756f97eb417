"""What was suggested before, so that no agent repeats itself without need."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from agents.once import once_per_space
from agents.rows import is_of, rows_of
from orchestrator.domain.base import Point, Setting
from orchestrator.domain.campaign import TrialStatus
from orchestrator.domain.errors import AgentError
from orchestrator.domain.history import History
from orchestrator.domain.space import Space, problem_with, same_point

_REFUSED = (TrialStatus.VETOED, TrialStatus.FAILED)

Key = tuple[Setting, ...]


def key_of(space: Space, point: Point) -> Key:
    """Return what makes two points of a space the same one; a point of an older space has no key of this one."""
    return tuple(point[name] for name in space.names) if point.keys() == space.parameters.keys() else ()


def newest_point(history: History) -> Point | None:
    """Return the newest suggestion that is a point of this space; darks and alignments have none."""
    return next((trial.point for trial in reversed(history.trials) if is_of(history.space, trial.point)), None)


def suggested_keys(history: History) -> set[Key]:
    """Return the keys of every point ever suggested."""
    return {key_of(history.space, point) for point in history.suggested_points()}


def refused_points(history: History) -> list[Point]:
    """Return the points that were vetoed or failed, and may not be suggested again."""
    return [trial.point for trial in history.trials if trial.status in _REFUSED and key_of(history.space, trial.point)]


def vetoed_points(history: History) -> list[Point]:
    """Return the points that were vetoed: nothing was tried there."""
    return [trial.point for trial in history.trials if trial.status is TrialStatus.VETOED and key_of(history.space, trial.point)]


def new_among(history: History, points: Iterable[Point]) -> Iterator[Point]:
    """Yield the points that were never suggested."""
    known = suggested_keys(history)
    return (point for point in points if key_of(history.space, point) not in known)


def first_new(history: History, points: Iterable[Point]) -> Point | None:
    """Return the first point that was never suggested, or None."""
    return next(new_among(history, points), None)


def first_allowed(history: History, points: Iterable[Point]) -> Point:
    """Return the first point that was neither vetoed nor failed.

    Raises:
        AgentError: If there is none.
    """
    refused = {key_of(history.space, point) for point in refused_points(history)}
    for point in points:
        if key_of(history.space, point) not in refused:
            return point
    raise AgentError(f"all points tried were vetoed or failed before ({len(refused)} in all); widen the space or end the campaign")


@once_per_space
def members(space: Space) -> tuple[Point, ...]:
    """Return the pool's members that the limits and constraints allow, in the pool's order."""
    return tuple(member for member in space.candidates or () if _is_allowed(space, member))


@once_per_space
def member_keys(space: Space) -> tuple[Key, ...]:
    """Return the keys of the pool's members, in the same order."""
    return tuple(key_of(space, member) for member in members(space))


@once_per_space
def member_rows(space: Space) -> np.ndarray:
    """Return the pool's members as numbers, shape (members, parameters), in the same order; read-only."""
    rows = rows_of(space, members(space))
    rows.flags.writeable = False
    return rows


@once_per_space
def _all_member_keys(space: Space) -> frozenset[Key]:
    return frozenset(member_keys(space))


def open_members(history: History) -> list[Point]:
    """Return the pool's members never suggested so far, in the pool's order.

    Raises:
        AgentError: If there are none.
    """
    pool = members(history.space)
    return [pool[index] for index in open_indices(history)]


def open_indices(history: History) -> list[int]:
    """Return where in ``members`` those lie that were never suggested so far.

    Raises:
        AgentError: If there are none.
    """
    space = history.space
    pool, known = members(space), suggested_keys(history)
    strangers = list(_strangers(space, known))
    still_open = [
        index for index, key in enumerate(member_keys(space)) if key not in known and not (strangers and _is_among(pool[index], strangers))
    ]
    if not still_open:
        raise AgentError(f"pool exhausted: all {len(pool)} candidates have been suggested; widen the pool or end the campaign")
    return still_open


def _strangers(space: Space, known: set[Key]) -> Iterator[Point]:
    """Yield suggested points that are not literally in the pool: a person may have typed a member's rounded numbers."""
    for key in known - _all_member_keys(space) - {()}:
        yield dict(zip(space.names, key, strict=True))


def _is_among(point: Point, others: Sequence[Point]) -> bool:
    return any(same_point(point, other) for other in others)


def _is_allowed(space: Space, point: Point) -> bool:
    if point.keys() != space.parameters.keys():
        return False
    if any(problem_with(name, space.parameters[name], value) for name, value in point.items()):
        return False
    return not any(constraint.problem(point) for constraint in space.constraints)
