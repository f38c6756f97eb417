"""Predictions against the textbook, and what the acquisition function prefers."""

import numpy as np
import pytest

from agents.bayesian.observations import Observations, Outcome
from agents.bayesian.surrogate import Hyperparameters
from orchestrator.testing.histories import YIELD

X = np.array([[0.1], [0.35], [0.6], [0.6], [0.9]])
Y = np.array([-1.0, 0.5, 1.5, 0.9, -0.8])
HYPERPARAMETERS = Hyperparameters(np.array([0.3]), outputscale=1.2, noise=0.1, mean=0.2)
NOWHERE = np.empty((0, 1))

pytestmark = pytest.mark.filterwarnings("ignore:A not p.d., added jitter")
"""At a measured point the objective is known from the joint draw, so its remaining variance is zero."""


def observations(*, pending: np.ndarray = NOWHERE, variances: np.ndarray | None = None) -> Observations:
    return Observations(X, (Outcome(YIELD, Y, variances, shift=0.0, scale=1.0),), pending)


def judge(*, pending: np.ndarray = NOWHERE, refused: np.ndarray = NOWHERE):
    from agents.bayesian.acquisition import Judge, Refusals, model_of

    seen = observations(pending=pending)
    model = model_of(seen, [HYPERPARAMETERS], np.array([0]))
    return Judge(model, seen, refusals=Refusals(refused, np.full(len(refused), 0.1)), weights=None, seed=0)


def matern(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    r = np.sqrt(5) * np.abs(one - other.T) / 0.3
    return 1.2 * (1 + r + r**2 / 3) * np.exp(-r)


@pytest.mark.parametrize("known", [0.0, 0.3])
def test_predictions_are_those_of_the_textbook(known: float) -> None:
    from agents.bayesian.acquisition import model_of, predict

    seen, new = observations(variances=np.full(5, known)), np.array([[0.2], [0.6], [3.0]])
    mean, sd = predict(model_of(seen, [HYPERPARAMETERS], np.array([0])), new)
    weights = matern(new, X) @ np.linalg.inv(matern(X, X) + (0.1 + known) * np.eye(5))
    assert mean[:, 0] == pytest.approx(0.2 + weights @ (Y - 0.2), rel=1e-5)
    assert sd[:, 0] ** 2 == pytest.approx(1.2 - np.einsum("ij,ij->i", weights, matern(new, X)), rel=1e-4)


def test_measuring_the_best_point_again_promises_less_than_measuring_beside_it() -> None:
    again, beside = judge().of_cube(np.array([[0.6], [0.5]]))
    assert again < beside - 2.0  # in logarithms


def test_a_pending_point_makes_its_neighbourhood_less_interesting() -> None:
    best = np.array([[0.5]])
    assert judge(pending=best).of_cube(best + 0.01) < judge().of_cube(best + 0.01) - 1.0


def test_a_refused_point_repels_and_distant_points_hardly_notice() -> None:
    here = np.array([[0.5], [0.52], [0.95]])
    change = judge(refused=here[:1]).of_cube(here) - judge().of_cube(here)
    assert change[0] < -50
    assert -10 < change[1] < -1
    assert change[2] == pytest.approx(0.0, abs=1e-3)


def test_the_scalarisation_prefers_balance() -> None:
    import torch

    from agents.bayesian.acquisition import scalarised

    even = torch.tensor([0.5, 0.5], dtype=torch.float64)
    balanced, lopsided = scalarised(torch.tensor([[1.0, 1.0], [2.0, 0.0]], dtype=torch.float64), even).tolist()
    assert balanced > lopsided
