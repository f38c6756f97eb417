"""Test functions that others published, kept from every choice made in an agent; over many points at once, as in ``functions``.

Formulas as in Surjanovic and Bingham, Virtual Library of Simulation Experiments, sfu.ca/~ssurjano, with the first source beside each.
"""

from collections.abc import Mapping

import numpy as np

from orchestrator.benchmarks.functions import HARTMANN_CENTRES, HARTMANN_HEIGHTS, HARTMANN_WIDTHS, Function


def forrester(rows: np.ndarray) -> np.ndarray:
    """Return Forrester's function on [0, 1]; its minimum is -6.020740.

    Source: Forrester, Sóbester and Keane, Engineering Design via Surrogate Modelling (2008).
    """
    return (6 * rows - 2) ** 2 * np.sin(12 * rows - 4)


def goldstein_price(rows: np.ndarray) -> np.ndarray:
    """Return Goldstein and Price's function on [-2, 2]², whose values span six decades; its minimum is 3.

    Source: Goldstein and Price, Mathematics of Computation 25, 569 (1971).
    """
    x, y = rows[:, 0], rows[:, 1]
    near = 1 + (x + y + 1) ** 2 * (19 - 14 * x + 3 * x**2 - 14 * y + 6 * x * y + 3 * y**2)
    far = 30 + (2 * x - 3 * y) ** 2 * (18 - 32 * x + 12 * x**2 + 48 * y - 36 * x * y + 27 * y**2)
    return (near * far)[:, None]


def drop_wave(rows: np.ndarray) -> np.ndarray:
    """Return the drop-wave function, rings around the origin; its minimum is -1."""
    squared = (rows**2).sum(axis=1)
    return -((1 + np.cos(12 * np.sqrt(squared))) / (0.5 * squared + 2))[:, None]


def mccormick(rows: np.ndarray) -> np.ndarray:
    """Return McCormick's function on [-1.5, 4] × [-3, 4]; its minimum is -1.913223.

    Source: Adorio, MVF, Multivariate Test Functions Library in C (2005).
    """
    x, y = rows[:, 0], rows[:, 1]
    return (np.sin(x + y) + (x - y) ** 2 - 1.5 * x + 2.5 * y + 1)[:, None]


def hartmann4(rows: np.ndarray) -> np.ndarray:
    """Return Hartmann's function with four of its six numbers, rescaled; its minimum is -3.134494.

    Source: Picheny, Wagner and Ginsbourger, Struct. Multidiscip. Optim. 48, 607 (2013).
    """
    distance = (HARTMANN_WIDTHS[:, :4] * (rows[:, None, :] - HARTMANN_CENTRES[:, :4]) ** 2).sum(axis=2)
    return ((1.1 - np.exp(-distance) @ HARTMANN_HEIGHTS) / 0.839)[:, None]


def colville(rows: np.ndarray) -> np.ndarray:
    """Return Colville's function of four numbers, a bent valley; its minimum is 0, where all are 1."""
    w, x, y, z = rows.T
    valleys = 100 * (w**2 - x) ** 2 + (w - 1) ** 2 + (y - 1) ** 2 + 90 * (y**2 - z) ** 2
    return (valleys + 10.1 * ((x - 1) ** 2 + (z - 1) ** 2) + 19.8 * (x - 1) * (z - 1))[:, None]


def rastrigin(rows: np.ndarray) -> np.ndarray:
    """Return Rastrigin's function in any number of dimensions, a bowl with ripples; its minimum is 0, at the origin."""
    return (10 + rows**2 - 10 * np.cos(2 * np.pi * rows)).sum(axis=1)[:, None]


def trid(rows: np.ndarray) -> np.ndarray:
    """Return the trid function of d numbers in [-d², d²], a bowl askew; its minimum is -d(d + 4)(d - 1)/6."""
    return (((rows - 1) ** 2).sum(axis=1) - (rows[:, 1:] * rows[:, :-1]).sum(axis=1))[:, None]


def cosine_mixture(rows: np.ndarray) -> np.ndarray:
    """Return the cosine mixture in any number of dimensions d, to be maximised; its maximum is d/10, at the origin.

    Source: Breiman and Cutler, Math. Program. 58, 179 (1993).
    """
    return (0.1 * np.cos(5 * np.pi * rows) - rows**2).sum(axis=1)[:, None]


def piston(rows: np.ndarray) -> np.ndarray:
    """Return a piston's cycle time, s, of its mass, kg, area, m², gas volume, m³, spring, N/m, pressure, Pa, and two temperatures, K.

    Source: Kenett and Zacks, Modern Industrial Statistics (1998).
    """
    mass, area, volume, spring, pressure, ambient, filling = rows.T
    held = pressure * volume * ambient / filling
    force = pressure * area + 19.62 * mass - spring * volume / area
    gas = area / (2 * spring) * (np.sqrt(force**2 + 4 * spring * held) - force)
    return (2 * np.pi * np.sqrt(mass / (spring + area**2 * held / gas**2)))[:, None]


def borehole(rows: np.ndarray) -> np.ndarray:
    """Return the flow of water through a borehole, m³/yr, of two radii, m, and of the aquifers above and below.

    Source: Harper and Gupta, ONWI-516 (1983).
    """
    radius, reach, upper, upper_head, lower, lower_head, length, conductivity = rows.T
    spread = np.log(reach / radius)
    resistance = 1 + 2 * length * upper / (spread * radius**2 * conductivity) + upper / lower
    return (2 * np.pi * upper * (upper_head - lower_head) / (spread * resistance))[:, None]


def wing_weight(rows: np.ndarray) -> np.ndarray:
    """Return a light aircraft's wing's weight, lb, of ten numbers of its design; the sweep in degrees.

    Source: Forrester, Sóbester and Keane, Engineering Design via Surrogate Modelling (2008).
    """
    area, fuel, aspect, sweep, dynamic, taper, thickness, load, gross, paint = rows.T
    cosine = np.cos(np.radians(sweep))
    shape = area**0.758 * fuel**0.0035 * (aspect / cosine**2) ** 0.6 * dynamic**0.006 * taper**0.04
    return (0.036 * shape * (100 * thickness / cosine) ** -0.3 * (load * gross) ** 0.49 + area * paint)[:, None]


HELD_OUT: Mapping[str, Function] = {
    "forrester": forrester,
    "goldstein-price": goldstein_price,
    "drop-wave": drop_wave,
    "mccormick": mccormick,
    "hartmann4": hartmann4,
    "colville": colville,
    "rastrigin": rastrigin,
    "trid": trid,
    "cosine-mixture": cosine_mixture,
    "piston": piston,
    "borehole": borehole,
    "wing-weight": wing_weight,
}
