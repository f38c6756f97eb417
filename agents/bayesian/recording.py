"""What was believed, as JSON, and back: a resumed campaign goes on from the last decision's record."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from agents.bayesian.ageing import as_record, from_record
from agents.bayesian.belief import Belief
from agents.bayesian.conditioning import process_as_record
from agents.bayesian.observations import Observations
from agents.bayesian.surrogate import Hyperparameters
from agents.encoding import Encoding
from orchestrator.domain.history import History

KERNEL = "matern-5/2"


def joined(records: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return each objective's record as one: the first's, and where there are several also each by its objective's name."""
    first = dict(records[0])
    return first if len(records) == 1 else {**first, "objectives": {each["objective"]: each for each in records}}


def part_for(model: Mapping[str, Any], objective: str) -> Mapping[str, Any] | None:
    """Return the part of a recorded model that is of one objective or limited signal, or None if it holds none."""
    parts = (model, *model.get("objectives", {}).values(), *model.get("limits", {}).values())
    return next((part for part in parts if part.get("objective") == objective and "lengthscales" in part), None)


def last_record(history: History, objective: str) -> Mapping[str, Any] | None:
    """Return the model of the newest decision that was made for this objective in this space."""
    for trial in reversed(history.trials):
        model = trial.evidence.model
        found = part_for(model, objective)
        if (
            found is not None
            and found.get("kernel") == KERNEL
            and "n_aged" in found
            and found["lengthscales"].keys() == set(history.space.names)
        ):
            return found
    return None


def record(belief: Belief, encoding: Encoding, numbers: Sequence[int]) -> dict[str, Any]:
    """Return a belief as JSON. Lengthscales are in the units of the parameters, sds in that of the objective, near its median."""
    outcome, fitted = belief.outcome, belief.fit
    names, hyperparameters, scaling = encoding.space.names, fitted.hyperparameters, outcome.scaling
    return {
        "objective": outcome.objective.name,
        "kernel": KERNEL,
        "lengthscales": _by_name(names, _along_axes(hyperparameters, encoding) * encoding.span),
        "directions": _directions_as_record(hyperparameters),
        "outputscale": hyperparameters.outputscale,
        "noise": hyperparameters.noise,
        "mean": hyperparameters.mean,
        "ageing": as_record(hyperparameters.ageing),
        "signal_sd": float(np.sqrt(hyperparameters.outputscale)) * scaling.scale * scaling.spread,
        "noise_sd": fitted.noise_sd * scaling.scale * scaling.spread,
        "uses_stated_sds": outcome.sds is not None,
        "outcome_transform": scaling.as_record(),
        "input_transform": {"low": _by_name(names, encoding.low), "span": _by_name(names, encoding.span)},
        "doubted": [number for number, is_doubted in zip(numbers, outcome.is_doubted, strict=True) if is_doubted],
        "n_train": len(numbers),
        "n_fitted": fitted.n_fitted,
        "n_cold": fitted.n_cold,
        "n_aged": fitted.n_aged,
        "was_refit": fitted.was_refit,
        **({} if fitted.counting is None else {"counting": fitted.counting}),
        **process_as_record(belief.process),
    }


def recorded(record: Mapping[str, Any], encoding: Encoding) -> Hyperparameters:
    """Return recorded hyperparameters in the unit cube and in standardised outcome units."""
    turn = record.get("directions")
    if turn is not None and len(turn["matrix"]) != len(encoding.groups):  # a category was fixed or released since
        turn = None
    return Hyperparameters(
        lengthscales=np.array([record["lengthscales"][name] for name in encoding.space.names]) / encoding.span
        if turn is None
        else np.array(turn["lengthscales"]),
        directions=None if turn is None else np.array(turn["matrix"]),
        outputscale=record["outputscale"],
        noise=record["noise"],
        mean=record["mean"],
        ageing=from_record(record.get("ageing")),
    )


def recorded_doubts(record: Mapping[str, Any], observations: Observations) -> np.ndarray:
    """Return which readings were doubted, shape (trials,), boolean."""
    return np.isin(observations.numbers, record["doubted"])


def _along_axes(hyperparameters: Hyperparameters, encoding: Encoding) -> np.ndarray:
    """Return the lengthscale along each parameter alone, in the unit cube, shape (parameters,)."""
    if hyperparameters.directions is None:
        return hyperparameters.lengthscales
    inverse = 1.0 / hyperparameters.lengthscales[encoding.groups]
    each = 1.0 / np.sqrt(((hyperparameters.directions * inverse) ** 2).sum(axis=1))
    return each[[int(np.argmax(encoding.groups == group)) for group in range(len(hyperparameters.lengthscales))]]


def _directions_as_record(hyperparameters: Hyperparameters) -> dict[str, Any] | None:
    directions = hyperparameters.directions
    return None if directions is None else {"matrix": directions.tolist(), "lengthscales": hyperparameters.lengthscales.tolist()}


def _by_name(names: tuple[str, ...], numbers: np.ndarray) -> dict[str, float]:
    return {name: float(number) for name, number in zip(names, numbers, strict=True)}
