"""Trials until a top-1 % design, through the real loop: ``python -m tests.benchmarks.through_the_loop [SEEDS] [TRIALS]``.

What ``nightshift run crossed-barrel --seed N --set budget.trials=T`` does, once per seed and agent: real processes, real
RunEngine, real ledger. The six best of the 600 designs by mean toughness count as found.
"""

import statistics
import sys
import tempfile
import time
from collections import defaultdict

from instruments.data import bundled_sets
from orchestrator import bootstrap
from orchestrator.bootstrap import Switch, Workplace
from orchestrator.campaign_file import load
from tests.benchmarks.crossed_barrel import read
from tests.benchmarks.loop import Silent

AGENTS = ("random", "bayesian")
FIRST_SEED = 100
"""Seeds that no choice of the agents' defaults has seen."""


def trials_to_top(workplace: Workplace, agent: str, seed: int, most: int, top: set[tuple[float, ...]]) -> int:
    """Return the first trial that measured a top design, or one more than ``most``."""
    file = load("crossed-barrel", {"agent": agent, "budget.trials": str(most)}, seed)
    outcome = bootstrap.run(workplace, file, live=Silent(), switch=Switch(), writes_report=False)
    trials = bootstrap.load_state(workplace, outcome.campaign).trials
    names = ("n", "theta", "r", "t")
    return next((trial.number for trial in trials if tuple(float(trial.point[name]) for name in names) in top), most + 1)


def main() -> None:
    n_seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    most = int(sys.argv[2]) if len(sys.argv) > 2 else 100
    top = read(bundled_sets()["crossed-barrel"].path, "maximise").top()
    found: dict[str, list[int]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder, bootstrap.open_workplace(f"sqlite:///{folder}/ledger.db") as workplace:
        for agent in AGENTS:
            began = time.monotonic()
            for seed in range(FIRST_SEED, FIRST_SEED + n_seeds):
                found[agent].append(trials_to_top(workplace, agent, seed, most, top))
            seconds = (time.monotonic() - began) / n_seeds
            counts = sorted(found[agent])
            print(f"{agent}: median {statistics.median(counts):g} trials, {seconds:.1f} s a campaign of {most}; all: {counts}")


if __name__ == "__main__":
    main()
