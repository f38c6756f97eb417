"""Points someone wrote down beforehand, played in order."""

from collections.abc import Mapping

from pydantic import Field

from agents.rows import with_proper_types
from orchestrator.domain.base import Setting, Value
from orchestrator.domain.chance import Stream
from orchestrator.domain.errors import AgentError
from orchestrator.domain.history import History
from orchestrator.domain.records import Evidence, Suggestion

_ROLES = {Stream.AGENT: "agent", Stream.FALLBACK: "fallback"}


class ScriptedAgent:
    """Plays a list of points, then ends."""

    class Settings(Value):
        points: tuple[Mapping[str, Setting], ...] = Field(min_length=1)
        """The points in order, each with a value for every parameter."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def ask(self, history: History) -> Suggestion:
        n_played, n_total = _n_played(history), len(self.settings.points)
        if n_played >= n_total:
            raise AgentError(f"script exhausted: all {n_total} points have been suggested; add points or end the campaign")
        point = self.settings.points[n_played]
        problems = history.space.problems(point)
        if problems:
            raise AgentError(f"point {n_played + 1} of the script cannot be measured: {problems[0]}")
        reason = f"point {n_played + 1} of {n_total} of the script"
        return Suggestion(point=with_proper_types(history.space, point), evidence=Evidence(reason=reason))

    def prepare(self, history: History) -> None:
        pass


def _n_played(history: History) -> int:
    """Return how many points this agent suggested; a person's points in between leave the script where it was."""
    role = _ROLES.get(Stream(history.stream))
    return history.n_suggestions if role is None else sum(trial.role == role for trial in history.trials)
