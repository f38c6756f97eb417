"""The first points, spread evenly: nothing is known of the map yet."""

from agents.encoding import Encoding
from agents.past import key_of, open_members
from agents.rows import with_proper_types
from agents.spread import farthest, sobol_point
from orchestrator.domain.history import History
from orchestrator.domain.records import Evidence, Suggestion


def opening_suggestion(history: History, encoding: Encoding, *, n_done: int, n_initial: int) -> Suggestion:
    """Return the next point of the initial design.

    Raises:
        AgentError: If no point is left.
    """
    if history.space.candidates is None:
        point, why = sobol_point(history)
    else:
        pool = open_members(history)
        earlier = [point for point in history.suggested_points() if key_of(history.space, point)]
        point, why = (
            farthest(encoding, pool, earlier, history.rng()),
            f"the candidate farthest from all earlier points, of {len(pool)} left",
        )
    reason = f"initial design, {min(n_done + 1, n_initial)} of {n_initial}: {why}"
    return Suggestion(point=with_proper_types(history.space, point), evidence=Evidence(reason=reason))
