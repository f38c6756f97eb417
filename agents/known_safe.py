"""A point that is known to be safe, again: what to fall back on where a limit must not be broken."""

from typing import ClassVar

from agents.past import key_of, refused_points
from agents.rows import is_of, with_proper_types
from agents.sobol import SobolAgent
from orchestrator.domain.base import Point, Value
from orchestrator.domain.campaign import Trial, TrialStatus
from orchestrator.domain.errors import AgentError, SpaceExhausted
from orchestrator.domain.history import History
from orchestrator.domain.limits import broken_limits, limited_value, safe_limits
from orchestrator.domain.records import Evidence, Suggestion


class KnownSafeAgent:
    """Measures what was given as a safe start, then again the latest point that kept every safe limit; it goes nowhere new.

    Where no limit is safe, every point is, and it fills the space as ``sobol`` does.
    """

    heeds_limits: ClassVar[bool] = True

    class Settings(Value):
        pass

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def ask(self, history: History) -> Suggestion:
        if not safe_limits(history.limits):
            return SobolAgent(SobolAgent.Settings()).ask(history)
        start = next_safe_start(history)
        if start is not None:
            return start
        trials = safe_trials(history)
        if not trials:
            raise AgentError(nothing_safe(history))
        if history.space.candidates is not None:
            raise SpaceExhausted("each candidate is measured once, and no other is known to be safe; add safe ones or end the campaign")
        newest = trials[-1]
        reason = f"again where trial {newest.number} kept {_names(history)}, and nowhere new"
        return Suggestion(point=with_proper_types(history.space, newest.point), evidence=Evidence(reason=reason))

    def prepare(self, history: History) -> None:
        pass


def next_safe_start(history: History) -> Suggestion | None:
    """Return the first point given as safe that was not suggested yet, or None."""
    space = history.space
    known = {key_of(space, point) for point in history.suggested_points()}
    starts = [with_proper_types(space, point) for point in history.safe_start if is_of(space, point) and space.contains(point)]
    for number, point in enumerate(starts, start=1):
        if key_of(space, point) not in known:
            reason = f"safe start, {number} of {len(starts)}: given as a point that keeps {_names(history)}"
            return Suggestion(point=point, evidence=Evidence(reason=reason))
    return None


def safe_trials(history: History) -> list[Trial]:
    """Return the measured trials of this space that kept every safe limit and may be repeated, in order."""
    limits = safe_limits(history.limits)
    refused = {key_of(history.space, point) for point in refused_points(history)}
    return [
        trial
        for trial in history.trials
        if trial.status is TrialStatus.SCORED
        and trial.kind.is_scored
        and history.space.contains(trial.point)
        and key_of(history.space, trial.point) not in refused
        and not any(broken_limits(limits, trial.observation, trial.score))
    ]


def nothing_safe(history: History) -> str:
    """Return why a safe search cannot go on, and the way out."""
    if any(True for _ in history.pending()):
        return f"nothing measured so far is known to keep {_names(history)}; wait for what is still being measured"
    if safe_trials(history):
        return f"{_names(history)} was kept, but nothing measured so far could be scored; look at the reward, or add to safe_start"
    return f"no measured point kept {_names(history)}: {'; '.join(_readings(history))}; give a safe_start that does, or loosen the limit"


def _readings(history: History) -> list[str]:
    """Return the best that was read of each safe limit, in words."""
    told: list[str] = []
    for name, limit in safe_limits(history.limits).items():
        read = [value for trial in history.trials if (value := limited_value(name, trial.observation, trial.score)) is not None]
        if not read:
            told.append(f"{name} gave no finite reading in {history.n_suggestions} trials")
        else:
            best = min(read, key=limit.excess)
            told.append(f"of {len(read)} readings of {name} the best is {best:g}")
    return told


def _names(history: History) -> str:
    return " and ".join(limit.in_words(name) for name, limit in safe_limits(history.limits).items())


def known_safe_points(history: History) -> list[Point]:
    """Return where every safe limit was kept, each point once."""
    return list({key_of(history.space, trial.point): trial.point for trial in safe_trials(history)}.values())
