"""Points that fill the space evenly: a scrambled Sobol sequence."""

from typing import ClassVar

from agents.encoding import Encoding
from agents.past import open_members
from agents.rows import with_proper_types
from agents.spread import farthest, sobol_point
from orchestrator.domain.base import Value
from orchestrator.domain.history import History
from orchestrator.domain.records import Evidence, Suggestion


class SobolAgent:
    """Fills the space evenly. In a pool, takes the member farthest from all points suggested before."""

    loads: ClassVar[tuple[str, ...]] = ("scipy.stats.qmc",)

    class Settings(Value):
        """None."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def ask(self, history: History) -> Suggestion:
        if history.space.candidates is None:
            point, reason = sobol_point(history)
        else:
            pool = open_members(history)
            earlier = [member for member in history.suggested_points() if member.keys() == history.space.parameters.keys()]
            point = farthest(Encoding.of(history.space), pool, earlier, history.rng())
            reason = f"the candidate farthest from all earlier points, of {len(pool)} left"
        return Suggestion(point=with_proper_types(history.space, point), evidence=Evidence(reason=reason))

    def prepare(self, history: History) -> None:
        pass
