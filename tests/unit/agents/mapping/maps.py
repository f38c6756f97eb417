"""Small maps with known truths, and campaigns over them."""

from collections.abc import Callable
from functools import cache

import numpy as np

from agents.mapping import MappingAgent
from orchestrator.domain.base import Point
from orchestrator.domain.history import History
from orchestrator.domain.space import Continuous, Space
from orchestrator.testing.histories import empty_history, extended

SQUARE = {name: Continuous(limits=(0.0, 10.0)) for name in ("x", "y")}
PLANE = Space(parameters=SQUARE)
GRID = tuple({"x": x / 2.0, "y": y / 2.0} for x in range(21) for y in range(21))
POOL = Space(parameters=SQUARE, candidates=GRID)
"""441 pixels, 0.5 apart."""

Truth = Callable[[Point], float]


def number(point: Point, name: str) -> float:
    return float(point[name])


def peak(point: Point) -> float:
    """A peak 3 wide at (7, 7) on flat ground, with a texture of its own."""
    x, y = number(point, "x") - 7.0, number(point, "y") - 7.0
    return float(np.exp(-(x**2 + y**2) / 4.0) * (1.0 + 0.3 * np.sin(3.0 * x) * np.sin(3.0 * y)))


def waves(point: Point) -> float:
    return float(np.sin(0.9 * number(point, "x")) + np.cos(0.9 * number(point, "y")))


def slope(point: Point) -> float:
    """Rises from 0 to 10 along x, a little uneven."""
    return number(point, "x") + 0.2 * float(np.sin(number(point, "y")))


def grain(point: Point) -> float:
    """A round grain of radius 3 about (4, 4), its edge 1 wide."""
    return float(np.tanh(6.0 - 2.0 * np.hypot(number(point, "x") - 4.0, number(point, "y") - 4.0)))


def mapped(truth: Truth, n: int, space: Space = POOL, *, seed: int = 0, **settings: object) -> History:
    """Return the history of n asks, each measured at once."""
    agent = MappingAgent(MappingAgent.Settings.model_validate(settings))
    history = empty_history(space, seed=seed)
    for _ in range(n):
        suggestion = agent.ask(history)
        history = extended(history, suggestion, truth(suggestion.point))
    return history


@cache
def peak_map() -> History:
    return mapped(peak, 50)


@cache
def wave_map() -> History:
    return mapped(waves, 40)


def columns(history: History) -> np.ndarray:
    """Return the suggested points, shape (trials, 2)."""
    return np.array([[number(point, "x"), number(point, "y")] for point in history.suggested_points()])
