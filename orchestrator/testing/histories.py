"""Histories made in one line: scored, pending, vetoed and failed trials without an instrument or an engine."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from orchestrator.domain.base import Point
from orchestrator.domain.campaign import Trial, TrialStatus
from orchestrator.domain.chance import Stream
from orchestrator.domain.history import History
from orchestrator.domain.protocols import Agent
from orchestrator.domain.records import Objective, ObjectiveScore, Score, Suggestion, TrialKind
from orchestrator.domain.space import Space

YIELD = Objective(name="yield", goal="maximise", unit="%")
_START = datetime(2026, 1, 1, tzinfo=UTC)

Outcome = float | TrialStatus | Mapping[str, float | None] | None
"""A score of the first objective, scores by objective, a status a trial ended or waits in, or None for still suggested."""


def empty_history(space: Space, objectives: Sequence[Objective] = (YIELD,), *, seed: int = 0, stream: int = Stream.AGENT) -> History:
    """Return a history without trials."""
    return History(space=space, objectives=tuple(objectives), seed=seed, stream=stream)


def history_with(
    space: Space,
    trials: Iterable[tuple[Point, Outcome]],
    objectives: Sequence[Objective] = (YIELD,),
    *,
    seed: int = 0,
    sd: float | None = None,
) -> History:
    """Return a history of points and what became of them.

    Args:
        space: What the points lie in.
        trials: Points with their outcomes, in order.
        objectives: What scores are given for.
        seed: The campaign's.
        sd: Standard deviation that every score states.
    """
    history = empty_history(space, objectives, seed=seed)
    for point, outcome in trials:
        history = extended(history, Suggestion(point=point), outcome, sd=sd)
    return history


def extended(
    history: History, suggestion: Suggestion, outcome: Outcome = None, *, sd: float | None = None, kind: TrialKind = TrialKind.AGENT
) -> History:
    """Return the history with one more trial."""
    number = history.n_suggestions + 1
    trial = Trial(
        number=number,
        kind=kind,
        point=suggestion.point,
        agent="fake",
        role="human" if kind is TrialKind.HUMAN else "agent" if kind.is_scored else "engine",
        based_on=0,
        evidence=suggestion.evidence,
        suggested_at=_START + timedelta(seconds=number),
        status=outcome if isinstance(outcome, TrialStatus) else TrialStatus.SUGGESTED if outcome is None else TrialStatus.SCORED,
        attempt=0 if outcome is None else 1,
        score=_score(history.objectives, outcome, sd),
    )
    return replace(history, trials=(*history.trials, trial))


def played(agent: Agent, history: History, measure: Callable[[Point], Outcome], n: int) -> History:
    """Return the history after n more suggestions of an agent, each measured at once."""
    for _ in range(n):
        suggestion = agent.ask(history)
        history = extended(history, suggestion, measure(suggestion.point))
    return history


def _score(objectives: Sequence[Objective], outcome: Outcome, sd: float | None) -> Score | None:
    if outcome is None or isinstance(outcome, TrialStatus):
        return None
    values = outcome if isinstance(outcome, Mapping) else {objectives[0].name: outcome}
    return Score(objectives={name: ObjectiveScore(value=value, sd=sd) for name, value in values.items() if value is not None})
