"""Time to the same answer where moving takes time: choosing by gain per second, cost-blind, raster and fly scan.

``python -m tests.benchmarks.travel SEEDS``. Time is counted, not waited for. The unit is one exposure; an axis crosses its range
in 1, 5 or 20 of them, and both move together. The answer is a point as good as the best thousandth of the square. A raster is as
fine as finding that takes, begins in a random corner, and stops at the moment it has the answer, which a real one does not know.
A fly scan reads the same points without stopping at them.
"""

import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np

from agents.bayesian import BayesianAgent
from orchestrator.domain.history import History
from orchestrator.domain.records import Observation, Suggestion
from orchestrator.domain.space import Continuous, Space
from orchestrator.testing.histories import empty_history, extended

SQUARE = Space(parameters={"x": Continuous(limits=(0, 1)), "y": Continuous(limits=(0, 1))})
CROSSINGS = (1.0, 5.0, 20.0)
N_LINES = 33
MOST = 120
BEGUN = datetime(2026, 1, 1, tzinfo=UTC)
FIRST_SEED = 100


def branin(x: np.ndarray, _rng: np.random.Generator) -> np.ndarray:
    a, b = 15 * x[..., 0] - 5, 15 * x[..., 1]
    return -((b - 5.1 / (4 * np.pi**2) * a**2 + 5 / np.pi * a - 6) ** 2 + 10 * (1 - 1 / (8 * np.pi)) * np.cos(a) + 10)


def peaks(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return one narrow peak and two broad lower ones at random places."""
    total = np.zeros(x.shape[:-1])
    for height, width in ((1.0, 0.08), (0.6, 0.2), (0.5, 0.25)):
        total += height * np.exp(-((x - rng.random(2)) ** 2).sum(axis=-1) / 2 / width**2)
    return total


LANDSCAPES: dict[str, Callable[[np.ndarray, np.random.Generator], np.ndarray]] = {"branin": branin, "three peaks": peaks}


def seconds_of_search(cost: str, crossing: float, landscape: Callable[[np.ndarray], np.ndarray], target: float, seed: int) -> float:
    """Return the time at which an agent has the answer; infinity if it does not find it."""
    agent = BayesianAgent(BayesianAgent.Settings(cost=cost))
    history, here, clock = empty_history(SQUARE, seed=seed), np.random.default_rng(seed).integers(0, 2, 2) * 1.0, 0.0
    for _ in range(MOST):
        suggestion = agent.ask(history)
        there = np.array([float(suggestion.point[name]) for name in SQUARE.names])
        took = 1.0 + crossing * float(np.abs(there - here).max())
        value = float(landscape(there))
        history = timed(extended(history, suggestion, value), suggestion, clock, took)
        here, clock = there, clock + took
        if value >= target:
            return clock
    return np.inf


def timed(history: History, suggestion: Suggestion, clock: float, took: float) -> History:
    """Return the history whose newest trial was measured in that time."""
    newest = history.trials[-1]
    observation = Observation(
        trial=newest.number,
        attempt=1,
        setpoint=suggestion.point,
        readback=suggestion.point,
        readings={},
        started_at=BEGUN + timedelta(seconds=clock),
        finished_at=BEGUN + timedelta(seconds=clock + took),
    )
    return replace(history, trials=(*history.trials[:-1], replace(newest, observation=observation)))


def seconds_of_lines(crossing: float, landscape: Callable[[np.ndarray], np.ndarray], target: float, seed: int, *, flies: bool) -> float:
    """Return the time at which a scan to and fro has the answer."""
    corner = np.random.default_rng(seed).integers(0, 2, 2)
    line, step, clock = np.linspace(0, 1, N_LINES), crossing / (N_LINES - 1), 0.0
    for number, y in enumerate(line if corner[1] == 0 else line[::-1]):
        along = line if (corner[0] + number) % 2 == 0 else line[::-1]
        good = landscape(np.column_stack([along, np.full(N_LINES, y)])) >= target
        whole = max(float(N_LINES), crossing) if flies else N_LINES + crossing
        if good.any():
            return clock + whole * (int(np.argmax(good)) + 1) / N_LINES
        clock += whole + step
    return np.inf


def main() -> None:
    n_seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    ways = ("gain per second", "cost-blind", "raster", "fly scan")
    print(f"{n_seeds} seeds; median time in exposures (quartiles), searches that did not end in {MOST} trials count as endless")
    for name, function in LANDSCAPES.items():
        for crossing in CROSSINGS:
            times: dict[str, list[float]] = {way: [] for way in ways}
            for seed in range(FIRST_SEED, FIRST_SEED + n_seeds):
                landscape = lambda x, seed=seed, function=function: function(x, np.random.default_rng(seed))  # noqa: E731
                target = float(np.quantile(landscape(np.random.default_rng(0).random((200_000, 2))), 0.999))
                times[ways[0]].append(seconds_of_search("time", crossing, landscape, target, seed))
                times[ways[1]].append(seconds_of_search("trials", crossing, landscape, target, seed))
                times[ways[2]].append(seconds_of_lines(crossing, landscape, target, seed, flies=False))
                times[ways[3]].append(seconds_of_lines(crossing, landscape, target, seed, flies=True))
            told = ", ".join(
                f"{way} {np.median(t):.0f} ({np.quantile(t, 0.25):.0f}-{np.quantile(t, 0.75):.0f})" for way, t in times.items()
            )
            print(f"{name}, a range crossed in {crossing:.0f} exposures: {told}", flush=True)


if __name__ == "__main__":
    main()
