"""Hyperparameters across trials: the last decision's evidence is where the next fit starts.

An agent keeps nothing between calls, so a resumed campaign fits exactly as an uninterrupted one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from agents.bayesian.observations import Observations, Outcome
from agents.bayesian.surrogate import (
    LENGTHSCALE_LIMITS,
    NOISE_LIMITS,
    OUTPUTSCALE_LIMITS,
    Hyperparameters,
    Problem,
    cold_starts,
    fit,
    with_mean,
)
from agents.encoding import Encoding
from orchestrator.domain.history import History

KERNEL = "matern-5/2"
_REFIT_SHARE = 50
"""A new fit is due when the trials have grown by one fiftieth, so always below 100 trials."""


@dataclass(frozen=True, slots=True)
class Fit:
    """Hyperparameters and how fresh they are."""

    hyperparameters: Hyperparameters
    n_fitted: int
    """Trials at the last full fit."""
    was_refit: bool

    @property
    def noise_sd(self) -> float:
        """Return what one measurement scatters by, standardised."""
        return float(np.sqrt(self.hyperparameters.noise))


def fit_all(history: History, encoding: Encoding, observations: Observations) -> list[Fit]:
    """Return one fit per objective."""
    return [_fit(history, encoding, observations, outcome) for outcome in observations.outcomes]


def record(fitted: Fit, outcome: Outcome, encoding: Encoding, n: int) -> dict[str, Any]:
    """Return a fit as JSON, in the units of the parameters and of the objective."""
    names, hyperparameters = encoding.space.names, fitted.hyperparameters
    return {
        "objective": outcome.objective.name,
        "kernel": KERNEL,
        "lengthscales": _by_name(names, hyperparameters.lengthscales * encoding.span),
        "outputscale": hyperparameters.outputscale,
        "signal_sd": float(np.sqrt(hyperparameters.outputscale)) * outcome.scale,
        "noise_sd": fitted.noise_sd * outcome.scale,
        "uses_stated_sds": outcome.variances is not None,
        "mean": outcome.in_unit(hyperparameters.mean),
        "outcome_transform": {"shift": outcome.shift, "scale": outcome.scale, "sign": outcome.sign},
        "input_transform": {"low": _by_name(names, encoding.low), "span": _by_name(names, encoding.span)},
        "n_train": n,
        "n_fitted": fitted.n_fitted,
        "was_refit": fitted.was_refit,
    }


def _by_name(names: tuple[str, ...], numbers: np.ndarray) -> dict[str, float]:
    return {name: float(number) for name, number in zip(names, numbers, strict=True)}


def _fit(history: History, encoding: Encoding, observations: Observations, outcome: Outcome) -> Fit:
    problem = Problem.of(observations.cube, encoding.groups, outcome.values, outcome.variances)
    earlier = last_record(history, outcome.objective.name)
    if earlier is None:
        return Fit(fit(problem, cold_starts(problem)), observations.n, was_refit=True)
    warm, n_fitted = recalled(earlier, outcome, encoding), int(earlier["n_fitted"])
    if observations.n - n_fitted >= max(1, observations.n // _REFIT_SHARE):
        return Fit(fit(problem, [*cold_starts(problem), warm.as_log()]), observations.n, was_refit=True)
    return Fit(with_mean(problem, warm), n_fitted, was_refit=False)


def last_record(history: History, objective: str) -> Mapping[str, Any] | None:
    """Return the model of the newest decision that was made for this objective in this space."""
    records = (record_of(trial.evidence.model, objective, history.space.names) for trial in reversed(history.trials))
    return next((found for found in records if found is not None), None)


def record_of(model: Mapping[str, Any], objective: str, names: tuple[str, ...]) -> Mapping[str, Any] | None:
    """Return one objective's part of a recorded model, or None where there is none for parameters of these names."""
    found = model.get("objectives", {}).get(objective, model)
    is_ours = found.get("kernel") == KERNEL and found.get("objective") == objective
    return found if is_ours and found["lengthscales"].keys() == set(names) else None


def recalled(model: Mapping[str, Any], outcome: Outcome, encoding: Encoding) -> Hyperparameters:
    """Return recorded hyperparameters in the unit cube and in today's standardised units, without their mean."""
    lengthscales = np.array([model["lengthscales"][name] for name in encoding.space.names]) / encoding.span
    return Hyperparameters(
        lengthscales=np.clip(lengthscales, *LENGTHSCALE_LIMITS),
        outputscale=float(np.clip(_squared(model["signal_sd"] / outcome.scale), *OUTPUTSCALE_LIMITS)),
        noise=float(np.clip(_squared(model["noise_sd"] / outcome.scale), *NOISE_LIMITS)),
    )


def _squared(number: float) -> float:
    return min(number, 1e100) ** 2
