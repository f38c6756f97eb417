"""Broken limits and what was found: a safe limit, a learned one, and a reward with a penalty, which is what people do without.

``python -m tests.benchmarks.limits SEEDS TRIALS``. Two problems in the unit square. *wave* is the toy of Gramacy et al. (Technometrics
58, 1 (2016)): the least x + y above a wavy border and within a circle. *beam* stands for a beam steered through an aperture: its
flux grows towards the edge of the aperture, where the losses grow tenfold within a tenth of the range; above a loss of 1 the machine
dumps the beam and the flux reads 0. Readings scatter by 1 %. A safe search begins at a point that keeps each limit by at least a
fifth of its signal's sd over the square, another one for every seed. The penalty is ten times what is missing or too much.
"""

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from orchestrator import AskTell
from orchestrator.domain.limits import Limit

SQUARE = {"x": {"limits": [0.0, 1.0]}, "y": {"limits": [0.0, 1.0]}}
WAYS = ("safe", "learned", "penalty")
SCATTER = 0.01
PENALTY = 10.0
SPARE = 0.2
Signals = dict[str, float]


@dataclass(frozen=True)
class Problem:
    """What is measured at a point without noise: the objective ``score``, to be maximised, and limited signals."""

    name: str
    measured: Callable[[float, float], Signals]
    limits: dict[str, Limit]
    best: float
    """The best score that keeps the limits."""

    def keeps(self, signals: Signals) -> bool:
        return all(limit.keeps(signals[name]) for name, limit in self.limits.items())


def wave(x: float, y: float) -> Signals:
    return {"score": -x - y, "wave": x + 2 * y + 0.5 * np.sin(2 * np.pi * (x * x - 2 * y)) - 1.5, "disc": x * x + y * y}


def beam(x: float, y: float) -> Signals:
    """Return the flux of a beam that grows towards the edge of an aperture, a circle around a corner's opposite, and what is lost."""
    from_centre = np.hypot(x - 0.35, y - 0.4)
    loss = 10.0 ** ((from_centre - 0.4) / 0.1)
    flux = 0.2 + x + 0.5 * y
    return {"score": flux if loss <= 1.0 else 0.0, "loss": float(np.log10(loss))}


def best_of(measured: Callable[[float, float], Signals], limits: dict[str, Limit]) -> float:
    return max(signals["score"] for signals in grid(measured) if all(limit.keeps(signals[name]) for name, limit in limits.items()))


def grid(measured: Callable[[float, float], Signals], n: int = 400) -> Iterable[Signals]:
    return (measured(float(x), float(y)) for x in np.linspace(0, 1, n) for y in np.linspace(0, 1, n))


def problem(name: str, measured: Callable[[float, float], Signals], limits: dict[str, Limit]) -> Problem:
    return Problem(name, measured, limits, best_of(measured, limits))


def problems() -> list[Problem]:
    return [
        problem("wave", wave, {"wave": Limit(at_least=0.0), "disc": Limit(at_most=1.5)}),
        problem("beam", beam, {"loss": Limit(at_most=0.0)}),
    ]


def safe_start(task: Problem, rng: np.random.Generator) -> dict[str, float]:
    """Return a random point that keeps every limit with something to spare."""
    everywhere = list(grid(task.measured, 40))
    spare = {name: SPARE * float(np.std([signals[name] for signals in everywhere])) for name in task.limits}
    while True:
        x, y = map(float, rng.random(2))
        signals = task.measured(x, y)
        if all(limit.excess(signals[name]) <= -spare[name] for name, limit in task.limits.items()):
            return {"x": x, "y": y}


def search(task: Problem, way: str, n_trials: int, seed: int) -> tuple[int, float]:
    """Return how many measurements broke a limit, and the best score that kept all."""
    rng = np.random.default_rng([seed, 77])
    start = safe_start(task, rng)
    limits = {name: {**limit.model_dump(exclude_none=True), "safe": way == "safe"} for name, limit in task.limits.items()}
    loop = AskTell(
        SQUARE,
        {"score": "maximise"},
        seed=seed,
        limits={} if way == "penalty" else limits,
        safe_start=[start] if way == "safe" else [],
    )
    n_broken, best = 0, -np.inf
    for _ in range(n_trials):
        [point] = loop.ask()
        true = task.measured(float(point["x"]), float(point["y"]))
        n_broken += not task.keeps(true)
        best = max(best, true["score"]) if task.keeps(true) else best
        read = {name: value + SCATTER * float(rng.standard_normal()) for name, value in true.items()}
        loop.tell(point, {"score": penalised(task, read)} if way == "penalty" else read)
    return n_broken, best


def penalised(task: Problem, read: Signals) -> float:
    return read["score"] - PENALTY * sum(max(0.0, limit.excess(read[name])) for name, limit in task.limits.items())


def main() -> None:
    n_seeds, n_trials = (int(word) for word in (*sys.argv[1:], *("20", "20")[len(sys.argv) - 1 :]))
    print(f"{n_seeds} seeds of {n_trials} measurements; short of: how much the best point that keeps the limits misses the true best by,")
    print("median (quartiles); broken: measurements that broke a limit, in all campaigns together, and how many campaigns had any")
    for task in problems():
        for way in WAYS:
            broken, bests = zip(*(search(task, way, n_trials, seed) for seed in range(n_seeds)), strict=True)
            low, middle, high = np.quantile(task.best - np.array(bests), [0.25, 0.5, 0.75])
            print(
                f"{task.name}, {way:8} short of {task.best:.3f} by {middle:.4f} ({low:.4f}-{high:.4f}), "
                f"broken {sum(broken)} of {n_seeds * n_trials}, in {sum(map(bool, broken))} campaigns",
                flush=True,
            )


if __name__ == "__main__":
    main()
