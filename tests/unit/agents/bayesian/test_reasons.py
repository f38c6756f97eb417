"""What is said of a point between several objectives."""

import numpy as np
import pytest

from agents.bayesian.observations import Outcome
from agents.bayesian.reasons import comparison_of_several
from agents.bayesian.scaling import Scaling
from orchestrator.domain.records import Objective, Prediction

FLUX = Objective(name="flux", goal="maximise")
WIDTH = Objective(name="width", goal="minimise")
READ = [(1.0, 1.0), (2.0, 2.0), (2.0, 2.0), (0.5, 3.0)]
"""Flux and width; the last is outdone, and two are the same."""


def outcome(objective: Objective, scores: list[float]) -> Outcome:
    values = np.array(scores)
    return Outcome(
        objective, values, None, Scaling.of(values, 1.0 if objective.goal == "maximise" else -1.0), np.zeros(len(values), dtype=bool)
    )


@pytest.mark.parametrize(
    ("flux", "width", "kept", "said"),
    [
        (3.0, 1.5, [True] * 4, "which would outdo 1 of the 2 best trade-offs so far"),
        (3.0, 0.5, [True] * 4, "which would outdo 2 of the 2 best trade-offs so far"),
        (3.0, 3.0, [True] * 4, "which would add to the 2 best trade-offs so far"),
        (0.9, 1.5, [True] * 4, "uncertain enough to add to the 2 best trade-offs so far"),
        (3.0, 2.5, [False, False, False, True], "which would outdo the best trade-off so far"),
        (3.0, 2.5, [False] * 4, "and nothing measured so far keeps the limits"),
    ],
)
def test_what_is_expected_is_compared_with_the_measurements_that_none_outdoes(
    flux: float, width: float, kept: list[bool], said: str
) -> None:
    outcomes = [outcome(FLUX, [flux for flux, _ in READ]), outcome(WIDTH, [width for _, width in READ])]
    predicted = {"flux": Prediction(mean=flux, sd=0.1), "width": Prediction(mean=width, sd=0.1)}
    assert comparison_of_several(outcomes, predicted, np.array(kept)) == said
