"""Why this point: predictions in the objective's unit, what spoke for it, and what nearly won. Works on plain arrays."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from agents.bayesian.acquisition import predict
from agents.bayesian.fitting import Fit, record
from agents.bayesian.observations import Observations, Outcome
from agents.bayesian.search import Ranked
from agents.encoding import Encoding
from agents.rows import choices, rows_of, with_proper_types
from orchestrator.domain.records import Acquisition, Evidence, Prediction, RunnerUp
from orchestrator.domain.space import Continuous, Parameter

_N_ALONG = 9
"""Positions along each parameter at which the model is asked how sure it is."""


def explain(
    encoding: Encoding,
    observations: Observations,
    fits: Sequence[Fit],
    model: Any,
    ranked: Ranked,
    *,
    acquisition: str,
    weights: np.ndarray | None,
) -> Evidence:
    """Return the evidence for a decision.

    Args:
        encoding: Of the space.
        observations: What the model learned from.
        fits: One per objective.
        model: The BoTorch model.
        ranked: The chosen point and its runners-up.
        acquisition: The name of what ranked them.
        weights: Of the objectives, shape (objectives,); None when there is only one.
    """
    outcomes = observations.outcomes
    means, sds = predict(model, ranked.cube)
    noise_sds = [
        None if outcome.variances is not None else fitted.noise_sd * outcome.scale for fitted, outcome in zip(fits, outcomes, strict=True)
    ]
    predicted = [_predictions(outcomes, mean, sd, noise_sds) for mean, sd in zip(means, sds, strict=True)]
    parts = _improvement_parts(outcomes[0], model, observations, float(means[0, 0]), float(sds[0, 0])) if len(outcomes) == 1 else {}
    runners_up = tuple(
        RunnerUp(point=with_proper_types(encoding.space, point), predicted=prediction, acquisition=float(value))
        for point, prediction, value in zip(ranked.points[1:], predicted[1:], ranked.values[1:], strict=True)
    )
    return Evidence(
        reason=_reason(outcomes, predicted[0], least_certain_direction(encoding, model, ranked), weights),
        predicted=predicted[0],
        acquisition=Acquisition(name=acquisition, value=float(ranked.values[0]), parts=parts),
        runners_up=runners_up,
        model=_model_record(encoding, observations, fits, weights),
    )


def least_certain_direction(encoding: Encoding, model: Any, ranked: Ranked) -> str:
    """Return the parameter along whose whole range, the others staying, the prediction is least certain on average."""
    space = encoding.space
    row = rows_of(space, ranked.points[:1])[0]
    along = {name: _along(parameter, encoding, index) for index, (name, parameter) in enumerate(space.parameters.items())}
    rows = np.repeat(row[None, :], sum(len(numbers) for numbers in along.values()), axis=0)
    start, owners = 0, []
    for index, (name, numbers) in enumerate(along.items()):
        rows[start : start + len(numbers), index] = numbers
        start += len(numbers)
        owners += [name] * len(numbers)
    sds = predict(model, encoding.of_rows(rows))[1].sum(axis=1)
    return max(along, key=lambda name: float(sds[np.array(owners) == name].mean()))


def _along(parameter: Parameter, encoding: Encoding, index: int) -> np.ndarray:
    """Return values spread over one parameter's range."""
    numbers = None if isinstance(parameter, Continuous) else choices(parameter)
    if numbers is None:
        return encoding.low[index] + np.linspace(0.0, 1.0, _N_ALONG) * encoding.span[index]
    return numbers[np.unique(np.linspace(0, len(numbers) - 1, _N_ALONG).round().astype(int))]


def _predictions(
    outcomes: Sequence[Outcome], means: np.ndarray, sds: np.ndarray, noise_sds: Sequence[float | None]
) -> dict[str, Prediction]:
    return {
        outcome.objective.name: Prediction(mean=outcome.in_unit(float(mean)), sd=outcome.scale * float(sd), noise_sd=noise_sd)
        for outcome, mean, sd, noise_sd in zip(outcomes, means, sds, noise_sds, strict=True)
    }


def _improvement_parts(outcome: Outcome, model: Any, observations: Observations, mean: float, sd: float) -> dict[str, float]:
    """Split expected improvement over the best point as the model sees it, in the objective's unit.

    The two parts, promise (mean − best)·Φ(z) and ignorance sd·φ(z) with z = (mean − best) / sd, add up to it
    (Jones, Schonlau and Welch, J. Global Optimization 13, 455 (1998), eq. 15).
    """
    from scipy.special import ndtr

    best = float(predict(model, observations.cube)[0].max())
    z = (mean - best) / max(sd, 1e-12)
    return {
        "exploit": outcome.scale * (mean - best) * float(ndtr(z)),
        "explore": outcome.scale * sd * float(np.exp(-z * z / 2) / np.sqrt(2 * np.pi)),
    }


def _reason(outcomes: Sequence[Outcome], predicted: Mapping[str, Prediction], direction: str, weights: np.ndarray | None) -> str:
    """Return one sentence for a person."""
    if weights is None:
        return f"{_expectation(outcomes[0], predicted)}, {_comparison(outcomes[0], predicted)}; least certain direction: {direction}"
    each = ", ".join(
        f"{outcome.objective.name} {_expectation(outcome, predicted)} (weight {weight:.2f})"
        for outcome, weight in zip(outcomes, weights, strict=True)
    )
    return f"{each}; least certain direction: {direction}"


def _expectation(outcome: Outcome, predicted: Mapping[str, Prediction]) -> str:
    prediction = predicted[outcome.objective.name]
    return f"expected {prediction.mean:.3g} ± {prediction.sd:.2g}{_unit(outcome)}"


def _comparison(outcome: Outcome, predicted: Mapping[str, Prediction]) -> str:
    best = outcome.in_unit(float(outcome.values.max()))
    gain = outcome.sign * (predicted[outcome.objective.name].mean - best)
    if gain > 0:
        return f"{gain:.2g}{_unit(outcome)} better than the best so far"
    return f"uncertain enough to beat the best so far, {best:.3g}{_unit(outcome)}"


def _unit(outcome: Outcome) -> str:
    return f" {outcome.objective.unit}" if outcome.objective.unit else ""


def _model_record(encoding: Encoding, observations: Observations, fits: Sequence[Fit], weights: np.ndarray | None) -> dict[str, Any]:
    records = [record(fit, outcome, encoding, observations.n) for fit, outcome in zip(fits, observations.outcomes, strict=True)]
    if weights is None:
        return records[0]
    by_name = {record["objective"]: {**record, "weight": float(weight)} for record, weight in zip(records, weights, strict=True)}
    return {**records[0], "objectives": by_name}
