"""What became of the points of a history: one number each, more is better."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from agents.past import Key, key_of, members
from agents.rows import point_of
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


class Outcomes:
    """Looks up what became of a point.

    Several objectives count the same, each divided by its spread over the first scores, as many as there are parameters and
    one more: later scores then change no earlier comparison, and a search that is replayed takes the path it took.
    """

    def __init__(self, history: History) -> None:
        self._space, self.n_trials = history.space, len(history.trials)
        scales = _scales(history)
        self._worths = [_worth(history, trial, scales) for trial in history.trials]
        """By trial; None for those without all objectives."""
        self._found = {key: self._known(history.trials, which) for key, which in _by_key(history).items()}
        self._keys: dict[bytes, Key] = {}

    def is_taken(self, row: np.ndarray) -> bool:
        """Return whether the point was ever suggested."""
        return self._key(row) in self._found

    def known(self, row: np.ndarray) -> Known | None:
        """Return what a suggested point is worth; None while that is awaited."""
        return self._found[self._key(row)]

    def best_of(self, trials: Sequence[Trial]) -> Trial | None:
        """Return of the first trials the one of this space with the highest worth, the first of equals; None without any."""
        worths = [
            known.worth if known is not None and key_of(self._space, trial.point) else -np.inf
            for trial, known in zip(trials, self._worths, strict=False)
        ]
        return trials[int(np.argmax(worths))] if max(worths, default=-np.inf) > -np.inf else None

    def _key(self, row: np.ndarray) -> Key:
        """Return a row's key, remembered because a search that is replayed asks for the same rows many times."""
        written = row.tobytes()
        if written not in self._keys:
            self._keys[written] = key_of(self._space, point_of(self._space, row))
        return self._keys[written]

    def _known(self, trials: Sequence[Trial], which: Sequence[int]) -> Known | None:
        scored = [known for index in which if (known := self._worths[index])]
        if scored:
            return _mean(scored)
        return None if any(trials[index].is_pending for index in which) else NOTHING


def _by_key(history: History) -> Mapping[Key, list[int]]:
    """Return which trials were at each point, by index."""
    pool = {key_of(history.space, member): member for member in members(history.space)}
    found: dict[Key, list[int]] = {}
    for index, trial in enumerate(history.trials):
        for key in _keys(history.space, trial.point, pool):
            found.setdefault(key, []).append(index)
    return found


def _keys(space: Space, point: Point, pool: Mapping[Key, Point]) -> list[Key]:
    """Return the key of a point; where a person typed a member's rounded numbers, the member's."""
    key = key_of(space, point)
    if not key or key in pool or space.candidates is None:
        return [key] if key else []
    return [known for known, member in pool.items() if same_point(member, point)]


def _worth(history: History, trial: Trial, scales: np.ndarray) -> Known | None:
    """Return what one trial found, or None where it has not all objectives or is of a kind that agents do not see."""
    if not trial.kind.is_scored:
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
