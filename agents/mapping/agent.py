"""An agent that learns a whole map, and does not look for its highest point."""

from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from agents.bayesian.observations import awaited, n_teaching, observe
from agents.encoding import Encoding
from agents.mapping.decision import Aim, decide
from agents.mapping.opening import opening_suggestion
from agents.mapping.recall import Fields, recalled_fields
from agents.straight import straightened
from orchestrator.domain.base import Value
from orchestrator.domain.history import History
from orchestrator.domain.records import Evidence, Suggestion

_FEWEST = 10
"""Points before the model decides: with fewer, what is left out tells little about what is missed."""
_MOST = 20


class MappingSettings(Value):
    """What the map is for, and when it is good enough."""

    goal: Literal["map", "level-set", "boundary"] = "map"
    """What is to be known: the value everywhere, where it crosses a level, or where it changes most."""
    level: float | None = None
    """The level of a level set, in the first objective's unit."""
    good_enough: float | None = Field(default=None, gt=0, lt=1)
    """Complete the campaign when the expected error stays below this: of the map, a share of its range (P99 − P1); of a
    level set, the share of places on the wrong side."""
    n_initial: int | None = Field(default=None, ge=1)
    """Points that fill the space evenly before the model decides; by default two per parameter, at least 10, at most 20."""

    @model_validator(mode="after")
    def _a_level_set_has_a_level(self) -> Self:
        if (self.goal == "level-set") != (self.level is not None):
            raise ValueError("goal: level-set and level: NUMBER belong together; give both or neither")
        return self


class MappingAgent:
    """Measures where the whole map improves most: evenly where it is equally rough, more densely where left-out points are missed."""

    Settings = MappingSettings
    loads: ClassVar[tuple[str, ...]] = ("scipy.stats.qmc", "scipy.optimize", "scipy.spatial.distance")

    def __init__(self, settings: MappingSettings) -> None:
        self.settings = settings

    def ask(self, history: History) -> Suggestion:
        encoding, n_initial = Encoding.of(history.space), self._n_initial(history)
        n_taught = n_teaching(history, n_initial)
        n_done = n_taught + len(awaited(history))
        if n_done < n_initial or n_taught == 0:
            return opening_suggestion(history, encoding, n_done=n_done, n_initial=n_initial)
        aim = Aim(self.settings.goal, self.settings.level, self.settings.good_enough)
        return decide(history, encoding, straightened(observe(history, encoding)), aim)

    def prepare(self, history: History) -> None:
        """Load the libraries while the instrument measures; what ``ask`` returns does not depend on it."""
        import scipy.linalg
        import scipy.optimize
        import scipy.spatial.distance  # noqa: F401  # the import is the preparation

    def posterior(self, history: History, evidence: Evidence) -> Fields:
        """Return what the model believed when it recorded this evidence."""
        return recalled_fields(history, evidence)

    def _n_initial(self, history: History) -> int:
        return self.settings.n_initial or min(max(_FEWEST, 2 * len(history.space.parameters)), _MOST)
