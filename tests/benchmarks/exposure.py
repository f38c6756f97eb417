"""Regret after the same time where each measurement's exposure is chosen with its place, and where it is fixed beforehand.

``python -m tests.benchmarks.exposure SEEDS [kept-quiet] [LANDSCAPE …]``.

A simulated detector counts at a rate that depends on the place, in two
dimensions; a score is the rate, in counts per second, and states its sd (with ``kept-quiet`` it does not). A trial takes half a
second, the way, and its exposure. Time is counted, not waited for. Regret is what the point believed best lacks in rate, as a share
of what the highest rate rises above the mean.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from agents.bayesian import BayesianAgent
from orchestrator.domain.base import Point
from orchestrator.domain.history import History
from orchestrator.domain.space import Continuous, Space
from orchestrator.testing.histories import empty_history, extended
from tests.benchmarks.travel import SQUARE, branin, timed

FIXED = (0.2, 1.0, 5.0)
LIMITS = (0.1, 10.0)
WITH_EXPOSURE = Space(parameters={**SQUARE.parameters, "exposure": Continuous(limits=LIMITS, unit="s")})
SECONDS = {0.0: 60.0, 5.0: 120.0}
"""What there is in all, by the seconds in which an axis crosses its range."""
OVERHEAD = 0.5
FIRST_SEED = 100


def rate_of_peaks(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a background of 20 counts per second, a peak of 80 on it and a broader one of 50, at random places."""
    total = np.full(x.shape[:-1], 20.0)
    for height, width in ((80.0, 0.12), (50.0, 0.25)):
        total += height * np.exp(-((x - rng.random(2)) ** 2).sum(axis=-1) / 2 / width**2)
    return total


def rate_of_branin(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return Branin's function upside down, from 50 to 96 counts per second: it is flat near its three maxima."""
    return 50.0 + 0.15 * (308.0 + branin(x, rng))


LANDSCAPES: dict[str, Callable[[np.ndarray, np.random.Generator], np.ndarray]] = {"two peaks": rate_of_peaks, "branin": rate_of_branin}


@dataclass(frozen=True, slots=True)
class Beamline:
    """What is measured, and how long that takes."""

    rate: Callable[[np.ndarray], np.ndarray]
    crossing: float
    """Seconds in which an axis crosses its range; both move together."""
    states_sds: bool


def place_of(point: Point) -> np.ndarray:
    return np.array([float(point[name]) for name in SQUARE.names])


def searched(beamline: Beamline, fixed: float | None, seed: int) -> tuple[History, BayesianAgent]:
    """Return what was measured in the time there is, with one exposure or with chosen ones."""
    agent = BayesianAgent(BayesianAgent.Settings(cost="time", exposure=None if fixed else "exposure"))
    history, rng = empty_history(SQUARE if fixed else WITH_EXPOSURE, seed=seed), np.random.default_rng([seed, 1])
    here, clock = rng.integers(0, 2, 2) * 1.0, 0.0
    while True:
        suggestion = agent.ask(history)
        there, exposure = place_of(suggestion.point), fixed or float(suggestion.point["exposure"])
        took = OVERHEAD + beamline.crossing * float(np.abs(there - here).max()) + exposure
        if clock + took > SECONDS[beamline.crossing]:
            return history, agent
        counts = float(rng.poisson(exposure * float(beamline.rate(there))))
        sd = np.sqrt(max(counts, 1.0)) / exposure if beamline.states_sds else None
        history = timed(extended(history, suggestion, counts / exposure, sd=sd), suggestion, clock, took)
        here, clock = there, clock + took


def regret(beamline: Beamline, history: History, agent: BayesianAgent) -> float:
    """Return what the point believed best lacks, as a share of the highest rate above the mean one."""
    everywhere = beamline.rate(np.random.default_rng(0).random((200_000, 2)))
    believed = agent.posterior(history, agent.ask(history).evidence)
    points = [trial.point for trial in history.trials]
    best = points[int(np.argmax(believed.predict(points)[history.objectives[0].name][0]))]
    lacks = everywhere.max() - float(beamline.rate(place_of(best)))
    return float(lacks / (everywhere.max() - everywhere.mean()))


def main() -> None:
    n_seeds, states_sds = int(sys.argv[1]) if len(sys.argv) > 1 else 12, "kept-quiet" not in sys.argv
    ways = {"chosen": None, **{f"{exposure:g} s": exposure for exposure in FIXED}}
    stated = "stated" if states_sds else "not stated"
    print(f"{n_seeds} seeds; median regret in % (quartiles, and how many stay above 10 %), trials; sds {stated}")
    for name, function in [(name, LANDSCAPES[name]) for name in LANDSCAPES if name in sys.argv or not LANDSCAPES.keys() & {*sys.argv}]:
        for crossing, seconds in SECONDS.items():
            regrets: dict[str, list[float]] = {way: [] for way in ways}
            trials: dict[str, list[int]] = {way: [] for way in ways}
            for seed in range(FIRST_SEED, FIRST_SEED + n_seeds):
                rate = lambda x, seed=seed, function=function: function(x, np.random.default_rng(seed))  # noqa: E731
                beamline = Beamline(rate, crossing, states_sds)
                for way, fixed in ways.items():
                    history, agent = searched(beamline, fixed, seed)
                    regrets[way].append(100 * regret(beamline, history, agent))
                    trials[way].append(len(history.trials))
            told = "; ".join(
                f"{way} {np.median(r):.2g} ({np.quantile(r, 0.25):.2g}-{np.quantile(r, 0.75):.2g}; {np.sum(np.array(r) > 10)}), "
                f"{np.median(trials[way]):.0f} trials"
                for way, r in regrets.items()
            )
            print(f"{name}, a range crossed in {crossing:g} s, {seconds:g} s in all: {told}", flush=True)


if __name__ == "__main__":
    main()
