"""Along which directions the signal changes: seldom the motors' own.

Two motors that undo each other, such as a mirror's pitch and its height, make a narrow ridge across both axes. No
lengthscale along either axis describes it; along the ridge and across it two do. A first guess are the eigenvectors of
the model's mean squared gradient (active subspaces: Constantine, Dow and Wang, SIAM J. Sci. Comput. 36, A1500 (2014));
then directions and hyperparameters descend together, the rotation as Cayley's transform of a skew matrix.
"""

from dataclasses import dataclass

import numpy as np

from agents.bayesian.kernel import covariance_and_slope, gradient_of_shared
from agents.bayesian.process import Process
from agents.bayesian.surrogate import Hyperparameters, Problem, from_log, log_bounds, loss_and_pull, with_mean

_MAX_ITERATIONS = 40
_MOST_TURN = 2.0
"""Of a skew matrix's entries: 1.6 radians between two directions, so that any may be reached in one or two fits."""


def steepest(process: Process, is_number: np.ndarray) -> np.ndarray:
    """Return orthogonal directions, one per column, shape (columns, columns), the steepest last; categories stay as they are.

    Args:
        process: What is believed.
        is_number: Which columns belong to numbers, shape (columns,).
    """
    slopes = _slopes(process)[:, is_number]
    return _among_numbers(np.linalg.eigh(slopes.T @ slopes)[1], is_number)


def fit_directions(problem: Problem, is_number: np.ndarray, start: Hyperparameters) -> tuple[Hyperparameters, float]:
    """Return the most probable hyperparameters and directions, and minus the log of their likelihood times priors.

    Args:
        problem: Along the directions to start from.
        is_number: Which columns belong to numbers, shape (columns,).
        start: Hyperparameters along the same directions.
    """
    from scipy.optimize import minimize

    likelihood = Turning(problem, is_number)
    limits = np.vstack([log_bounds(problem), np.tile([-_MOST_TURN, _MOST_TURN], (likelihood.n_angles, 1))])
    begin = np.clip(np.append(start.as_log(), np.zeros(likelihood.n_angles)), *limits.T)
    end = minimize(likelihood.loss, begin, jac=True, method="L-BFGS-B", bounds=limits, options={"maxiter": _MAX_ITERATIONS})
    logs, skew = likelihood.split(end.x)
    found = problem.along(likelihood.directions(skew))
    return with_mean(found, from_log(found, logs)), float(end.fun)


@dataclass(frozen=True, slots=True)
class Turning:
    """A likelihood by hyperparameters and by how far the directions turn."""

    problem: Problem
    is_number: np.ndarray

    @property
    def n_angles(self) -> int:
        n = int(self.is_number.sum())
        return n * (n - 1) // 2

    def split(self, parameters: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the logs of the hyperparameters, and half the skew matrix whose transform is the rotation."""
        n, n_numbers = len(parameters) - self.n_angles, int(self.is_number.sum())
        half = np.zeros((n_numbers, n_numbers))
        half[np.triu_indices(n_numbers, 1)] = parameters[n:] / 2.0
        return parameters[:n], half - half.T

    def directions(self, skew: np.ndarray) -> np.ndarray:
        return _so_far(self.problem) @ _among_numbers(_cayley(skew), self.is_number)

    def loss(self, parameters: np.ndarray) -> tuple[float, np.ndarray]:
        """Return minus the log of likelihood times priors, and its gradient.

        With squared scaled distances as sums over coordinates along the directions, the slope by these is that of a graph
        Laplacian; by the rotation Q = (1 − S)⁻¹ (1 + S) it follows from dQ = (1 − S)⁻¹ dS (1 + Q).
        """
        logs, skew = self.split(parameters)
        turned = self.problem.along(self.directions(skew))
        value, gradient, pull = loss_and_pull(turned, logs)
        lengthscales = np.exp(logs)[turned.groups]
        by_place = -2.0 * (pull.sum(axis=1)[:, None] * turned.turned_cube - pull @ turned.turned_cube) / lengthscales**2
        numbers = np.ix_(self.is_number, self.is_number)
        by_rotation = (self.problem.turned_cube.T @ by_place)[numbers]
        one = np.eye(len(skew))
        by_skew = np.linalg.solve((one - skew).T, by_rotation @ (one + _cayley(skew)).T) / 2.0
        return value, np.append(gradient, (by_skew - by_skew.T)[np.triu_indices(len(skew), 1)])


def _cayley(skew: np.ndarray) -> np.ndarray:
    """Return a rotation from half a skew matrix."""
    one = np.eye(len(skew))
    return np.linalg.solve(one - skew, one + skew)


def _so_far(problem: Problem) -> np.ndarray:
    return np.eye(problem.cube.shape[1]) if problem.directions is None else problem.directions


def _among_numbers(rotation: np.ndarray, is_number: np.ndarray) -> np.ndarray:
    whole = np.eye(len(is_number))
    whole[np.ix_(is_number, is_number)] = rotation
    return whole


def _slopes(process: Process) -> np.ndarray:
    """Return the gradient of the mean where readings were taken, shape (readings, columns)."""
    hyperparameters, places = process.hyperparameters, process.places
    slope = covariance_and_slope(places, places, process.groups, hyperparameters)[1]
    pull = process.weights * slope * hyperparameters.ageing.share(process.ages)
    return gradient_of_shared(pull, places, places, process.groups, hyperparameters)
