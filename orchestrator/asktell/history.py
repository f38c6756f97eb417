"""What was asked and told, as agents see a campaign."""

from collections.abc import Sequence
from datetime import UTC, datetime

from orchestrator.asktell.state import AskTellState, Told
from orchestrator.domain.base import Point
from orchestrator.domain.campaign import Trial, TrialStatus
from orchestrator.domain.history import History
from orchestrator.domain.records import Objective, ObjectiveScore, Observation, Score, TrialKind
from orchestrator.domain.space import Space

_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)
"""Agents do not look at clocks, and neither does this."""


def history_of(state: AskTellState, space: Space, objectives: Sequence[Objective]) -> History:
    """Return the history that an agent is asked with."""
    trials = tuple(_trial(state, objectives, number, told) for number, told in enumerate(state.trials, start=1))
    return History(
        space=space,
        objectives=tuple(objectives),
        seed=state.seed,
        trials=trials,
        limits=state.limits,
        safe_start=state.safe_start,
    )


def _trial(state: AskTellState, objectives: Sequence[Objective], number: int, told: Told) -> Trial:
    """Return one as agents see it. Of what was forgotten a place in the count is left, so that others keep their numbers: no point."""
    scores = {name: ObjectiveScore(value=value, sd=told.sd.get(name)) for name, value in (told.values or {}).items()}
    is_scored = any(objective.name in scores for objective in objectives)
    status = TrialStatus.SUGGESTED if told.values is None else TrialStatus.SCORED if is_scored else TrialStatus.FAILED
    return Trial(
        number=number,
        kind=TrialKind.HUMAN if told.by == "human" else TrialKind.AGENT,
        point={} if told.is_forgotten else told.point,
        agent=state.agent.type,
        role=told.by,
        based_on=0,
        evidence=told.evidence,
        suggested_at=_NO_TIME,
        status=TrialStatus.VETOED if told.is_forgotten else status,
        attempt=0 if told.values is None else 1,
        observation=None if told.readback is None else _observation(number, told.point, told.readback),
        score=Score(objectives=scores) if scores else None,
    )


def _observation(number: int, point: Point, readback: Point) -> Observation:
    """Return what tells agents where a point was measured, and nothing else."""
    return Observation(trial=number, attempt=1, setpoint=point, readback=readback, readings={}, started_at=_NO_TIME, finished_at=_NO_TIME)
