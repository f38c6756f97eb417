"""One decision: learn, look at the whole map, and measure where its error falls most."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from agents.bayesian.observations import Observations
from agents.encoding import Encoding
from agents.mapping.accuracy import expected_error, expected_wrong_side, stop_if_good_enough
from agents.mapping.explanation import Choice, explain
from agents.mapping.field import Field
from agents.mapping.learning import learn
from agents.mapping.places import Places, places_of
from agents.mapping.view import Goal, View, view
from agents.rows import point_of
from orchestrator.domain.history import History
from orchestrator.domain.records import Suggestion
from orchestrator.domain.space import Space

_N_WORST = 100
"""Candidates with the largest expected error; as many more are drawn with probabilities as their expected error, so that no
part of the map is left out."""
_FEWEST_WORST = 20
"""The same where many objectives share the time."""
_N_RUNNERS_UP = 4


@dataclass(frozen=True, slots=True)
class Aim:
    """What the map is for."""

    goal: Goal
    level: float | None
    good_enough: float | None


def decide(history: History, encoding: Encoding, observations: Observations, aim: Aim) -> Suggestion:
    """Return the point that lowers the map's expected error most, and why.

    Raises:
        SpaceExhausted: If the map is good enough.
        AgentError: If no point is left.
    """
    with threadpool_limits(limits=1):
        started = time.perf_counter()
        fields = learn(history, encoding, observations)
        fitted = time.perf_counter()
        places = places_of(history, encoding)
        views = [_view(field, encoding, places, observations, aim, is_first=not index) for index, field in enumerate(fields)]
        error = _error(views, fields, places, aim)
        stop_if_good_enough(history, error, aim.good_enough)
        choice = _choose(views, places, history.space, history.rng())
        evidence = explain(encoding, observations, fields, choice, goal=aim.goal, error=error)
        seconds = {"fit": fitted - started, "optimise": time.perf_counter() - fitted}
    return Suggestion(point=choice.points[0], evidence=evidence.model_copy(update={"seconds": seconds}))


def _view(field: Field, encoding: Encoding, places: Places, observations: Observations, aim: Aim, *, is_first: bool) -> View:
    level = aim.level if is_first else None
    return view(field.with_pending(observations.pending), encoding, places.cube, goal=aim.goal, level=level)


def _error(views: Sequence[View], fields: Sequence[Field], places: Places, aim: Aim) -> float | None:
    """Return the largest expected error of all objectives; None while one of them shows nothing."""
    if aim.level is not None:
        return expected_wrong_side(views[0], fields[0], places.cube, aim.level)
    errors = [expected_error(view, field, places.cube) for view, field in zip(views, fields, strict=True)]
    return None if None in errors else max(error for error in errors if error is not None)


def _choose(views: Sequence[View], places: Places, space: Space, rng: np.random.Generator) -> Choice:
    """Return the places that are worth most: the share of the map's error that a reading removes, times the error there.

    The share alone trusts the kernel in how far a reading helps, and a smooth kernel makes too much of that where a map
    has edges; a large error at the place itself is removed for certain.
    """
    errors = np.sum([view.errors for view in views], axis=0)
    n_worst = max(_N_WORST // len(views), _FEWEST_WORST)
    candidates = _candidates(np.where(places.is_open, errors, 0.0), places.is_open, n_worst, rng)
    shares = np.sum([view.gains(places.cube, candidates) for view in views], axis=0) / errors.sum()
    worths = shares * np.sqrt(errors[candidates])
    best = np.argsort(-worths, kind="stable")[: _N_RUNNERS_UP + 1]
    chosen = candidates[best]
    roughness = float(views[0].heights[chosen[0]] ** 2 / np.median(views[0].heights ** 2))
    points = tuple(point_of(space, row) for row in places.rows[chosen])
    return Choice(points, worths[best], share=float(shares[best[0]]), roughness=roughness)


def _candidates(errors: np.ndarray, is_open: np.ndarray, n_worst: int, rng: np.random.Generator) -> np.ndarray:
    """Return indices of open places: those with the largest errors, and as many others by chance."""
    places = np.flatnonzero(is_open)
    worst = places[np.argsort(-errors[places], kind="stable")]
    left = worst[n_worst:]
    if not len(left):
        return worst
    chances = errors[left] / errors[left].sum() if errors[left].any() else np.ones(len(left)) / len(left)
    n_drawn = min(n_worst, int((chances > 0.0).sum()))
    return np.concatenate([worst[:n_worst], rng.choice(left, n_drawn, replace=False, p=chances)])
