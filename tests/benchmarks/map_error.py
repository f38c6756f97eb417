"""The mapping agent's expected error beside the true one: ``python -m tests.benchmarks.map_error [SEEDS]``.

Both are root mean square errors over all pixels, as shares of the range between the 1st and 99th percentile. The maps are
those of ``nightshift bench --suite map`` and three simulated ones, new for each seed: smooth waves, narrow peaks on flat
ground, and grains with sharp edges.
"""

import sys
from collections.abc import Iterator

import numpy as np

from agents.mapping import MappingAgent
from orchestrator.benchmarks.mapping import all_maps, map_of
from orchestrator.domain.base import Point
from orchestrator.domain.records import Objective
from orchestrator.domain.space import Continuous, Space
from orchestrator.testing.histories import empty_history, extended

LOOKS = (20, 30, 45, 70, 100, 150)
_SIDE = 40
"""Pixels along each side of a simulated map."""


def smooth(rng: np.random.Generator, down: np.ndarray, across: np.ndarray) -> np.ndarray:
    directions, phases = 2 * np.pi * 2.5 * rng.standard_normal((20, 2)) / 2, 2 * np.pi * rng.random(20)
    waves = [np.sin(one * down + other * across + phase) for (one, other), phase in zip(directions, phases, strict=True)]
    return np.sum(waves, axis=0) / 3.0


def peaks(rng: np.random.Generator, down: np.ndarray, across: np.ndarray) -> np.ndarray:
    found = np.zeros_like(down)
    for row, column, width, height in rng.random((4, 4)):
        square = (down - row) ** 2 + (across - column) ** 2
        found += (0.4 + height) * np.exp(-square / (2 * (0.03 + 0.04 * width) ** 2))
    return found


def grains(rng: np.random.Generator, down: np.ndarray, across: np.ndarray) -> np.ndarray:
    seeds, brightness = rng.random((25, 2)), rng.lognormal(size=25)
    squares = (down[..., None] - seeds[:, 0]) ** 2 + (across[..., None] - seeds[:, 1]) ** 2
    return brightness[squares.argmin(axis=-1)]


def images(seed: int) -> Iterator[tuple[str, np.ndarray]]:
    """Yield names and maps of shape (rows, columns), the simulated ones with 1 % of noise."""
    for name, task in all_maps().items():
        yield name, map_of(task).image
    down, across = np.mgrid[:_SIDE, :_SIDE] / (_SIDE - 1.0)
    for number, make in enumerate((smooth, peaks, grains)):
        rng = np.random.default_rng([seed, number])
        image = make(rng, down, across)
        yield make.__name__, image + 0.01 * float(np.ptp(image)) * rng.standard_normal(image.shape)


def errors(image: np.ndarray, seed: int) -> Iterator[tuple[int, float, float]]:
    """Yield numbers of points with the expected and the true error."""
    pool: list[Point] = [{"y": float(row), "x": float(column)} for row, column in np.argwhere(np.ones(image.shape, dtype=bool))]
    limits = {name: Continuous(limits=(0.0, float(length - 1))) for name, length in zip(("y", "x"), image.shape, strict=True)}
    agent = MappingAgent(MappingAgent.Settings())
    history = empty_history(Space(parameters=limits, candidates=tuple(pool)), (Objective(name="signal", goal="maximise"),), seed=seed)
    span = float(np.subtract(*np.percentile(image, [99, 1])))
    for n in range(max(LOOKS) + 1):
        suggestion = agent.ask(history)
        if n in LOOKS:
            means, _ = agent.posterior(history, suggestion.evidence).predict(pool)["signal"]
            yield n, float(suggestion.evidence.model["expected_error"]), float(np.sqrt(np.mean((means - image.ravel()) ** 2))) / span
        pixel = tuple(int(float(suggestion.point[name])) for name in ("y", "x"))
        history = extended(history, suggestion, float(image[pixel]))


def main() -> None:
    n_seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 2
    ratios: list[float] = []
    for seed in range(n_seeds):
        for name, image in images(seed):
            found = list(errors(image, seed))
            ratios += [true / expected for _, expected, true in found]
            print(f"{name}, seed {seed}: " + ", ".join(f"{true:.1%} ({expected:.1%}) at {n}" for n, expected, true in found), flush=True)
    logs = np.log(ratios)
    mean, within = np.exp(logs.mean()), np.mean(np.abs(logs) < np.log(2.0))
    print(f"true over expected error: {mean:.2f} (geometric mean); within a factor of 2 in {within:.0%} of {len(logs)}")


if __name__ == "__main__":
    main()
