"""Bayesian optimisation: a Gaussian process learns from every score, and the point most likely to improve comes next."""

import importlib
import warnings
from collections.abc import Sequence
from types import ModuleType
from typing import TYPE_CHECKING, ClassVar, Literal, Self

from pydantic import Field, model_validator

from agents.bayesian.exposed import Exposed, exposed, opened, problems_with_exposure
from agents.bayesian.observations import awaited, n_failed, n_teaching
from agents.bayesian.opening import opening_suggestion, usual_length
from agents.bayesian.posterior import Posterior, posterior_of
from agents.encoding import Encoding
from agents.known_safe import next_safe_start, nothing_safe
from orchestrator.domain.base import Value
from orchestrator.domain.errors import AgentError
from orchestrator.domain.history import History
from orchestrator.domain.limits import safe_limits
from orchestrator.domain.records import Evidence, Objective, Suggestion
from orchestrator.domain.space import Space

if TYPE_CHECKING:
    from agents.bayesian.thought import Thought


_FEWEST_TAUGHT = 2
"""Readings with which the model decides where most measurements fail."""


class BayesianAgent:
    """Learns from every score with a Gaussian process and suggests where improvement is most likely to be large."""

    heeds_limits: ClassVar[bool] = True
    loads: ClassVar[tuple[str, ...]] = ("agents.bayesian.decision", "scipy.stats.qmc", "scipy.optimize", "scipy.spatial.distance")

    class Settings(Value):
        n_initial: int | None = Field(default=None, ge=1)
        """Points that fill the space evenly before the model decides; by default two per parameter, at least 5, at most 10."""

        cost: Literal["trials", "time"] = "trials"
        """What is to be spent sparingly: trials, or the time they take with the way from one to the next, as learned from those so far."""

        exposure: str | None = Field(default=None, min_length=1)
        """The parameter that says how long each measurement takes: it bears on noise and time, not on the signal. Needs ``cost: time``."""

        @model_validator(mode="after")
        def _an_exposure_costs_time(self) -> Self:
            if self.exposure is not None and self.cost != "time":
                raise ValueError(f"exposure = {self.exposure!r} needs cost: time; where time costs nothing the longest is best")
            return self

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._thought: Thought | None = None
        """What was thought ahead. Forgetting it would cost time and change nothing."""
        self._exposed: Exposed | None = None
        """What the last history looks like without the exposure; the same holds."""

    def ask(self, history: History) -> Suggestion:
        history = self._seen(history)
        if safe_limits(history.limits):
            start = next_safe_start(history)
            if start is None and n_teaching(history, 1) == 0:
                raise AgentError(nothing_safe(history))
            return self._decided(history) if start is None else opened(history, start)
        n_initial = self._n_initial(history)
        n_taught = n_teaching(history, n_initial)
        n_done = n_taught if n_taught == n_initial else n_taught + len(awaited(history))
        if n_taught == 0 or (n_done < n_initial and not _mostly_fails(history, n_taught, n_initial)):
            first = opening_suggestion(history, Encoding.of(history.space), n_done=n_done, n_initial=n_initial)
            return opened(history, first)
        return self._decided(history)

    def _decided(self, history: History) -> Suggestion:
        if len(history.objectives) > 1:
            return _several().decide(history)
        suggestion, self._thought = _single().decide(history, self._thought, self.settings.cost)
        return suggestion

    def prepare(self, history: History) -> None:
        """Think of everything but the score that the instrument is still measuring; what ``ask`` returns does not depend on it."""
        if self.problems(history.space, history.objectives):
            return
        history = self._seen(history)
        if len(history.objectives) > 1:
            _several()
        elif n_teaching(history, 1):
            self._thought = _single().prepared(history, self.settings.cost)

    def posterior(self, history: History, evidence: Evidence) -> Posterior:
        """Return what the model believed when it recorded this evidence."""
        return posterior_of(history, evidence)

    def problems(self, space: Space, objectives: Sequence[Objective]) -> Sequence[str]:
        """Return why these settings do not suit a campaign, one sentence each; empty where they do."""
        return () if self.settings.exposure is None else problems_with_exposure(space, objectives, self.settings.exposure)

    def _seen(self, history: History) -> History:
        """Return the history without the exposure, where that is chosen. Raises AgentError where it cannot be."""
        if self.settings.exposure is None:
            return history
        self._exposed = exposed(history, self.settings.exposure, self._exposed)
        return self._exposed

    def _n_initial(self, history: History) -> int:
        return self.settings.n_initial or usual_length(history.space)


def _mostly_fails(history: History, n_taught: int, n_initial: int) -> bool:
    """Return whether so much failed that an even spread is not worth completing: failures teach, too."""
    return n_taught >= _FEWEST_TAUGHT and n_taught + n_failed(history) >= 2 * n_initial


def _single() -> ModuleType:
    """Import what decides for one objective when it is first needed: it takes scipy."""
    return importlib.import_module("agents.bayesian.decision")


def _several() -> ModuleType:
    """Import what decides for several objectives. It takes torch, whose own import warns of things its users cannot change."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return importlib.import_module("agents.bayesian.several")
