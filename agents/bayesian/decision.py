"""One model-based decision: fit, rank, explain. Imports torch."""

import time
from dataclasses import dataclass

import numpy as np
import torch
from botorch.models.model import Model
from torch import Tensor

from agents.alone import alone
from agents.bayesian.acquisition import Judge, Refusals, UpperBound, model_of, predict, scalarised
from agents.bayesian.climb import climb
from agents.bayesian.explanation import explain
from agents.bayesian.fitting import Fit, fit_all
from agents.bayesian.observations import Observations
from agents.bayesian.search import ALTERNATIVES_APART, Ranked, best_of, distinct, promising_points
from agents.encoding import Encoding
from agents.past import key_of, new_among, open_members, refused_points
from agents.random import random_point
from agents.rows import listed_rows, point_of, with_proper_types
from agents.spread import distance_to_nearest
from orchestrator.domain.base import Point
from orchestrator.domain.errors import AgentError
from orchestrator.domain.history import History
from orchestrator.domain.records import Suggestion

_LARGEST_REFUSAL = 0.2
"""How far around a refused point is avoided at most, in the unit cube."""
_N_NEAR = 8


@dataclass(frozen=True, slots=True)
class Context:
    """What the steps of one decision share."""

    history: History
    encoding: Encoding
    observations: Observations
    model: Model
    weights: Tensor | None
    """One per objective; None when there is only one."""
    rng: np.random.Generator


def decide(history: History, encoding: Encoding, observations: Observations) -> Suggestion:
    """Return the point with the highest acquisition, and why.

    Raises:
        AgentError: If no point is left.
    """
    with alone():
        started = time.perf_counter()
        fits = fit_all(history, encoding, observations)
        fitted = time.perf_counter()
        context = _context(history, encoding, observations, fits)
        ranked, name = _ranked(context)
        evidence = explain(
            encoding,
            observations,
            fits,
            context.model,
            ranked,
            acquisition=name,
            weights=None if context.weights is None else context.weights.numpy(),
        )
        seconds = {"fit": fitted - started, "optimise": time.perf_counter() - fitted}
    return Suggestion(point=with_proper_types(history.space, ranked.points[0]), evidence=evidence.model_copy(update={"seconds": seconds}))


def _context(history: History, encoding: Encoding, observations: Observations, fits: list[Fit]) -> Context:
    rng = history.rng()
    n_objectives = len(history.objectives)
    weights = torch.from_numpy(rng.dirichlet(np.ones(n_objectives))) if n_objectives > 1 else None
    model = model_of(observations, [fit.hyperparameters for fit in fits], encoding.groups)
    torch.manual_seed(int(rng.integers(2**31)))
    return Context(history, encoding, observations, model, weights, rng)


def _ranked(context: Context) -> tuple[Ranked, str]:
    """Return the best points and the name of what ranked them."""
    judge = Judge(
        context.model,
        context.observations,
        refusals=_refusals(context.history, context.encoding, context.observations),
        weights=context.weights,
        seed=int(context.rng.integers(2**31)),
    )
    space = context.history.space
    if space.candidates is not None:
        return best_of(context.encoding, open_members(context.history), judge), judge.name
    listed = listed_rows(space)
    if listed is not None:
        return _ranked_list(context, judge, listed)
    found = promising_points(context.encoding, judge, lambda rows: climb(context.encoding, judge, rows), _near(context), context.rng)
    fresh = [point for point in new_among(context.history, found) if space.contains(point)]
    return best_of(context.encoding, fresh or [random_point(context.history, context.rng)], judge, apart=ALTERNATIVES_APART), judge.name


def _ranked_list(context: Context, judge: Judge, rows: np.ndarray) -> tuple[Ranked, str]:
    """Rank a small finite space whole; once every point was suggested, measure the most hopeful ones again."""
    history = context.history
    points = [point_of(history.space, row) for row in rows]
    fresh = list(new_among(history, points))
    if fresh:
        return best_of(context.encoding, fresh, judge), judge.name
    refused = {key_of(history.space, point) for point in refused_points(history)}
    allowed = [point for point in points if key_of(history.space, point) not in refused]
    if not allowed:
        raise AgentError(f"all {len(points)} points of the space were vetoed or failed; widen the space or end the campaign")
    bound = UpperBound(context.model, context.weights)
    return best_of(context.encoding, allowed, bound), bound.name


def _near(context: Context) -> np.ndarray:
    """Return the measured points the model thinks best, shape (up to ``_N_NEAR``, columns)."""
    cube = np.unique(context.observations.cube, axis=0)
    means = predict(context.model, cube)[0]
    worth = means[:, 0] if context.weights is None else scalarised(torch.from_numpy(means), context.weights).numpy()
    return cube[distinct(cube, worth, _N_NEAR, ALTERNATIVES_APART)]


def _refusals(history: History, encoding: Encoding, observations: Observations) -> Refusals:
    """Avoid refused points' surroundings half-way to the nearest measured point, for that one was permitted."""
    points: list[Point] = refused_points(history)
    centres = encoding.of_points(points)
    radii = np.minimum(_LARGEST_REFUSAL, distance_to_nearest(centres, observations.cube) / 2)
    return Refusals(centres, np.maximum(radii, 1e-6))
