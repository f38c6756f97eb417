"""From readings and hyperparameters to a Gaussian process: exact, or sparse where there are too many readings for that."""

from collections.abc import Mapping
from typing import Any

from agents.bayesian.observations import Observations, Outcome
from agents.bayesian.process import Process, condition
from agents.bayesian.sparse import MOST_EXACT, SparseProcess, condition_sparsely
from agents.bayesian.surrogate import Hyperparameters
from agents.encoding import Encoding


def is_exact(observations: Observations) -> bool:
    """Return whether there are few enough readings to be exact."""
    return observations.n <= MOST_EXACT


def process_of(encoding: Encoding, observations: Observations, outcome: Outcome, hyperparameters: Hyperparameters) -> Process:
    """Return the process that knows all readings, with the constant mean that suits them best."""
    make = condition if is_exact(observations) else condition_sparsely
    return _made(make, encoding, observations, outcome, hyperparameters, slice(None)).with_best_mean()


def newest_process(encoding: Encoding, observations: Observations, outcome: Outcome, hyperparameters: Hyperparameters, n: int) -> Process:
    """Return the exact process that knows the newest readings only."""
    return _made(condition, encoding, observations, outcome, hyperparameters, slice(-n, None)).with_best_mean()


def process_as_record(process: Process) -> dict[str, Any]:
    """Return as JSON what a sparse process gives up; nothing for an exact one."""
    if not isinstance(process, SparseProcess):
        return {}
    return {"sparse": {"n_inducing": process.n_inducing, "n_conditioned": process.n_conditioned, "left_out": process.left_out}}


def process_as_recorded(
    encoding: Encoding, observations: Observations, outcome: Outcome, hyperparameters: Hyperparameters, record: Mapping[str, Any]
) -> Process:
    """Return the process of a decision; readings that a sparse one had not been conditioned on are added as they were then."""
    if "sparse" not in record:
        return _made(condition, encoding, observations, outcome, hyperparameters, slice(None))
    n = int(record["sparse"]["n_conditioned"])
    process = _made(condition_sparsely, encoding, observations, outcome, hyperparameters, slice(n))
    for index in range(n, observations.n):
        variance = float(outcome.variances[index]) + hyperparameters.noise
        process = process.with_reading(observations.cube[index], outcome.values[index], variance, observations.times[index])
    return process


def _made(
    make: Any, encoding: Encoding, observations: Observations, outcome: Outcome, hyperparameters: Hyperparameters, which: slice
) -> Process:
    return make(
        hyperparameters,
        encoding.groups,
        observations.cube[which],
        outcome.values[which],
        outcome.variances[which],
        times=observations.times[which],
        now=observations.now,
    )
