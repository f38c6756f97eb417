"""Bayesian optimisation: a Gaussian process learns from every score, and the point most likely to improve comes next."""

import importlib
import warnings
from types import ModuleType

from pydantic import Field

from agents.bayesian.observations import observe
from agents.bayesian.opening import opening_suggestion
from agents.bayesian.posterior import Posterior, posterior_of
from agents.encoding import Encoding
from orchestrator.domain.base import Value
from orchestrator.domain.history import History
from orchestrator.domain.records import Evidence, Suggestion


class BayesianAgent:
    """Learns from every score with a Gaussian process and suggests where improvement is most likely to be large."""

    class Settings(Value):
        n_initial: int | None = Field(default=None, ge=1)
        """Points that fill the space evenly before the model decides; by default two per parameter, at least 5, at most 10."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def ask(self, history: History) -> Suggestion:
        encoding = Encoding.of(history.space)
        observations = observe(history, encoding)
        n_done, n_initial = observations.n + len(observations.pending), self._n_initial(history)
        if n_done < n_initial or observations.n == 0:
            return opening_suggestion(history, encoding, n_done=n_done, n_initial=n_initial)
        return _decision_module().decide(history, encoding, observations)

    def prepare(self, history: History) -> None:
        """Load the libraries while the instrument measures; what ``ask`` returns does not depend on it."""
        _decision_module()

    def posterior(self, history: History, evidence: Evidence) -> Posterior:
        """Return what the model believed when it recorded this evidence."""
        return posterior_of(history, evidence)

    def _n_initial(self, history: History) -> int:
        return self.settings.n_initial or min(max(5, 2 * len(history.space.parameters)), 10)


def _decision_module() -> ModuleType:
    """Import the part that needs torch, whose own import warns of things that its users cannot change."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return importlib.import_module("agents.bayesian.decision")
