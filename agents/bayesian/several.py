"""One decision for several objectives, by the volume they would gain over what is known. Imports torch."""

import time
from collections.abc import Sequence

import numpy as np
import torch

from agents.alone import torch_alone
from agents.bayesian.acquisition import JointImprovement
from agents.bayesian.choice import best_again, best_found, best_listed
from agents.bayesian.explanation import explain
from agents.bayesian.factors import Product
from agents.bayesian.feasibility import Feasibility, probably_kept
from agents.bayesian.fitting import believe
from agents.bayesian.limited import Choice, kept_readings, safe_choice, safe_listed_choice, safe_region, with_limits
from agents.bayesian.observations import Observations, observe
from agents.bayesian.outlook import Outlook, outlooks
from agents.bayesian.process import Process
from agents.bayesian.refusals import refusals
from agents.bayesian.search import ALTERNATIVES_APART, distinct
from agents.bayesian.shortlist import all_rows, promising_rows
from agents.bayesian.success import success
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
        looks = outlooks(history, encoding)
        fitted = time.perf_counter()
        chance = success(history, encoding)
        avoided = refusals(history, encoding, observations, only_vetoes=chance is not None)
        factor = Product((avoided, *looks) if chance is None else (avoided, chance, *looks))
        choice = _chosen(history, encoding, observations, [belief.process for belief in beliefs], looks, factor)
        kept = kept_readings(history, observations) if history.limits else None
        evidence = explain(history, encoding, observations, beliefs, choice.ranked, ranked_by=choice, kept=kept)
        evidence = with_limits(evidence, encoding, looks, choice)
        evidence = evidence if chance is None else chance.told(evidence, encoding, choice.ranked.cube[:1])
        seconds = {"fit": fitted - started, "optimise": time.perf_counter() - fitted}
    evidence = evidence.model_copy(update={"seconds": seconds})
    return Suggestion(point=with_proper_types(history.space, choice.ranked.points[0]), evidence=evidence)


def _chosen(
    history: History,
    encoding: Encoding,
    observations: Observations,
    processes: Sequence[Process],
    looks: Sequence[Outlook],
    factor: Product,
) -> Choice:
    """Return the best points, what ranked them, and what limits had to do with it."""
    rng = history.rng()
    torch.manual_seed(int(rng.integers(2**31)))
    judge = _judge(observations, processes, looks, factor, rng)
    region = safe_region(history, looks, observations.pending)
    listed = all_rows(history)
    if listed is None:
        centres, taken = _near(processes), frozenset(suggested_keys(history))
        rows = promising_rows(encoding, judge, centres, rng)
        found = best_found(history, encoding, judge, rows, encoding.of_rows(rows), taken, rng)
        return Choice(found, judge) if region is None else safe_choice(history, encoding, region, judge, found, taken, rng)
    if region is not None:
        return safe_listed_choice(history, encoding, region, judge, listed)
    ranked = best_listed(history, encoding, judge, listed, listed)
    if ranked is not None:
        return Choice(ranked, judge)
    bounds = UpperBounds(processes, observations.pending)
    return Choice(best_again(history, encoding, bounds, listed), bounds)


def _judge(
    observations: Observations,
    processes: Sequence[Process],
    looks: Sequence[Outlook],
    factor: Product,
    rng: np.random.Generator,
) -> JointImprovement | Feasibility:
    """Return what ranks points: what they add to those that probably keep the limits, else how probably they keep them."""
    among = probably_kept(looks, processes[0].places)
    if not among.any():
        return Feasibility(factor, len(processes[0].places))
    return JointImprovement(processes, observations.pending, factor=factor, rng=rng, among=among)


def _near(processes: Sequence[Process]) -> np.ndarray:
    """Return measured points believed good at something, shape (up to ``_N_NEAR``, columns)."""
    means = np.column_stack([process.means_where_read() for process in processes])
    n_better = np.array([(means >= mean).all(axis=1).sum() for mean in means])
    worth = means.sum(axis=1) - 1e3 * (n_better > 1)
    return processes[0].places[distinct(processes[0].places, worth, _N_NEAR, ALTERNATIVES_APART)]
