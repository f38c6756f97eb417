"""Decisions under limits: which point, and what is said about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from agents.bayesian.choice import Judge
from agents.bayesian.exposed import spent_keys
from agents.bayesian.feasibility import Feasibility
from agents.bayesian.observations import Observations
from agents.bayesian.outlook import Outlook
from agents.bayesian.safe import Region, Step, again, safe_points, safe_step
from agents.bayesian.search import Criterion, Ranked, Scale, Worth, best_of
from agents.encoding import Encoding
from agents.known_safe import known_safe_points, nothing_safe
from agents.past import Key, key_of
from agents.rows import point_of
from orchestrator.domain.base import Point
from orchestrator.domain.campaign import keeps_limits
from orchestrator.domain.errors import AgentError, SpaceExhausted
from orchestrator.domain.history import History
from orchestrator.domain.limits import safe_limits
from orchestrator.domain.records import Evidence
from orchestrator.domain.space import show_point
from orchestrator.wording import percent
from orchestrator.wording.numbers import show_number


class Named(Worth, Criterion, Protocol):
    """What ranks points, with its name."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The best points, and how they were chosen."""

    ranked: Ranked
    judge: Named
    is_safe: bool = False
    """Whether only safe points were chosen from."""
    goal: Point | None = None
    """Where the safe region is to grow to, if that is what the measurement is for."""
    is_repeated: bool = False
    """Whether it is a point known to be safe because none else is."""

    @property
    def name(self) -> str:
        """Return what ranked the points."""
        if self.is_repeated:
            return "sds to spare from the limit"
        if self.goal is not None:
            return "information about the way to the goal, within the safe region"
        return f"{self.judge.name}, within the safe region" if self.is_safe else self.judge.name

    @property
    def scale(self) -> Scale:
        """Return what the values are by which they are ranked."""
        if self.is_repeated:
            return "plain"
        return "log" if self.goal is not None else self.judge.scale


def kept_readings(history: History, observations: Observations) -> np.ndarray:
    """Return which readings keep every limit, shape (readings,), boolean."""
    return np.array([keeps_limits(history.trials[number - 1], history.limits) for number in observations.numbers], dtype=bool)


def safe_region(history: History, looks: Sequence[Outlook], pending: np.ndarray) -> Region | None:
    """Return where it is safe; None where no limit has to be.

    Raises:
        AgentError: If nothing measured so far is known to keep a safe limit.
    """
    limits = safe_limits(history.limits)
    if not limits:
        return None
    if not known_safe_points(history):
        raise AgentError(nothing_safe(history))
    return Region(tuple(look for look in looks if look.name in limits), pending)


def safe_choice(
    history: History, encoding: Encoding, region: Region, judge: Judge, goal: Ranked, taken: frozenset[Key], rng: np.random.Generator
) -> Choice:
    """Return the next point of a safe search in a space too large to list."""
    nearest = goal.cube[:1]
    points = [] if region.holds(nearest)[0] else safe_points(history, encoding, region, judge, nearest, taken, rng)
    step = safe_step(encoding, region, judge, goal, points)
    return _again(history, encoding, region, judge) if step is None else _of(step, judge)


def safe_listed_choice(history: History, encoding: Encoding, region: Region, judge: Named, listed: np.ndarray) -> Choice:
    """Return the next point of a safe search among points that can be listed.

    Raises:
        SpaceExhausted: If it is a pool, and no member that is left is safe.
    """
    known = spent_keys(history)
    fresh = [point for row in listed if key_of(history.space, point := point_of(history.space, row)) not in known]
    if fresh:
        is_safe = region.holds(encoding.of_points(fresh))
        points = [point for point, safe in zip(fresh, is_safe, strict=True) if safe]
        step = safe_step(encoding, region, judge, best_of(encoding, fresh, judge), points)
        if step is not None:
            return _of(step, judge)
    if history.space.candidates is not None:
        raise SpaceExhausted(f"none of the {len(fresh)} candidates left surely keeps every safe limit; loosen one, or add to safe_start")
    return _again(history, encoding, region, judge)


def _of(step: Step, judge: Named) -> Choice:
    return Choice(step.ranked, judge, is_safe=True, goal=step.goal)


def _again(history: History, encoding: Encoding, region: Region, judge: Named) -> Choice:
    return Choice(again(history, encoding, region), judge, is_safe=True, is_repeated=True)


def with_limits(evidence: Evidence, encoding: Encoding, looks: Sequence[Outlook], choice: Choice) -> Evidence:
    """Return the evidence with what is expected of limited signals, and what they had to do with the choice."""
    if not looks:
        return evidence
    there = {look.name: look.predictions(choice.ranked.cube[:1])[0] for look in looks}
    records = {look.name: look.as_record(encoding) for look in looks}
    expected = [
        f"{look.limit.in_words(look.name)} with {percent(there[look.name].probability)} "
        f"(expected {show_number(there[look.name].mean, there[look.name].sd)})"
        for look in looks
    ]
    purpose = _purpose(choice)
    reason = f"{purpose}{': ' if purpose else ''}{evidence.reason}; keeps {' and '.join(expected)}"
    model = {**evidence.model, "limits": records}
    return evidence.model_copy(update={"reason": reason, "purpose": purpose, "limits": there, "model": model})


def _purpose(choice: Choice) -> str:
    """Return what the point is for, where that is no better score."""
    if choice.goal is not None:
        return f"to widen the safe region towards {show_point(choice.goal)}, where more is promised"
    if choice.is_repeated:
        return "again, because nowhere else is surely safe yet"
    if isinstance(choice.judge, Feasibility):
        return "because no measured point probably keeps the limits, and here they most probably hold"
    return ""
