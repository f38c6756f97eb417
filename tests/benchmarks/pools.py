"""What an ask costs where only known candidates can be measured: ``python -m tests.benchmarks.pools [CANDIDATES …]``.

Pools of random points in four numbers, forty of them measured; then eight asks of each agent, each answered, through ``AskTell``.
"""

import statistics
import sys
import time

import numpy as np

from orchestrator import AskTell

_AGENTS = ("random", "sobol", "bayesian")
_NAMES = ("a", "b", "c", "d")
_N_KNOWN, _N_ASKS = 40, 8


def worth(point: dict[str, float]) -> float:
    a, b, c, d = (point[name] for name in _NAMES)
    return -((a - 0.3) ** 2) - (b - 0.6) ** 2 + 0.2 * float(np.sin(9.0 * c)) + 0.1 * d


def seconds_per_ask(n_candidates: int, agent: str) -> float:
    """Return the median CPU time of an ask, the first left out, which imports and fits from nothing."""
    drawn = np.random.default_rng(0).random((n_candidates, len(_NAMES))).round(4)
    pool = [dict(zip(_NAMES, map(float, row), strict=True)) for row in drawn]
    loop = AskTell({name: {"limits": [0, 1]} for name in _NAMES}, objectives={"y": "maximise"}, agent=agent, seed=0, candidates=pool)
    for point in pool[:_N_KNOWN]:
        loop.tell(point, {"y": worth(point)})
    taken: list[float] = []
    for _ in range(_N_ASKS):
        began = time.process_time()
        [point] = loop.ask()
        taken.append(time.process_time() - began)
        loop.tell(point, {"y": worth({name: float(point[name]) for name in _NAMES})})
    return statistics.median(taken[1:])


def main() -> None:
    sizes = [int(word) for word in sys.argv[1:]] or [600, 10_000]
    print(f"{_N_KNOWN} candidates measured; CPU time of an ask")
    for n_candidates in sizes:
        told = ", ".join(f"{agent} {seconds_per_ask(n_candidates, agent) * 1e3:.0f} ms" for agent in _AGENTS)
        print(f"{n_candidates:6} candidates: {told}")


if __name__ == "__main__":
    main()
