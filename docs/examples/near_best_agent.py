"""An agent of one's own: mostly small changes to the best point so far, now and then a point from anywhere."""

from collections.abc import Sequence

import numpy as np
from pydantic import Field

from agents.encoding import Encoding
from agents.past import open_members
from agents.random import random_point
from orchestrator.domain.base import Point, Value
from orchestrator.domain.campaign import Trial
from orchestrator.domain.history import History, objective_score
from orchestrator.domain.records import Evidence, Suggestion


class NearBestAgent:
    """Suggests the nearest to the best point among a few random ones; every few trials one from anywhere."""

    class Settings(Value):
        n_drawn: int = Field(default=16, ge=1)
        """Random points to choose from; more means smaller steps."""
        restart_every: int = Field(default=4, ge=1)
        """Every so many suggestions, the point comes from anywhere."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def ask(self, history: History) -> Suggestion:
        drawn = _draw(history, history.rng(), self.settings.n_drawn)
        best = _best(history)
        if best is None or history.n_suggestions % self.settings.restart_every == 0:
            return Suggestion(point=drawn[0], evidence=Evidence(reason="a point from anywhere"))
        point = _nearest(history, drawn, best.point)
        return Suggestion(
            point=point, evidence=Evidence(reason=f"the nearest of {len(drawn)} random points to the best, trial {best.number}")
        )

    def prepare(self, history: History) -> None:
        """Nothing to think about while the instrument measures."""


def _draw(history: History, rng: np.random.Generator, n: int) -> Sequence[Point]:
    """Return up to n points nobody suggested before; members of the pool, if there is one."""
    if history.space.candidates is None:
        return [random_point(history, rng) for _ in range(n)]
    pool = open_members(history)
    return [pool[index] for index in rng.permutation(len(pool))[:n]]


def _best(history: History) -> Trial | None:
    """Return the trial with the best first objective."""
    objective = history.objectives[0]
    best: tuple[float, Trial] | None = None
    for trial in history.scored():
        score = objective_score(trial, objective)
        if score is not None and (best is None or objective.is_better(score.value, best[0])):
            best = (score.value, trial)
    return None if best is None else best[1]


def _nearest(history: History, points: Sequence[Point], target: Point) -> Point:
    """Return the point nearest to a target, each parameter scaled to its range."""
    encoding = Encoding.of(history.space)
    distances = np.linalg.norm(encoding.of_points(points) - encoding.of_points([target]), axis=1)
    return points[int(np.argmin(distances))]
