"""The Nelder–Mead simplex."""

from itertools import pairwise

import numpy as np
import pytest
from pydantic import ValidationError
from scipy.optimize import minimize

from agents.nelder_mead import NelderMeadAgent
from agents.rows import rows_of
from orchestrator.domain.base import Point
from orchestrator.domain.campaign import TrialStatus
from orchestrator.domain.history import History
from orchestrator.domain.records import Objective, Suggestion, TrialKind
from orchestrator.domain.space import Categorical, Continuous, LinearConstraint, Space
from orchestrator.testing.agent_cases import SPACES
from orchestrator.testing.histories import YIELD, empty_history, extended, played

SQUARE = Space(parameters={"x": Continuous(limits=(0, 1)), "y": Continuous(limits=(0, 1))})


def simplex(**settings: float) -> NelderMeadAgent:
    return NelderMeadAgent(NelderMeadAgent.Settings.model_validate(settings))


def valley(point: Point) -> float:
    """Return a bent ridge's height; its top is at (0.7, 0.4)."""
    x, y = float(point["x"]), float(point["y"])
    return -((x - 0.7) ** 2) - 5 * (y - 0.4 - 0.3 * (x - 0.7)) ** 2


def rows(history: History) -> np.ndarray:
    return rows_of(history.space, list(history.suggested_points()))


@pytest.mark.parametrize("seed", range(3))
def test_it_takes_the_steps_that_scipy_takes(seed: int) -> None:
    ours = rows(played(simplex(smallest=1e-6), empty_history(SQUARE, seed=seed), valley, 30))
    theirs: list[np.ndarray] = []
    minimize(
        lambda x: (theirs.append(x.copy()), -valley({"x": x[0], "y": x[1]}))[1],
        ours[0],
        method="Nelder-Mead",
        bounds=[(0, 1)] * 2,
        options={"initial_simplex": ours[:3], "maxfev": 30, "xatol": 0, "fatol": 0},
    )
    np.testing.assert_allclose(ours, theirs[:30], atol=1e-9)


def test_it_finds_the_top_of_a_bent_ridge_and_then_looks_elsewhere() -> None:
    history = played(simplex(), empty_history(SQUARE), valley, 70)
    best = max(valley(point) for point in history.suggested_points())
    assert best > -1e-3
    assert sum(trial.evidence.reason.startswith("corner 1 of 3 of a new simplex") for trial in history.trials) > 1


def test_a_vetoed_point_counts_as_the_worst() -> None:
    history = empty_history(SQUARE)
    for value in (3.0, 2.0):
        history = extended(history, simplex().ask(history), value)
    history = extended(history, simplex().ask(history), TrialStatus.VETOED)
    reflected = rows_of(SQUARE, [simplex().ask(history).point])[0]
    corners = rows(history)
    np.testing.assert_allclose(reflected, np.clip(corners[0] + corners[1] - corners[2], 0, 1))


def test_while_a_point_is_awaited_the_others_of_its_step_are_measured() -> None:
    history = played(simplex(), empty_history(SQUARE, seed=3), valley, 3)
    first = simplex().ask(history)
    second = simplex().ask(extended(history, first))
    assert "may be needed next" in second.evidence.reason
    ready = extended(extended(history, first, valley(first.point)), second, valley(second.point))
    assert simplex().ask(ready).point not in (first.point, second.point)


def test_a_first_simplex_begins_at_the_best_point_that_is_known_already() -> None:
    history = empty_history(SQUARE)
    for x, value in ((0.2, 1.0), (0.6, 5.0), (0.9, 2.0)):
        history = extended(history, Suggestion(point={"x": x, "y": 0.5}), value, kind=TrialKind.HUMAN)
    after = played(simplex(), history, valley, 2)
    np.testing.assert_allclose(rows(after)[3:] - [0.6, 0.5], [[-0.25, 0], [0, -0.25]])


def test_corners_that_differ_by_less_than_their_scatter_are_flat() -> None:
    history = empty_history(SQUARE)
    for value in (1.0, 1.2, 0.9):
        history = extended(history, simplex().ask(history), value, sd=0.5)
    assert simplex().ask(history).evidence.reason == "corner 1 of 3 of a new simplex"


def test_on_a_composition_every_point_adds_up() -> None:
    space = SPACES["composition"]
    history = played(simplex(), empty_history(space), lambda point: -((float(point["Fe"]) - 0.6) ** 2) - float(point["Ga"]), 30)
    assert rows(history).sum(axis=1) == pytest.approx(1.0)
    assert max(float(point["Fe"]) for point in history.suggested_points()) > 0.5


def test_in_a_filter_it_stays_until_the_next_simplex() -> None:
    space = Space(parameters={"filter": Categorical(values=("Al", "Cu", "Ni")), "x": Continuous(limits=(0, 1))})
    history = played(simplex(), empty_history(space), lambda point: float(point["x"]), 40)
    starts = [index for index, trial in enumerate(history.trials) if trial.evidence.reason.startswith("corner 1 ")]
    filters = [point["filter"] for point in history.suggested_points()]
    assert len(starts) > 2
    assert all(len(set(filters[one:other])) == 1 for one, other in pairwise(starts))


def test_two_objectives_count_the_same_whatever_their_units() -> None:
    cost = Objective(name="cost", goal="minimise", unit="mm")
    space, scores = SQUARE, {"x": 1.0, "y": 1e6}
    history = empty_history(space, (YIELD, cost))
    for _ in range(40):
        suggestion = simplex().ask(history)
        values = {
            "yield": -abs(float(suggestion.point["x"]) - 0.3) * scores["x"],
            "cost": abs(float(suggestion.point["y"]) - 0.8) * scores["y"],
        }
        history = extended(history, suggestion, values)
    assert np.abs(rows(history) - [0.3, 0.8]).max(axis=1).min() < 0.05


def test_a_wall_that_cuts_the_square_is_kept() -> None:
    space = SQUARE.model_copy(update={"constraints": (LinearConstraint(weights={"x": 1, "y": 1}, upper=1.0),)})
    history = played(simplex(), empty_history(space), lambda point: float(point["x"]) + float(point["y"]), 30)
    assert rows(history).sum(axis=1).max() <= 1.0 + 1e-9
    assert rows(history).sum(axis=1).max() > 0.95


def test_a_simplex_without_size_is_refused() -> None:
    with pytest.raises(ValidationError, match="greater than 0"):
        simplex(size=0)
