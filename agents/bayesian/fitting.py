"""Hyperparameters across trials: the last decision's evidence is where the next fit starts.

An agent keeps nothing between calls, so a resumed campaign fits exactly as an uninterrupted one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from agents.bayesian.observations import Observations, Outcome
from agents.bayesian.surrogate import LENGTHSCALE_LIMITS, NOISE_LIMITS, OUTPUTSCALE_LIMITS, Hyperparameters, Problem, cold_starts, fit
from agents.encoding import Encoding
from orchestrator.domain.history import History

KERNEL = "matern-5/2"
_REFIT_SHARE = 50
"""A new fit is due when the trials have grown by one fiftieth, so always below 100 trials."""
_ALWAYS_COLD = 40
"""With few readings the likelihood still changes its mind, and a fit from scratch costs little."""
_MOST_FITTED = 400
"""Readings, drawn at random, that hyperparameters are fitted to. All of them are conditioned on."""


@dataclass(frozen=True, slots=True)
class Fit:
    """Hyperparameters and how fresh they are."""

    hyperparameters: Hyperparameters
    n_fitted: int
    """Trials at the last fit."""
    n_cold: int
    """Trials at the last fit that did not only start from the one before."""
    was_refit: bool

    @property
    def noise_sd(self) -> float:
        """Return what one measurement scatters by, standardised."""
        return float(np.sqrt(self.hyperparameters.noise))


def fit_all(history: History, encoding: Encoding, observations: Observations) -> list[Fit]:
    """Return one fit per objective."""
    return [_fit(history, encoding, observations, outcome) for outcome in observations.outcomes]


def refitted(encoding: Encoding, observations: Observations, outcome: Outcome, before: Fit) -> Fit:
    """Return a fit that starts where one to fewer scores ended, and descends from there only."""
    problem = Problem.of(observations.cube, encoding.groups, outcome.values, outcome.variances if outcome.sds is not None else None)
    return replace(before, hyperparameters=fit(problem, [before.hyperparameters.as_log()]), n_fitted=observations.n, was_refit=True)


def record(fitted: Fit, outcome: Outcome, encoding: Encoding, n: int) -> dict[str, Any]:
    """Return a fit as JSON. Lengthscales are in the units of the parameters, sds in that of the objective, near its median."""
    names, hyperparameters, scaling = encoding.space.names, fitted.hyperparameters, outcome.scaling
    return {
        "objective": outcome.objective.name,
        "kernel": KERNEL,
        "lengthscales": _by_name(names, hyperparameters.lengthscales * encoding.span),
        "outputscale": hyperparameters.outputscale,
        "noise": hyperparameters.noise,
        "mean": hyperparameters.mean,
        "signal_sd": float(np.sqrt(hyperparameters.outputscale)) * scaling.scale * scaling.spread,
        "noise_sd": fitted.noise_sd * scaling.scale * scaling.spread,
        "uses_stated_sds": outcome.sds is not None,
        "outcome_transform": scaling.as_record(),
        "input_transform": {"low": _by_name(names, encoding.low), "span": _by_name(names, encoding.span)},
        "n_train": n,
        "n_fitted": fitted.n_fitted,
        "n_cold": fitted.n_cold,
        "was_refit": fitted.was_refit,
    }


def recorded(record: Mapping[str, Any], encoding: Encoding) -> Hyperparameters:
    """Return recorded hyperparameters in the unit cube and in standardised outcome units."""
    return Hyperparameters(
        lengthscales=np.array([record["lengthscales"][name] for name in encoding.space.names]) / encoding.span,
        outputscale=record["outputscale"],
        noise=record["noise"],
        mean=record["mean"],
    )


def _by_name(names: tuple[str, ...], numbers: np.ndarray) -> dict[str, float]:
    return {name: float(number) for name, number in zip(names, numbers, strict=True)}


def _fit(history: History, encoding: Encoding, observations: Observations, outcome: Outcome) -> Fit:
    problem = _problem(history, encoding, observations, outcome)
    earlier, n = _last_record(history, outcome.objective.name), observations.n
    if earlier is None:
        return Fit(fit(problem, cold_starts(problem)), n, n, was_refit=True)
    warm = _clipped(recorded(earlier, encoding))
    n_fitted, n_cold = int(earlier["n_fitted"]), int(earlier["n_cold"])
    if n <= _ALWAYS_COLD or n >= 2 * n_cold:
        return Fit(fit(problem, [*cold_starts(problem), warm.as_log()]), n, n, was_refit=True)
    if n - n_fitted >= max(1, n // _REFIT_SHARE):
        return Fit(fit(problem, [warm.as_log()]), n, n_cold, was_refit=True)
    return Fit(warm, n_fitted, n_cold, was_refit=False)


def _problem(history: History, encoding: Encoding, observations: Observations, outcome: Outcome) -> Problem:
    """Return what to fit to: all readings, or as many of them as tell the hyperparameters well enough."""
    chosen = np.arange(observations.n)
    if observations.n > _MOST_FITTED:
        chosen = np.sort(history.rng().permutation(observations.n)[:_MOST_FITTED])
    variances = None if outcome.sds is None else outcome.variances[chosen]
    return Problem.of(observations.cube[chosen], encoding.groups, outcome.values[chosen], variances)


def _clipped(hyperparameters: Hyperparameters) -> Hyperparameters:
    return replace(
        hyperparameters,
        lengthscales=np.clip(hyperparameters.lengthscales, *LENGTHSCALE_LIMITS),
        outputscale=float(np.clip(hyperparameters.outputscale, *OUTPUTSCALE_LIMITS)),
        noise=float(np.clip(hyperparameters.noise, *NOISE_LIMITS)),
    )


def _last_record(history: History, objective: str) -> Mapping[str, Any] | None:
    """Return the model of the newest decision that was made for this objective in this space."""
    for trial in reversed(history.trials):
        model = trial.evidence.model
        found = model.get("objectives", {}).get(objective, model)
        if (
            found.get("kernel") == KERNEL
            and found.get("objective") == objective
            and "n_cold" in found
            and found["lengthscales"].keys() == set(history.space.names)
        ):
            return found
    return None
