"""The points still worth measuring, where a space is small enough to list them."""

from collections.abc import Sequence

from agents.past import key_of, new_among, open_members, refused_points
from agents.rows import listed_rows, point_of
from orchestrator.domain.base import Point
from orchestrator.domain.errors import AgentError
from orchestrator.domain.history import History


def points_left(history: History) -> list[Point] | None:
    """Return the pool's members never suggested, or a small finite space's points; None if there are too many to list.

    Once every point of a finite space was suggested, those that were neither vetoed nor failed may be measured again.

    Raises:
        AgentError: If none is left.
    """
    if history.space.candidates is not None:
        return open_members(history)
    rows = listed_rows(history.space)
    if rows is None:
        return None
    points = [point_of(history.space, row) for row in rows]
    return list(new_among(history, points)) or not_refused(history, points)


def not_refused(history: History, points: Sequence[Point]) -> list[Point]:
    """Return the points that were neither vetoed nor failed, of all there are.

    Raises:
        AgentError: If all were.
    """
    refused = {key_of(history.space, point) for point in refused_points(history)}
    left = [point for point in points if key_of(history.space, point) not in refused]
    if not left:
        raise AgentError(f"all {len(points)} points of the space were vetoed or failed; widen the space or end the campaign")
    return left
