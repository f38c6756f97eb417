"""blop's own plans on the benchmark's stage: ``python -m tests.benchmarks.dead_time_blop RUN``, in an environment that has blop 1.x.

Started by ``tests.benchmarks.dead_time``; prints one line of JSON. The readings that come first are told, not measured.
"""

import json
import logging
import sys
import time
import warnings
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

import numpy as np
from scipy.stats import qmc

from tests.benchmarks.stage import NOISE_SD, SIGNAL, build, regret, setup_from_environment, truth


class Readings:
    """Keeps what each run read, as blop's evaluation functions look it up."""

    def __init__(self) -> None:
        self._runs: dict[str, list[float]] = {}
        self._of_descriptor: dict[str, str] = {}
        self._orders: dict[str, Sequence[Any]] = {}

    def __call__(self, name: str, document: dict[str, Any]) -> None:
        match name:
            case "start":
                self._runs[document["uid"]] = []
                self._orders[document["uid"]] = document.get("blop_acquisition_order", [])
            case "descriptor":
                self._of_descriptor[document["uid"]] = document["run_start"]
            case "event" if SIGNAL in document["data"]:
                self._runs[self._of_descriptor[document["descriptor"]]].append(document["data"][SIGNAL])
            case _:
                pass

    def outcomes(self, uid: str, suggestions: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        return [{"_id": given, SIGNAL: value} for given, value in zip(self._orders[uid], self._runs[uid], strict=True)]


def main() -> None:
    logging.disable(logging.WARNING)
    warnings.simplefilter("ignore")
    from blop.ax import Agent, Objective, RangeDOF
    from bluesky import RunEngine

    run = json.loads(sys.argv[1])
    setup = setup_from_environment()
    axes, detector = build(setup)
    readings, measured = Readings(), []
    run_engine = RunEngine({}, call_returns_result=True, context_managers=[])
    run_engine.subscribe(readings)

    def evaluate(uid: str, suggestions: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        measured.extend({name: float(each[name]) for name in axes} for each in suggestions)
        return readings.outcomes(uid, suggestions)

    agent = Agent(
        sensors=[detector],
        dofs=[RangeDOF(actuator=axis, bounds=(0.0, 1.0), parameter_type="float") for axis in axes.values()],
        objectives=[Objective(name=SIGNAL, minimize=True)],
        evaluation_function=evaluate,
    )
    told = filled(list(axes), run["n_filled"], NOISE_SD[setup.dimensions])
    agent.ingest(told)
    n_points = sum(n for n, _ in run["exposures"])
    began = time.process_time()
    run_engine(agent.optimize(iterations=n_points // run["n_points"], n_points=run["n_points"]))
    cpu_s = (time.process_time() - began) / n_points
    versions = {name: version(name) for name in ("blop", "ax-platform", "botorch", "torch", "bluesky", "ophyd")}
    points = measured + [{name: each[name] for name in axes} for each in told]
    sys.stdout.write(json.dumps({"cpu_s": cpu_s, "regret": regret(points), "versions": versions}) + "\n")


def filled(names: Sequence[str], n: int, noise_sd: float) -> list[dict[str, float]]:
    """Return readings at points that fill the space evenly."""
    rng = np.random.default_rng(1)
    rows = qmc.Sobol(len(names), seed=0).random(n)
    points = [dict(zip(names, map(float, row), strict=True)) for row in rows]
    return [{**point, SIGNAL: truth(point) + float(rng.normal(0.0, noise_sd))} for point in points]


if __name__ == "__main__":
    main()
