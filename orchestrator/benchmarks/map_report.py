"""The map suite's tables."""

from collections.abc import Sequence

import numpy as np

from orchestrator.benchmarks.intervals import Interval, mean_interval
from orchestrator.benchmarks.map_engines import all_map_engines
from orchestrator.benchmarks.mapping import TARGETS, all_maps, points_to
from orchestrator.benchmarks.records import MapRun
from orchestrator.benchmarks.tables import at_least, figure, measured_with, seconds, table, with_interval

_INTRODUCTION = (
    "`nightshift bench --suite map`: pixels until the error of the whole map is 10 % and 5 %, mean over seeds with its 95 % "
    "interval and how many seeds got there. Those that did not count as the budget, so that the mean is a lower bound (≥). The "
    "error is the RMSE over all pixels over the 99th less the 1st percentile, of the better of a Gaussian process and linear "
    "interpolation, the same for all. A grid has no seeds; all others start from the same ten pixels."
)

_NOT_PLAYED = (
    "Not played: the 60 panels of neutron spectra of Pr(Ca,Sr)2Mn2O7 (Butler et al., J. Phys.: Condens. Matter 33, 194006 (2021)), 40 × 40 "
    "pixels each. They were counted so briefly that half of a panel's pixels, drawn at random, tell the whole to 9 % at best, and to 14 % "
    "in the panel of 32 to 36 meV: where to measure matters little there."
)


def report(runs: Sequence[MapRun]) -> str:
    """Return what the page says."""
    if not runs:
        return "Nothing measured yet: `nightshift bench --suite map`."
    names = [name for name in all_map_engines() if any(run.engine == name for run in runs)]
    maps = [name for name in all_maps() if any(run.map == name for run in runs)]
    head = ["engine", *(f"{name}, {target:.0%}" for name in maps for target in TARGETS), *(f"{name}, CPU s per ask" for name in maps)]
    rows = [
        [name, *(_points(runs, each, name, target) for each in maps for target in TARGETS), *(_cpu(runs, each, name) for each in maps)]
        for name in names
    ]
    failed = [f"- {run.map}, {run.engine}, seed {run.seed}: {run.problem}" for run in runs if run.problem]
    return "\n\n".join(
        [
            _INTRODUCTION,
            measured_with(run.surroundings for run in runs),
            table(head, rows),
            _NOT_PLAYED,
            *(["Runs that an engine ended by an error:\n\n" + "\n".join(failed)] if failed else []),
        ]
    )


def fewest_first(runs: Sequence[MapRun], name: str) -> str:
    """Return mean pixels to the first target by engine on one map, the fewest first."""
    engines = dict.fromkeys(run.engine for run in runs if run.map == name)
    by_engine = {engine: _found(runs, name, engine, TARGETS[0]) for engine in engines}
    means = {engine: _mean(found, name) for engine, found in by_engine.items()}
    ranked = sorted(means, key=lambda engine: (means[engine].value, None in by_engine[engine]))
    return ", ".join(f"{engine} {at_least(figure(means[engine].value), None in by_engine[engine])}" for engine in ranked)


def _found(runs: Sequence[MapRun], name: str, engine: str, target: float) -> list[int | None]:
    """Return the pixels each of an engine's runs on one map took to a target, None for one that did not get there."""
    return [points_to(run.looks, target) for run in runs if (run.map, run.engine) == (name, engine)]


def _mean(found: Sequence[int | None], name: str) -> Interval:
    """Return their mean, the map's budget for those that did not get there."""
    return mean_interval([n or all_maps()[name].budget for n in found])


def _points(runs: Sequence[MapRun], name: str, engine: str, target: float) -> str:
    found = _found(runs, name, engine, target)
    if not found:
        return "–"
    n_reached = sum(n is not None for n in found)
    if not n_reached:
        return f"none of {len(found)}"
    mean = _mean(found, name)
    shown = figure(mean.value) if len(found) == 1 else with_interval(mean)
    return f"{at_least(shown, n_reached < len(found))} {n_reached}/{len(found)}"


def _cpu(runs: Sequence[MapRun], name: str, engine: str) -> str:
    asks = [run.cpu_s for run in runs if (run.map, run.engine) == (name, engine) and run.cpu_s is not None]
    return seconds(float(np.mean(asks))) if asks else "–"
