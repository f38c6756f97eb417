"""What a model expects of ranked points, as evidence and in words."""

from collections.abc import Mapping, Sequence

import numpy as np

from agents.bayesian.observations import Outcome
from agents.bayesian.search import Ranked
from agents.rows import with_proper_types
from orchestrator.domain.records import Prediction, RunnerUp
from orchestrator.domain.space import Space
from orchestrator.wording.numbers import show_number


def predictions(outcomes: Sequence[Outcome], means: np.ndarray, sds: np.ndarray) -> list[Mapping[str, Prediction]]:
    """Return predictions by objective, in its unit, from standardised means and sds, each of shape (points, objectives)."""
    intervals = [outcome.scaling.interval(means[:, index], sds[:, index]) for index, outcome in enumerate(outcomes)]
    return [
        {
            outcome.objective.name: Prediction(mean=float(middles[row]), sd=float(half_widths[row]))
            for outcome, (middles, half_widths) in zip(outcomes, intervals, strict=True)
        }
        for row in range(len(means))
    ]


def expectations(outcomes: Sequence[Outcome], predicted: Mapping[str, Prediction]) -> str:
    """Return what is expected of each objective, in words."""
    parts = []
    for outcome in outcomes:
        prediction = predicted[outcome.objective.name]
        name = f"{outcome.objective.name} " if len(outcomes) > 1 else ""
        parts.append(f"{name}{show_number(prediction.mean, prediction.sd, outcome.objective.unit)}")
    return ", ".join(parts)


def runners_up(space: Space, ranked: Ranked, predicted: Sequence[Mapping[str, Prediction]]) -> tuple[RunnerUp, ...]:
    """Return all ranked points but the first, with what was expected of them."""
    return tuple(
        RunnerUp(point=with_proper_types(space, point), predicted=prediction, acquisition=float(value))
        for point, prediction, value in zip(ranked.points[1:], predicted[1:], ranked.values[1:], strict=True)
    )
