"""Decisions between objectives."""

import numpy as np
import pytest

from agents.bayesian.process import condition
from agents.bayesian.refusals import Refusals
from agents.bayesian.surrogate import Hyperparameters

X = np.linspace(0, 1, 6)[:, None]
NOWHERE = np.empty((0, 1))

pytestmark = pytest.mark.filterwarnings("ignore:A not p.d., added jitter")
"""At a measured point the objectives are known from the joint draw, so that their remaining variance is zero."""

HYPERPARAMETERS = Hyperparameters(np.array([0.4]), outputscale=1.0, noise=0.01)


def gain(n_objectives: int, pending: np.ndarray = NOWHERE):
    """Return what ranks points where the first objective rises and the others fall."""
    from agents.bayesian.acquisition import JointImprovement

    slopes = [2.0] + [-2.0] * (n_objectives - 1)
    processes = [condition(HYPERPARAMETERS, np.array([0]), X, slope * (X[:, 0] - 0.5), np.zeros(6)) for slope in slopes]
    return JointImprovement(processes, pending, factor=Refusals(NOWHERE, np.empty(0)), rng=np.random.default_rng(0))


@pytest.mark.parametrize(("n", "name"), [(2, "noisy expected hypervolume improvement"), (4, "noisy expected improvement of one weighing")])
def test_a_gap_in_the_trade_off_is_worth_more_than_a_known_point(n: int, name: str) -> None:
    function = gain(n)
    known, between = function.of_cube(np.array([[0.4], [0.5]]))
    assert function.name.startswith(name)
    assert np.isfinite([known, between]).all()
    assert n > 2 or between > known


def test_the_gradient_is_that_of_the_value() -> None:
    function, cube, step = gain(2), np.array([[0.33], [0.71]]), 1e-5
    values, gradient = function.value_and_gradient(cube)
    assert values == pytest.approx(function.of_cube(cube))
    slope = (function.of_cube(cube + step) - function.of_cube(cube - step)) / (2 * step)
    assert gradient[:, 0] == pytest.approx(slope, rel=1e-2, abs=1e-3)


def test_a_pending_point_makes_its_neighbourhood_less_interesting() -> None:
    here = np.array([[0.5]])
    assert gain(2, here).of_cube(here + 0.005) < gain(2).of_cube(here + 0.005) - 0.5


def test_nothing_is_compiled_when_it_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    from torch.utils import cpp_extension

    def compile_it(*_args: object, **_settings: object) -> None:
        raise AssertionError("a kernel was compiled in the middle of a campaign")

    monkeypatch.setattr(cpp_extension, "load", compile_it)
    gain(2).of_cube(X)


def test_the_scalarisation_prefers_balance() -> None:
    import torch

    from agents.bayesian.acquisition import scalarised

    even = torch.tensor([0.5, 0.5], dtype=torch.float64)
    balanced, lopsided = scalarised(torch.tensor([[1.0, 1.0], [2.0, 0.0]], dtype=torch.float64), even).tolist()
    assert balanced > lopsided
