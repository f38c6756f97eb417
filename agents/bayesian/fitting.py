"""Hyperparameters across trials: the last decision's evidence is where the next fit starts.

An agent keeps nothing between calls, so a resumed campaign fits exactly as an uninterrupted one.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from agents.bayesian.ageing import Steady, kind_of
from agents.bayesian.belief import Belief, Fit, counted, known_variances
from agents.bayesian.conditioning import is_exact, newest_process, process_of
from agents.bayesian.counting import presumed_counting, probable_counting
from agents.bayesian.doubts import doubted
from agents.bayesian.observations import Observations, Outcome
from agents.bayesian.problems import problem_like, problem_of
from agents.bayesian.recording import last_record, recorded, recorded_doubts
from agents.bayesian.structure import suited
from agents.bayesian.surrogate import LENGTHSCALE_LIMITS, NOISE_LIMITS, OUTPUTSCALE_LIMITS, Hyperparameters, Problem, cold_starts, fit
from agents.encoding import Encoding
from orchestrator.domain.history import History

_REFIT_SHARE = 50
"""A new fit is due when the trials have grown by one fiftieth, so always below 100 trials."""
_ALWAYS_COLD = 40
"""With few readings the likelihood still changes its mind, and a fit from scratch costs little."""
_EXTREME = 4.0
"""Standardised size of a reading that is worth a second look."""
_FEWEST_TO_DOUBT = 6
_MOST_ROUNDS = 3
"""Of doubting a reading and fitting again, in one decision."""
_FEWEST_TO_AGE = 12
_LOOK_AGAIN = 8
"""Whether readings age is looked into again when the trials have grown by one in so many, and by five at least."""
_TURNS = 3
"""Of finding how much readings scatter by their exposures, and fitting again, when it is not known from a decision before."""
_MOST_NEWEST = 400
"""Readings, the newest, that are looked at for doubts where there are very many."""


def believe(history: History, encoding: Encoding, observations: Observations) -> list[Belief]:
    """Return one belief per objective."""
    return [_believe(history, encoding, observations, outcome) for outcome in observations.outcomes]


def believe_all(history: History, encoding: Encoding, observations: Observations) -> list[Belief]:
    """Return one belief per objective that doubts no reading: for signals whose worst readings matter most."""
    return [
        _believing(encoding, observations, each, _fit(history, encoding, observations, each, last_record(history, each.objective.name)))
        for each in observations.outcomes
    ]


def believe_all_again(encoding: Encoding, observations: Observations, before: Belief) -> Belief:
    """Return a belief that doubts no reading, starts where one in fewer scores ended, and descends from there only."""
    [outcome] = observations.outcomes
    return _believing(encoding, observations, outcome, _refitted(encoding, observations, outcome, before.fit))


def believe_again(encoding: Encoding, observations: Observations, before: Belief) -> Belief:
    """Return a belief that starts where one in fewer scores ended, and descends from there only."""
    [outcome] = observations.outcomes
    is_doubted = np.zeros(observations.n, dtype=bool)
    is_doubted[: len(before.outcome.is_doubted)] = before.outcome.is_doubted
    outcome = counted(outcome.doubting(is_doubted), observations, before.fit.counting)
    return _settled(encoding, observations, outcome, _refitted(encoding, observations, outcome, before.fit))


def _believe(history: History, encoding: Encoding, observations: Observations, outcome: Outcome) -> Belief:
    earlier = last_record(history, outcome.objective.name)
    if earlier is not None:
        outcome = outcome.doubting(recorded_doubts(earlier, observations))
    if observations.exposures is not None and outcome.sds is None:
        return _counting(history, encoding, observations, outcome, earlier)
    return _settled(encoding, observations, outcome, _fit(history, encoding, observations, outcome, earlier))


def _counting(
    history: History, encoding: Encoding, observations: Observations, outcome: Outcome, earlier: Mapping[str, Any] | None
) -> Belief:
    """Return the belief where readings scatter by their exposures: how much, and the rest, are found in turns."""
    assert observations.exposures is not None
    recorded_counting = None if earlier is None else earlier.get("counting")
    counting = presumed_counting(observations.exposures) if recorded_counting is None else float(recorded_counting)
    fitted = _fit(history, encoding, observations, counted(outcome, observations, counting), earlier)
    for _ in range((_TURNS if recorded_counting is None else 1) if fitted.n_fitted == observations.n else 0):
        counting = _probable_counting(encoding, observations, outcome, fitted.hyperparameters, counting)
        fitted = _refitted(encoding, observations, counted(outcome, observations, counting), fitted)
    return _settled(encoding, observations, counted(outcome, observations, counting), replace(fitted, counting=counting))


def _probable_counting(encoding: Encoding, observations: Observations, outcome: Outcome, before: Hyperparameters, start: float) -> float:
    assert observations.exposures is not None
    problem = problem_like(encoding, observations, outcome, before)
    return probable_counting(problem, observations.exposures[-len(problem.values) :], before, start)


def _settled(encoding: Encoding, observations: Observations, outcome: Outcome, fitted: Fit) -> Belief:
    """Return the belief once no further reading is doubted, or after a few rounds."""
    if not is_exact(observations):
        return _settled_roughly(encoding, observations, outcome, fitted)
    outcome, fitted = _without_an_extreme(encoding, observations, outcome, fitted)
    belief = _believing(encoding, observations, outcome, fitted)
    for _ in range(_MOST_ROUNDS):
        is_doubted = doubted(belief.process, belief.outcome.is_doubted, known_variances(belief.outcome, observations))
        if np.array_equal(is_doubted, belief.outcome.is_doubted):
            break
        outcome = outcome.doubting(is_doubted)
        belief = _believing(encoding, observations, outcome, _refitted(encoding, observations, outcome, belief.fit))
    return belief


def _believing(encoding: Encoding, observations: Observations, outcome: Outcome, fitted: Fit) -> Belief:
    process = process_of(encoding, observations, outcome, fitted.hyperparameters)
    return Belief(outcome, replace(fitted, hyperparameters=process.hyperparameters), process)


def _settled_roughly(encoding: Encoding, observations: Observations, outcome: Outcome, fitted: Fit) -> Belief:
    """Return the belief after one look at the newest of very many readings; older doubts stay as they are."""
    newest = newest_process(encoding, observations, outcome, fitted.hyperparameters, _MOST_NEWEST)
    is_doubted = outcome.is_doubted.copy()
    is_doubted[-_MOST_NEWEST:] = doubted(newest, is_doubted[-_MOST_NEWEST:], known_variances(outcome, observations)[-_MOST_NEWEST:])
    if not np.array_equal(is_doubted, outcome.is_doubted):
        outcome = outcome.doubting(is_doubted)
    return _believing(encoding, observations, outcome, fitted)


def _without_an_extreme(encoding: Encoding, observations: Observations, outcome: Outcome, fitted: Fit) -> tuple[Outcome, Fit]:
    """Try to do without the most extreme reading: beside it all others may look the same, and cannot contradict it."""
    sizes = np.where(outcome.is_doubted, 0.0, np.abs(outcome.values))
    worst = int(np.argmax(sizes))
    if sizes[worst] < _EXTREME or observations.n < _FEWEST_TO_DOUBT:
        return outcome, fitted
    without = outcome.doubting(outcome.is_doubted | (np.arange(observations.n) == worst))
    problem = problem_like(encoding, observations, without, fitted.hyperparameters)
    refitted = replace(fitted, hyperparameters=fit(problem, cold_starts(problem)), was_refit=True, n_fitted=observations.n)
    process = process_of(encoding, observations, without, refitted.hyperparameters)
    stays_doubted = doubted(process, without.is_doubted, known_variances(without, observations))[worst]
    return (without, refitted) if stays_doubted else (outcome, fitted)


def _refitted(encoding: Encoding, observations: Observations, outcome: Outcome, before: Fit) -> Fit:
    problem = problem_like(encoding, observations, outcome, before.hyperparameters)
    return replace(before, hyperparameters=fit(problem, [before.hyperparameters.as_log()]), n_fitted=observations.n, was_refit=True)


def _fit(history: History, encoding: Encoding, observations: Observations, outcome: Outcome, earlier: Mapping[str, Any] | None) -> Fit:
    n = observations.n
    if earlier is None:
        problem = problem_of(encoding, observations, outcome, None, rng=history.rng())
        last = Fit(fit(problem, cold_starts(problem)), n, n, was_refit=True)
    else:
        counts = {name: int(earlier[name]) for name in ("n_fitted", "n_cold", "n_aged")}
        last = Fit(_clipped(recorded(earlier, encoding)), was_refit=False, **counts)
    if len(history.objectives) == 1 and n >= _FEWEST_TO_AGE and n - last.n_aged >= max(5, n // _LOOK_AGAIN):
        last = replace(last, hyperparameters=suited(encoding, observations, outcome, last.hyperparameters), n_aged=n)
    problem = problem_of(encoding, observations, outcome, last.hyperparameters.directions, rng=history.rng())
    return _fitted_again(problem.of_kind(kind_of(last.hyperparameters.ageing)), n, last)


def _fitted_again(problem: Problem, n: int, last: Fit) -> Fit:
    """Return a fit to n readings: from scratch, from the last fit, or the last fit itself where few readings are new."""
    warm = last.hyperparameters.as_log()
    if last.was_refit and isinstance(last.hyperparameters.ageing, Steady):
        return last
    if n <= _ALWAYS_COLD or n >= 2 * last.n_cold:
        return replace(last, hyperparameters=fit(problem, [*cold_starts(problem), warm]), n_fitted=n, n_cold=n, was_refit=True)
    if n - last.n_fitted >= max(1, n // _REFIT_SHARE):
        return replace(last, hyperparameters=fit(problem, [warm]), n_fitted=n, was_refit=True)
    return last


def _clipped(hyperparameters: Hyperparameters) -> Hyperparameters:
    return replace(
        hyperparameters,
        lengthscales=np.clip(hyperparameters.lengthscales, *LENGTHSCALE_LIMITS),
        outputscale=float(np.clip(hyperparameters.outputscale, *OUTPUTSCALE_LIMITS)),
        noise=float(np.clip(hyperparameters.noise, *NOISE_LIMITS)),
    )
