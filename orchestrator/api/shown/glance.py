"""What every page says of a campaign: how it stands, its best, and when it will end."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from orchestrator.api.following import Followed
from orchestrator.domain.campaign import CampaignState, Status
from orchestrator.domain.history import objective_score
from orchestrator.queries.night import seconds_left
from orchestrator.queries.standing import Standing as Line
from orchestrator.queries.standing import standing
from orchestrator.wire.standing import BestPoint, Standing

_CENTURY_S = 3.2e9
"""An end later than that is none."""
_CURVE_POINTS = 60


def shown_standing(followed: Followed, *, has_runner: bool, part: Followed | None = None) -> Standing:
    """Return the one line a person reads first.

    Args:
        followed: The campaign.
        has_runner: Whether a living process drives it.
        part: Of a campaign over samples, the part that runs.
    """
    told = None if part is None or part.state.status is not Status.RUNNING else _line(part, has_runner=True)
    line = _line(followed, has_runner=has_runner, part=told)
    return Standing(level=line.level, word=line.word, sentence=line.sentence, since=line.since, next=line.next)


def _line(followed: Followed, *, has_runner: bool, part: Line | None = None) -> Line:
    return standing(followed.state, has_runner=has_runner, since=followed.since, part=part)


def shown_best(state: CampaignState) -> BestPoint | None:
    """Return the best trial by the first objective."""
    trial = state.best_trial
    score = None if trial is None or not state.objectives else objective_score(trial, state.objectives[0])
    if trial is None or score is None:
        return None
    return BestPoint(trial=trial.number, point=trial.point, value=score.value, sd=score.sd)


def best_so_far(followed: Followed) -> tuple[float, ...]:
    """Return the best of the first objective by scored trial, thinned for a small curve."""
    return curve([best.best for best in followed.bests])


def curve(values: Sequence[float], n: int = _CURVE_POINTS) -> tuple[float, ...]:
    """Return a curve of at most n values that keeps its first and last."""
    if len(values) <= n:
        return tuple(values)
    return tuple(values[round(index * (len(values) - 1) / (n - 1))] for index in range(n))


def estimated_end(followed: Followed, now: datetime, part: Followed | None = None) -> datetime | None:
    """Return when the budget will be spent, or all samples will be through, at the pace so far; None while nothing tells.

    Args:
        followed: The campaign.
        now: UTC.
        part: Of a campaign over samples, the part that runs.
    """
    state = followed.state
    if state.status.is_final or state.status in (Status.STOPPED, Status.FAILED):
        return None
    left_s = [_budget_s(followed), seconds_left(state, now, part_left_s=None if part is None else _budget_s(part))]
    ends = [now + timedelta(seconds=seconds) for seconds in left_s if seconds is not None and seconds <= _CENTURY_S]
    return min([*ends, *([state.ends_at] if state.ends_at else [])], default=None)


def _budget_s(followed: Followed) -> float | None:
    """Return how long the trials of the budget last at the pace of the latest ones, seconds."""
    limit, pace_s = followed.state.spec.budget.trials, followed.pace_s
    return None if limit is None or pace_s is None else max(0, limit - followed.state.n_counted) * pace_s
