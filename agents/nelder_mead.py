"""The Nelder–Mead simplex, begun anew elsewhere when it has converged: the classical search without a model."""

import numpy as np
from pydantic import Field

from agents.local_search.replay import Search
from agents.local_search.searching import searched
from agents.local_search.simplex import Simplex, corners_around
from agents.terrain import Terrain
from orchestrator.domain.base import Value
from orchestrator.domain.history import History
from orchestrator.domain.records import Suggestion


class NelderMeadAgent:
    """Moves a simplex uphill. Discrete values are the nearest ones; categories change only from simplex to simplex.

    Several objectives count the same, each divided by its first scores' spread.
    """

    class Settings(Value):
        size: float = Field(default=0.25, gt=0, le=1)
        """Edge of a new simplex, as a share of each parameter's range."""
        smallest: float = Field(default=0.01, gt=0, lt=1)
        """A simplex smaller than this share of every range has converged, and another one begins elsewhere."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def ask(self, history: History) -> Suggestion:
        return searched(history, "nelder-mead", self._begin)

    def prepare(self, history: History) -> None:
        pass

    def _begin(self, terrain: Terrain, start: np.ndarray, rng: np.random.Generator) -> Search:
        return Simplex(terrain, corners_around(terrain, start, rng, self.settings.size), smallest=self.settings.smallest).search()
