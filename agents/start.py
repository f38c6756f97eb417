"""The first points of a model-based baseline: as even as they come, without any model."""

from agents.bayesian.observations import awaited, n_teaching
from agents.past import open_members
from agents.rows import with_proper_types
from agents.spread import sobol_point
from orchestrator.domain.base import Point
from orchestrator.domain.history import History
from orchestrator.domain.records import Evidence, Suggestion


def opening(history: History, wanted: int | None) -> Suggestion | None:
    """Return the next point of a Sobol sequence, or a random member of the pool; None once a model can decide.

    Args:
        history: What is known.
        wanted: How many points there are to be; by default two per parameter, at least 5, at most 10.

    Raises:
        AgentError: If no point is left.
    """
    n_initial = wanted or min(max(5, 2 * len(history.space.parameters)), 10)
    n_taught = n_teaching(history, n_initial)
    n_done = n_taught + len(awaited(history))
    if n_done >= n_initial and n_taught > 0:
        return None
    point, why = sobol_point(history) if history.space.candidates is None else _random_member(history)
    reason = f"initial design, {min(n_done + 1, n_initial)} of {n_initial}: {why}"
    return Suggestion(point=with_proper_types(history.space, point), evidence=Evidence(reason=reason))


def _random_member(history: History) -> tuple[Point, str]:
    pool = open_members(history)
    return pool[int(history.rng().integers(len(pool)))], f"drawn at random from {len(pool)} candidates left"
