"""The agent: the front page of BoTorch as a user would follow it.

The baseline for the ``bayesian`` agent, which should never do worse.
"""

import importlib
import warnings
from types import ModuleType
from typing import ClassVar

from pydantic import Field, model_validator

from agents.bayesian.observations import observe
from agents.encoding import Encoding
from agents.start import opening
from agents.straight import straightened
from orchestrator.domain.base import Value
from orchestrator.domain.history import History
from orchestrator.domain.records import Suggestion


class BotorchDefaultAgent:
    """Leaves every choice to BoTorch. Several objectives: log noisy expected hypervolume improvement."""

    loads: ClassVar[tuple[str, ...]] = ("agents.botorch_default.decision", "scipy.stats.qmc")

    class Settings(Value):
        n_initial: int | None = Field(default=None, ge=1)
        """Points before the model decides; by default two per parameter, at least 5, at most 10."""
        restarts: int = Field(default=5, ge=1, le=1000)
        """Climbs of the acquisition function; the front page's number."""
        raw_samples: int = Field(default=20, ge=1, le=100_000)
        """Points from which the climbs' starts are chosen; the front page's number."""
        iterations: int | None = Field(default=None, ge=1)
        """Most steps of the fit and of each climb; by default as many as BoTorch allows itself."""

        @model_validator(mode="after")
        def _enough_to_choose_from(self) -> "BotorchDefaultAgent.Settings":
            if self.raw_samples < self.restarts:
                raise ValueError(f"raw_samples = {self.raw_samples} is below restarts = {self.restarts}; raise it, or lower restarts")
            return self

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def ask(self, history: History) -> Suggestion:
        if (first := opening(history, self.settings.n_initial)) is not None:
            return first
        encoding = Encoding.of(history.space)
        effort = self.settings.model_dump(include={"restarts", "raw_samples", "iterations"})
        return _decision_module().decide(history, encoding, straightened(observe(history, encoding)), **effort)

    def prepare(self, history: History) -> None:
        """Load the libraries while the instrument measures; what ``ask`` returns does not depend on it."""
        _decision_module()


def _decision_module() -> ModuleType:
    """Import the part that needs torch, whose own import warns of things that its users cannot change."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return importlib.import_module("agents.botorch_default.decision")
