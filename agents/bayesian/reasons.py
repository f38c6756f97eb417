"""Why this point, in one sentence for a person."""

from collections.abc import Mapping, Sequence

import numpy as np

from agents.bayesian.ageing import Drifting, Forgetting
from agents.bayesian.belief import Belief
from agents.bayesian.honesty import Excess
from agents.bayesian.observations import Observations, Outcome
from agents.encoding import Encoding
from orchestrator.domain.dominance import undominated
from orchestrator.domain.records import Prediction
from orchestrator.wording.numbers import show_number, show_roughly

_WORTH_NAMING = 0.1
"""Share of a direction below which a parameter hardly takes part in it."""
_WORTH_WIDENING = 1.15
"""Excess from which it is mentioned."""


def reason(
    encoding: Encoding,
    observations: Observations,
    beliefs: Sequence[Belief],
    predicted: Mapping[str, Prediction],
    *,
    kept: np.ndarray,
    believed: float | None,
    direction: str,
    excesses: Sequence[Excess],
) -> str:
    """Return what is expected, how that compares, and what else a person should know of the model.

    Args:
        encoding: Of the space.
        observations: What the model learned from.
        beliefs: One per objective.
        predicted: Of the chosen point, by objective.
        kept: Which readings keep the limits, shape (readings,), boolean.
        believed: What the best measured place is believed to be worth, where that is to be compared with, not the highest reading.
        direction: The parameter along which the prediction is least certain.
        excesses: By how much predictions were widened and why, one per objective.
    """
    outcomes = [belief.outcome for belief in beliefs]
    said = _sentence(outcomes, predicted, kept, believed)
    least_certain = f"; least certain direction: {direction}" if len(encoding.space.names) > 1 else ""
    return f"{said}{least_certain}{_directions(encoding, beliefs)}{_doubts(observations, beliefs)}{_widened(excesses)}{_age(beliefs)}"


def _sentence(outcomes: Sequence[Outcome], predicted: Mapping[str, Prediction], kept: np.ndarray, believed: float | None) -> str:
    """Return one sentence for a person. The highest of short exposures is mostly luck: there, what is believed best is compared with."""
    if len(outcomes) == 1:
        return f"{_expectation(outcomes[0], predicted)}, {_comparison(outcomes[0], predicted, kept, believed)}"
    each = ", ".join(f"{outcome.objective.name} {_expectation(outcome, predicted)}" for outcome in outcomes)
    return f"{each}, {comparison_of_several(outcomes, predicted, kept)}"


def _expectation(outcome: Outcome, predicted: Mapping[str, Prediction]) -> str:
    prediction = predicted[outcome.objective.name]
    return f"expected {show_number(prediction.mean, prediction.sd, outcome.objective.unit)}"


def _comparison(outcome: Outcome, predicted: Mapping[str, Prediction], kept: np.ndarray, believed: float | None) -> str:
    if not kept.any():
        return "and nothing measured so far keeps the limits"
    sign = outcome.scaling.sign
    best = sign * float((sign * outcome.scores[kept]).max()) if believed is None else believed
    which = "the best so far" if believed is None else "what is believed best"
    gain = sign * (predicted[outcome.objective.name].mean - best)
    if gain > 0:
        return f"{show_roughly(gain, outcome.objective.unit)} better than {which}"
    return f"uncertain enough to beat {which}, {show_number(best, unit=outcome.objective.unit)}"


def comparison_of_several(outcomes: Sequence[Outcome], predicted: Mapping[str, Prediction], kept: np.ndarray) -> str:
    """Return how what is expected compares with the measurements that none outdoes in all objectives."""
    if not kept.any():
        return "and nothing measured so far keeps the limits"
    measured = np.column_stack([outcome.scaling.sign * outcome.scores[kept] for outcome in outcomes])
    expected = np.array([outcome.scaling.sign * predicted[outcome.objective.name].mean for outcome in outcomes])
    front = np.unique(measured[undominated(measured)], axis=0)
    known = f"the {len(front)} best trade-offs so far" if len(front) > 1 else "the best trade-off so far"
    if n_outdone := int((expected >= front).all(axis=1).sum()):
        return f"which would outdo {f'{n_outdone} of ' if len(front) > 1 else ''}{known}"
    if (front >= expected).all(axis=1).any():
        return f"uncertain enough to add to {known}"
    return f"which would add to {known}"


def _directions(encoding: Encoding, beliefs: Sequence[Belief]) -> str:
    """Return a clause on the direction in which the signal changes fastest; empty where the model looks along the axes."""
    hyperparameters = beliefs[0].fit.hyperparameters
    if hyperparameters.directions is None:
        return ""
    steepest = hyperparameters.directions[:, int(np.argmin(hyperparameters.lengthscales[encoding.groups]))]
    shares = {name: steepest[encoding.groups == index][0] for index, name in enumerate(encoding.space.names)}
    named = ", ".join(f"{share:+.2g} {name}" for name, share in shares.items() if abs(share) >= _WORTH_NAMING)
    return f"; changes fastest along {named} (shares of their ranges)"


def _age(beliefs: Sequence[Belief]) -> str:
    """Return a clause on what becomes of readings with age; empty where that is nothing."""
    if len(beliefs) > 1:
        return ""
    [belief] = beliefs
    ageing, outcome = belief.fit.hyperparameters.ageing, belief.outcome
    if isinstance(ageing, Drifting):
        size = float(np.sqrt(ageing.offset)) * outcome.scaling.scale * outcome.scaling.spread
        return f"; the readings drift, by about {show_roughly(size, outcome.objective.unit)} in {ageing.pace:.0f} trials"
    if isinstance(ageing, Forgetting):
        return f"; what is measured changes: readings are forgotten in about {ageing.memory:.0f} trials"
    return ""


def _doubts(observations: Observations, beliefs: Sequence[Belief]) -> str:
    """Return a clause that names the trials whose readings the others contradict; empty when there are none."""
    is_doubted = np.any([belief.outcome.is_doubted for belief in beliefs], axis=0)
    numbers = [str(number) for number, doubt in zip(observations.numbers, is_doubted, strict=True) if doubt]
    return f"; doubts the reading of trial {', '.join(numbers)}, which the others contradict" if numbers else ""


def _widened(excesses: Sequence[Excess]) -> str:
    """Return a clause that says how much wider predictions are said to be, where the campaign's own misses are why; empty otherwise."""
    most = max((each.factor for each in excesses if each.is_seen), default=1.0)
    return f"; widened {most:.1f}-fold, as earlier predictions missed by that much more than they said" if most >= _WORTH_WIDENING else ""
