"""Who chooses pixels: our agents on a pool of pixels, and the baselines that a mapping agent must beat."""

import math
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import numpy as np

from orchestrator import plugins
from orchestrator.benchmarks import engines
from orchestrator.benchmarks.reconstruction import PixelGP
from orchestrator.domain.space import Continuous, Space

_AGENTS = {"random": "random", "maximin": "sobol", "mapping": "mapping"}
"""Agents by the name they have here; on a pool, ``sobol`` takes the member farthest from all."""
_FLOOR = 1e-3
"""Of the range so far: what is added before the logarithm, so that zero has one."""


class MapEngine(Protocol):
    """Something that chooses pixels."""

    def ask(self) -> int:
        """Return the next pixel."""
        ...

    def tell(self, pixel: int, value: float) -> None:
        """Say what a pixel holds."""
        ...


def all_map_engines() -> Mapping[str, str]:
    """Return every engine's name and what it is."""
    return {
        "grid": "ever finer grids, without a choice",
        "random": "our agent random",
        "maximin": "the pixel farthest from all measured ones",
        "gp-variance": "the pixel a Gaussian process knows least",
        "log-gp": "the same of the logarithm, in the signal's own unit",
        "mapping": "our agent mapping",
        "gpcam": "gpCAM's default for maps: the variance, trained at its default sizes",
    }


def missing(name: str) -> str:
    """Return why an engine is not to be had here, empty if it is."""
    if name == "gpcam":
        return engines.missing(name)
    agent = _AGENTS.get(name)
    known = {found.name for found in plugins.found("agent")}
    return f"there is no agent {agent}" if agent is not None and agent not in known else ""


def build(name: str, shape: tuple[int, ...], seed: int) -> MapEngine:
    """Return a new engine for a map of that shape."""
    made: Mapping[str, Callable[[], MapEngine]] = {
        "gp-variance": lambda: Variance(shape),
        "log-gp": lambda: LogVariance(shape),
        "gpcam": lambda: GpcamVariance(shape, seed),
    }
    return made[name]() if name in made else PixelAgent(_AGENTS[name], shape, seed)


def grid_of(shape: tuple[int, ...], n: int) -> np.ndarray:
    """Return the pixels of an even grid of about n, with the map's own proportions."""
    rows = max(2, min(shape[0], round(math.sqrt(n * shape[0] / shape[1]))))
    columns = max(2, min(shape[1], round(n / rows)))
    down, across = (
        np.unique(np.round(np.linspace(0, length - 1, count)).astype(int)) for length, count in zip(shape, (rows, columns), strict=True)
    )
    return (down[:, None] * shape[1] + across).ravel()


class PixelAgent:
    """One of our agents; pixels are candidates and the signal is its objective."""

    def __init__(self, agent: str, shape: tuple[int, ...], seed: int) -> None:
        self._width = shape[1]
        pool = tuple({"y": float(pixel // shape[1]), "x": float(pixel % shape[1])} for pixel in range(shape[0] * shape[1]))
        limits = {"y": Continuous(limits=(0, shape[0] - 1)), "x": Continuous(limits=(0, shape[1] - 1))}
        self._engine = engines.OurAgent(agent, Space(parameters=limits, candidates=pool), {"signal": "maximise"}, seed)
        self._pool = pool

    def ask(self) -> int:
        point = self._engine.ask()
        return int(float(point["y"]) * self._width + float(point["x"]))

    def tell(self, pixel: int, value: float) -> None:
        self._engine.tell(self._pool[pixel], {"signal": value})


class Variance:
    """Takes the pixel of the largest variance."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self._model = PixelGP(_pixels(shape))
        self._open = np.ones(shape[0] * shape[1], dtype=bool)

    def ask(self) -> int:
        return int(np.argmax(np.where(self._open, self._worth(), -np.inf)))

    def tell(self, pixel: int, value: float) -> None:
        self._open[pixel] = False
        self._model.tell(pixel, value)

    def _worth(self) -> np.ndarray:
        return self._model.variance


class LogVariance(Variance):
    """A Gaussian process of the logarithm, so that what is bright is uncertain, too.

    Source: Teixeira Parente et al., Nat. Commun. 14, 2246 (2023): the variance of the log-normal.
    """

    def __init__(self, shape: tuple[int, ...]) -> None:
        super().__init__(shape)
        self._shape, self._told = shape, list[tuple[int, float]]()
        self._lowest, self._highest = math.inf, -math.inf

    def tell(self, pixel: int, value: float) -> None:
        self._told.append((pixel, value))
        self._open[pixel] = False
        if value < self._lowest or value > self._highest:  # the logarithm's floor moves with the range
            self._lowest, self._highest = min(self._lowest, value), max(self._highest, value)
            self._model = PixelGP(_pixels(self._shape))
            pixels, values = zip(*self._told, strict=True)
            if len(values) > 1:
                self._model.tell_all(np.array(pixels), self._logs(np.array(values)))
        else:
            self._model.tell(pixel, float(self._logs(np.array(value))))

    def _logs(self, values: np.ndarray) -> np.ndarray:
        return np.log(values - self._lowest + _FLOOR * ((self._highest - self._lowest) or 1.0))

    def _worth(self) -> np.ndarray:
        mean, variance = self._model.mean, self._model.variance
        return np.log(np.expm1(np.minimum(variance, 50.0)) + 1e-300) + 2.0 * mean + variance


class GpcamVariance:
    """gpCAM among candidates by its default acquisition, the variance, trained when ``GPOptimizer.optimize`` would."""

    TRAIN_AT = (10, 20, 50, 100, 200)

    def __init__(self, shape: tuple[int, ...], seed: int) -> None:
        import warnings

        from orchestrator.benchmarks.peers.fitting_in import seed_all

        warnings.simplefilter("ignore")
        seed_all(seed)
        self._pixels = _pixels(shape)
        self._open = np.ones(len(self._pixels), dtype=bool)
        self._told: list[tuple[int, float]] = []
        self._optimizer: Any = None

    def ask(self) -> int:
        if self._optimizer is None:
            self._optimizer = self._begun()
        candidates = np.flatnonzero(self._open)
        found = self._optimizer.ask(list(self._pixels[candidates]), acquisition_function="variance")
        nearest = np.abs(self._pixels[candidates] - np.asarray(found["x"])[0]).sum(axis=1).argmin()
        return int(candidates[nearest])

    def tell(self, pixel: int, value: float) -> None:
        self._open[pixel] = False
        self._told.append((pixel, value))
        if self._optimizer is not None:
            self._optimizer.tell(self._pixels[pixel][None], np.array([value]), append=True)
            if len(self._told) in self.TRAIN_AT:
                self._optimizer.train(method="global", max_iter=20)

    def _begun(self) -> Any:
        from gpcam import GPOptimizer  # pyright: ignore[reportMissingImports] - it comes with the extra `peers`

        pixels, values = zip(*self._told, strict=True)
        optimizer = GPOptimizer(self._pixels[np.array(pixels)], np.array(values))
        optimizer.train()
        return optimizer


def _pixels(shape: tuple[int, ...]) -> np.ndarray:
    return np.argwhere(np.ones(shape, dtype=bool)).astype(float)
