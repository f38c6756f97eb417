"""One decision for several objectives, by the volume they would gain over what is known. Imports torch."""

import time
from collections.abc import Sequence

import numpy as np
import torch

from agents.alone import torch_alone
from agents.bayesian.acquisition import JointImprovement
from agents.bayesian.choice import best_again, best_found, best_listed
from agents.bayesian.explanation import explain
from agents.bayesian.fitting import believe
from agents.bayesian.observations import Observations, observe
from agents.bayesian.process import Process
from agents.bayesian.refusals import refusals
from agents.bayesian.search import ALTERNATIVES_APART, Ranked, distinct
from agents.bayesian.shortlist import all_rows, promising_rows
from agents.bayesian.upper_bound import UpperBounds
from agents.encoding import Encoding
from agents.past import suggested_keys
from agents.rows import with_proper_types
from orchestrator.domain.history import History
from orchestrator.domain.records import Suggestion

_N_NEAR = 8


def decide(history: History) -> Suggestion:
    """Return the point that is expected to add most, and why.

    Raises:
        AgentError: If no point is left.
    """
    with torch_alone():
        started = time.perf_counter()
        encoding = Encoding.of(history.space)
        observations = observe(history, encoding)
        beliefs = believe(history, encoding, observations)
        processes = [belief.process for belief in beliefs]
        fitted = time.perf_counter()
        ranked, name = _ranked(history, encoding, observations, processes)
        evidence = explain(encoding, observations, beliefs, ranked, acquisition=name)
        seconds = {"fit": fitted - started, "optimise": time.perf_counter() - fitted}
    evidence = evidence.model_copy(update={"seconds": seconds})
    return Suggestion(point=with_proper_types(history.space, ranked.points[0]), evidence=evidence)


def _ranked(history: History, encoding: Encoding, observations: Observations, processes: Sequence[Process]) -> tuple[Ranked, str]:
    """Return the best points and the name of what ranked them."""
    rng = history.rng()
    torch.manual_seed(int(rng.integers(2**31)))
    judge = JointImprovement(processes, observations.pending, refusals=refusals(history, encoding, observations), rng=rng)
    listed = all_rows(history)
    if listed is None:
        rows = promising_rows(encoding, judge, _near(processes), rng)
        return best_found(history, encoding, judge, rows, encoding.of_rows(rows), suggested_keys(history), rng), judge.name
    ranked = best_listed(history, encoding, judge, listed, listed)
    if ranked is not None:
        return ranked, judge.name
    bounds = UpperBounds(processes, observations.pending)
    return best_again(history, encoding, bounds, listed), bounds.name


def _near(processes: Sequence[Process]) -> np.ndarray:
    """Return measured points believed good at something, shape (up to ``_N_NEAR``, columns)."""
    means = np.column_stack([process.means_where_read() for process in processes])
    n_better = np.array([(means >= mean).all(axis=1).sum() for mean in means])
    worth = means.sum(axis=1) - 1e3 * (n_better > 1)
    return processes[0].places[distinct(processes[0].places, worth, _N_NEAR, ALTERNATIVES_APART)]
