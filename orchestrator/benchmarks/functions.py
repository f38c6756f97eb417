"""Test functions that others published, over many points at once.

Each takes rows of shape (points, parameters), a category as its index, and returns values of shape (points, objectives).
"""

from collections.abc import Callable, Mapping

import numpy as np

Function = Callable[[np.ndarray], np.ndarray]

HARTMANN_HEIGHTS = np.array([1.0, 1.2, 3.0, 3.2])
HARTMANN_WIDTHS = np.array(
    [
        [10, 3, 17, 3.5, 1.7, 8],
        [0.05, 10, 17, 0.1, 8, 14],
        [3, 3.5, 1.7, 10, 17, 8],
        [17, 8, 0.05, 10, 0.1, 14],
    ]
)
HARTMANN_CENTRES = 1e-4 * np.array(
    [
        [1312, 1696, 5569, 124, 8283, 5886],
        [2329, 4135, 8307, 3736, 1004, 9991],
        [2348, 1451, 3522, 2883, 3047, 6650],
        [4047, 8828, 8732, 5743, 1091, 381],
    ]
)


def branin(rows: np.ndarray) -> np.ndarray:
    """Return Branin's function on [-5, 10] × [0, 15]; three minima of 0.397887.

    Source: Dixon and Szegő, Towards Global Optimisation 2 (1978).
    """
    x, y = rows[:, 0], rows[:, 1]
    bowl = y - 5.1 * x**2 / (4 * np.pi**2) + 5 * x / np.pi - 6
    return (bowl**2 + 10 * (1 - 1 / (8 * np.pi)) * np.cos(x) + 10)[:, None]


def hartmann6(rows: np.ndarray) -> np.ndarray:
    """Return Hartmann's function on the six-dimensional unit cube; its minimum is -3.322368.

    Source: Dixon and Szegő, Towards Global Optimisation 2 (1978).
    """
    distance = (HARTMANN_WIDTHS * (rows[:, None, :] - HARTMANN_CENTRES) ** 2).sum(axis=2)
    return -(np.exp(-distance) @ HARTMANN_HEIGHTS)[:, None]


def ackley(rows: np.ndarray) -> np.ndarray:
    """Return Ackley's function in any number of dimensions; its minimum is 0, at the origin.

    Source: Ackley, A Connectionist Machine for Genetic Hillclimbing (1987); a = 20, b = 0.2, c = 2π.
    """
    far = -20 * np.exp(-0.2 * np.sqrt((rows**2).mean(axis=1)))
    ripples = -np.exp(np.cos(2 * np.pi * rows).mean(axis=1))
    return (far + ripples + 20 + np.e)[:, None]


def branin_currin(rows: np.ndarray) -> np.ndarray:
    """Return Branin's and Currin's functions on the unit square, both to be minimised.

    Source: Belakaria, Deshwal and Doppa, NeurIPS 2019, with Currin's as in Surjanovic and Bingham's library.
    """
    x, y = rows[:, 0], rows[:, 1]
    rises = 1 - np.exp(-1 / (2 * np.maximum(y, 1e-12)))
    currin = rises * (2300 * x**3 + 1900 * x**2 + 2092 * x + 60) / (100 * x**3 + 500 * x**2 + 4 * x + 20)
    return np.column_stack([branin(np.column_stack([15 * x - 5, 15 * y])), currin])


def choice_of_surfaces(rows: np.ndarray) -> np.ndarray:
    """Return Func-3C with its third choice made a whole number: two categories, an integer and two numbers in [-1, 1].

    The categories choose Rosenbrock's, the six-hump camel's or Beale's function, added up; the integer says how many more
    six-hump camels are added. Func-3C's third choice adds five, and so the minimum is Func-3C's, -0.722139.

    Source: Ru et al., Bayesian optimisation over multiple continuous and categorical inputs, ICML 2020, section 5.1.
    """
    x, y = 2 * rows[:, 3], 2 * rows[:, 4]
    surfaces = np.column_stack([_rosenbrock(x, y), _camel(x, y), _beale(x, y)])
    each = np.arange(len(rows))
    first, second = rows[:, 0].astype(int), rows[:, 1].astype(int)
    return (surfaces[each, first] + surfaces[each, second] + rows[:, 2] * surfaces[:, 1])[:, None]


def _rosenbrock(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return (100 * (y - x**2) ** 2 + (x - 1) ** 2) / 300


def _camel(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return ((4 - 2.1 * x**2 + x**4 / 3) * x**2 + x * y + (4 * y**2 - 4) * y**2) / 10


def _beale(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return ((1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2) / 50


FUNCTIONS: Mapping[str, Function] = {
    "branin": branin,
    "hartmann6": hartmann6,
    "ackley": ackley,
    "branin-currin": branin_currin,
    "choice-of-surfaces": choice_of_surfaces,
}
