"""What became of the points of a history: one number each, more is better."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from agents.past import Key, key_of, members
from agents.rows import is_of, rows_of
from agents.terrain import Terrain
from orchestrator.domain.base import Point
from orchestrator.domain.campaign import Trial
from orchestrator.domain.history import History, objective_score
from orchestrator.domain.space import Space, same_point


@dataclass(frozen=True, slots=True)
class Known:
    """What a point is worth, and the standard deviation of that; minus infinity if it was vetoed, failed or is not allowed."""

    worth: float
    sd: float = 0.0


NOTHING = Known(-np.inf)
_N_DIGITS = 9
"""Decimals of a place in the unit cube that tell points apart."""


class Outcomes:
    """Looks up what became of a point.

    Several objectives count the same, each divided by its spread over the first scores, as many as there are parameters and
    one more: later scores then change no earlier comparison, and a search that is replayed takes the path it took.
    """

    def __init__(self, history: History, terrain: Terrain) -> None:
        self._terrain, self.n_trials = terrain, len(history.trials)
        scales = _scales(history)
        self._worths = [_worth(history, trial, scales) for trial in history.trials]
        """By trial; None for those without all objectives."""
        self._found = {key: self._known(history.trials, which) for key, which in self._by_key(history).items()}

    def is_taken(self, row: np.ndarray) -> bool:
        """Return whether the point was ever suggested."""
        return self._key(row) in self._found

    def known(self, row: np.ndarray) -> Known | None:
        """Return what a suggested point is worth; None while that is awaited."""
        return self._found[self._key(row)]

    def best_of(self, trials: Sequence[Trial]) -> Trial | None:
        """Return of the first trials the one of this space with the highest worth, the first of equals; None without any."""
        worths = [
            known.worth if known is not None and is_of(self._terrain.space, trial.point) else -np.inf
            for trial, known in zip(trials, self._worths, strict=False)
        ]
        return trials[int(np.argmax(worths))] if max(worths, default=-np.inf) > -np.inf else None

    def _key(self, row: np.ndarray) -> bytes:
        """Return what two rows share that differ by rounding only, as those do that were reached by different steps."""
        return (self._terrain.place_of(row).round(_N_DIGITS) + 0.0).tobytes()

    def _by_key(self, history: History) -> Mapping[bytes, list[int]]:
        """Return which trials were at each point, by index."""
        pool = {key_of(history.space, member): member for member in members(history.space)}
        found: dict[bytes, list[int]] = {}
        for index, trial in enumerate(history.trials):
            for row in rows_of(history.space, _points(history.space, trial.point, pool)):
                found.setdefault(self._key(row), []).append(index)
        return found

    def _known(self, trials: Sequence[Trial], which: Sequence[int]) -> Known | None:
        scored = [known for index in which if (known := self._worths[index])]
        if scored:
            return _mean(scored)
        return None if any(trials[index].is_pending for index in which) else NOTHING


def _points(space: Space, point: Point, pool: Mapping[Key, Point]) -> list[Point]:
    """Return a point if it is one of this space; where a person typed a member's rounded numbers, the member."""
    if not is_of(space, point):
        return []
    if space.candidates is None or key_of(space, point) in pool:
        return [point]
    return [member for member in pool.values() if same_point(member, point)]


def _worth(history: History, trial: Trial, scales: np.ndarray) -> Known | None:
    """Return what one trial found, or None where it has not all objectives or is of a kind that agents do not see."""
    if not trial.is_judged:
        return None
    scores = [objective_score(trial, objective) for objective in history.objectives]
    found = [score for score in scores if score is not None]
    if len(found) < len(scores):
        return None
    signs = np.array([1.0 if objective.goal == "maximise" else -1.0 for objective in history.objectives])
    values, sds = np.array([score.value for score in found]), np.array([score.sd or 0.0 for score in found])
    return Known(float(np.mean(signs * values / scales)), float(np.linalg.norm(sds / scales) / len(found)))


def _scales(history: History) -> np.ndarray:
    """Return what each objective is divided by, shape (objectives,); 1 for a single one."""
    n_objectives = len(history.objectives)
    if n_objectives == 1:
        return np.ones(1)
    rows = [[objective_score(trial, objective) for objective in history.objectives] for trial in history.scored()]
    values = np.array([[score.value for score in row if score is not None] for row in rows if None not in row])
    first = values[: len(history.space.parameters) + 1].reshape(-1, n_objectives)
    spread = first.std(axis=0) if len(first) else np.zeros(n_objectives)
    return np.where(spread > 0, spread, 1.0)


def _mean(scored: list[Known]) -> Known:
    """Return the mean of repeats; their scatter tells its sd where they state none."""
    worths, stated = np.array([known.worth for known in scored]), np.array([known.sd for known in scored])
    n = len(scored)
    if n > 1 and not stated.any():
        return Known(float(worths.mean()), float(worths.std(ddof=1) / np.sqrt(n)))
    return Known(float(worths.mean()), float(np.linalg.norm(stated) / n))
