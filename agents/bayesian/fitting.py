"""Hyperparameters across trials: the last decision's evidence is where the next fit starts.

An agent keeps nothing between calls, so a resumed campaign fits exactly as an uninterrupted one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from agents.bayesian.ageing import KINDS, Steady, as_record, from_record, kind_of
from agents.bayesian.conditioning import is_exact, newest_process, process_as_record, process_of
from agents.bayesian.directions import fit_directions, steepest
from agents.bayesian.doubts import doubted
from agents.bayesian.observations import Observations, Outcome
from agents.bayesian.process import Process
from agents.bayesian.recording import part_for
from agents.bayesian.surrogate import (
    LENGTHSCALE_LIMITS,
    NOISE_LIMITS,
    OUTPUTSCALE_LIMITS,
    Hyperparameters,
    Problem,
    cold_starts,
    fit,
    fit_and_loss,
)
from agents.encoding import Encoding
from orchestrator.domain.history import History

KERNEL = "matern-5/2"
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
_LEAST_GAIN = 4.0
"""Of the log likelihood times priors, for readings that age: a prior chance of 1 in 50."""
_ENOUGH_TO_KEEP = 1.0
"""The same once they were found to age, so that this does not come and go."""
_MOST_AGED = 150
"""Readings, the newest, that tell whether readings age."""
_MOST_TURNED = 150
"""Readings, the newest, that tell along which directions the signal changes."""
_MOST_FITTED = 400
"""Readings, drawn at random, that hyperparameters are fitted to. All of them are conditioned on."""


@dataclass(frozen=True, slots=True)
class Fit:
    """Hyperparameters and how fresh they are."""

    hyperparameters: Hyperparameters
    n_fitted: int
    """Trials at the last fit."""
    n_cold: int
    """Trials at the last fit that did not only start from the one before."""
    was_refit: bool
    n_aged: int = 0
    """Trials when it was last looked into whether readings age."""

    @property
    def noise_sd(self) -> float:
        """Return what one measurement scatters by, standardised."""
        return float(np.sqrt(self.hyperparameters.noise))


@dataclass(frozen=True, slots=True)
class Belief:
    """What is believed of one objective."""

    outcome: Outcome
    fit: Fit
    process: Process


def believe(history: History, encoding: Encoding, observations: Observations) -> list[Belief]:
    """Return one belief per objective."""
    return [_believe(history, encoding, observations, outcome) for outcome in observations.outcomes]


def believe_all(history: History, encoding: Encoding, observations: Observations) -> list[Belief]:
    """Return one belief per objective that doubts no reading: for signals whose worst readings matter most."""
    beliefs: list[Belief] = []
    for outcome in observations.outcomes:
        fitted = _fit(history, encoding, observations, outcome, _last_record(history, outcome.objective.name))
        process = process_of(encoding, observations, outcome, fitted.hyperparameters)
        beliefs.append(Belief(outcome, replace(fitted, hyperparameters=process.hyperparameters), process))
    return beliefs


def believe_all_again(encoding: Encoding, observations: Observations, before: Belief) -> Belief:
    """Return a belief that doubts no reading, starts where one in fewer scores ended, and descends from there only."""
    [outcome] = observations.outcomes
    fitted = _refitted(encoding, observations, outcome, before.fit)
    process = process_of(encoding, observations, outcome, fitted.hyperparameters)
    return Belief(outcome, replace(fitted, hyperparameters=process.hyperparameters), process)


def believe_again(encoding: Encoding, observations: Observations, before: Belief) -> Belief:
    """Return a belief that starts where one in fewer scores ended, and descends from there only."""
    [outcome] = observations.outcomes
    is_doubted = np.zeros(observations.n, dtype=bool)
    is_doubted[: len(before.outcome.is_doubted)] = before.outcome.is_doubted
    outcome = outcome.doubting(is_doubted)
    return _settled(encoding, observations, outcome, _refitted(encoding, observations, outcome, before.fit))


def _believe(history: History, encoding: Encoding, observations: Observations, outcome: Outcome) -> Belief:
    earlier = _last_record(history, outcome.objective.name)
    if earlier is not None:
        outcome = outcome.doubting(recorded_doubts(earlier, observations))
    return _settled(encoding, observations, outcome, _fit(history, encoding, observations, outcome, earlier))


def _settled(encoding: Encoding, observations: Observations, outcome: Outcome, fitted: Fit) -> Belief:
    """Return the belief once no further reading is doubted, or after a few rounds."""
    if not is_exact(observations):
        return _settled_roughly(encoding, observations, outcome, fitted)
    outcome, fitted = _without_an_extreme(encoding, observations, outcome, fitted)
    process = process_of(encoding, observations, outcome, fitted.hyperparameters)
    for _ in range(_MOST_ROUNDS):
        is_doubted = doubted(process, outcome.is_doubted)
        if np.array_equal(is_doubted, outcome.is_doubted):
            break
        outcome = outcome.doubting(is_doubted)
        fitted = _refitted(encoding, observations, outcome, fitted)
        process = process_of(encoding, observations, outcome, fitted.hyperparameters)
    return Belief(outcome, replace(fitted, hyperparameters=process.hyperparameters), process)


def _settled_roughly(encoding: Encoding, observations: Observations, outcome: Outcome, fitted: Fit) -> Belief:
    """Return the belief after one look at the newest of very many readings; older doubts stay as they are."""
    newest = newest_process(encoding, observations, outcome, fitted.hyperparameters, _MOST_FITTED)
    is_doubted = outcome.is_doubted.copy()
    is_doubted[-_MOST_FITTED:] = doubted(newest, is_doubted[-_MOST_FITTED:])
    if not np.array_equal(is_doubted, outcome.is_doubted):
        outcome = outcome.doubting(is_doubted)
    process = process_of(encoding, observations, outcome, fitted.hyperparameters)
    return Belief(outcome, replace(fitted, hyperparameters=process.hyperparameters), process)


def _without_an_extreme(encoding: Encoding, observations: Observations, outcome: Outcome, fitted: Fit) -> tuple[Outcome, Fit]:
    """Try to do without the most extreme reading: beside it all others may look the same, and cannot contradict it."""
    sizes = np.where(outcome.is_doubted, 0.0, np.abs(outcome.values))
    worst = int(np.argmax(sizes))
    if sizes[worst] < _EXTREME or observations.n < _FEWEST_TO_DOUBT:
        return outcome, fitted
    without = outcome.doubting(outcome.is_doubted | (np.arange(observations.n) == worst))
    problem = _problem_like(encoding, observations, without, fitted.hyperparameters)
    refitted = replace(fitted, hyperparameters=fit(problem, cold_starts(problem)), was_refit=True, n_fitted=observations.n)
    stays_doubted = doubted(process_of(encoding, observations, without, refitted.hyperparameters), without.is_doubted)[worst]
    return (without, refitted) if stays_doubted else (outcome, fitted)


def _refitted(encoding: Encoding, observations: Observations, outcome: Outcome, before: Fit) -> Fit:
    problem = _problem_like(encoding, observations, outcome, before.hyperparameters)
    return replace(before, hyperparameters=fit(problem, [before.hyperparameters.as_log()]), n_fitted=observations.n, was_refit=True)


def record(belief: Belief, encoding: Encoding, numbers: Sequence[int]) -> dict[str, Any]:
    """Return a belief as JSON. Lengthscales are in the units of the parameters, sds in that of the objective, near its median."""
    outcome, fitted = belief.outcome, belief.fit
    names, hyperparameters, scaling = encoding.space.names, fitted.hyperparameters, outcome.scaling
    return {
        "objective": outcome.objective.name,
        "kernel": KERNEL,
        "lengthscales": _by_name(names, along_axes(hyperparameters, encoding) * encoding.span),
        "directions": _directions_as_record(hyperparameters),
        "outputscale": hyperparameters.outputscale,
        "noise": hyperparameters.noise,
        "mean": hyperparameters.mean,
        "ageing": as_record(hyperparameters.ageing),
        "signal_sd": float(np.sqrt(hyperparameters.outputscale)) * scaling.scale * scaling.spread,
        "noise_sd": fitted.noise_sd * scaling.scale * scaling.spread,
        "uses_stated_sds": outcome.sds is not None,
        "outcome_transform": scaling.as_record(),
        "input_transform": {"low": _by_name(names, encoding.low), "span": _by_name(names, encoding.span)},
        "doubted": [number for number, is_doubted in zip(numbers, outcome.is_doubted, strict=True) if is_doubted],
        "n_train": len(numbers),
        "n_fitted": fitted.n_fitted,
        "n_cold": fitted.n_cold,
        "n_aged": fitted.n_aged,
        "was_refit": fitted.was_refit,
        **process_as_record(belief.process),
    }


def recorded(record: Mapping[str, Any], encoding: Encoding) -> Hyperparameters:
    """Return recorded hyperparameters in the unit cube and in standardised outcome units."""
    turn = record.get("directions")
    return Hyperparameters(
        lengthscales=np.array([record["lengthscales"][name] for name in encoding.space.names]) / encoding.span
        if turn is None
        else np.array(turn["lengthscales"]),
        directions=None if turn is None else np.array(turn["matrix"]),
        outputscale=record["outputscale"],
        noise=record["noise"],
        mean=record["mean"],
        ageing=from_record(record.get("ageing")),
    )


def recorded_doubts(record: Mapping[str, Any], observations: Observations) -> np.ndarray:
    """Return which readings were doubted, shape (trials,), boolean."""
    return np.isin(observations.numbers, record["doubted"])


def along_axes(hyperparameters: Hyperparameters, encoding: Encoding) -> np.ndarray:
    """Return the lengthscale along each parameter alone, in the unit cube, shape (parameters,)."""
    if hyperparameters.directions is None:
        return hyperparameters.lengthscales
    inverse = 1.0 / hyperparameters.lengthscales[encoding.groups]
    each = 1.0 / np.sqrt(((hyperparameters.directions * inverse) ** 2).sum(axis=1))
    return each[[int(np.argmax(encoding.groups == group)) for group in range(len(hyperparameters.lengthscales))]]


def _directions_as_record(hyperparameters: Hyperparameters) -> dict[str, Any] | None:
    directions = hyperparameters.directions
    return None if directions is None else {"matrix": directions.tolist(), "lengthscales": hyperparameters.lengthscales.tolist()}


def _by_name(names: tuple[str, ...], numbers: np.ndarray) -> dict[str, float]:
    return {name: float(number) for name, number in zip(names, numbers, strict=True)}


def _fit(history: History, encoding: Encoding, observations: Observations, outcome: Outcome, earlier: Mapping[str, Any] | None) -> Fit:
    n = observations.n
    if earlier is None:
        problem = _problem(encoding, observations, outcome, None, rng=history.rng())
        last = Fit(fit(problem, cold_starts(problem)), n, n, was_refit=True)
    else:
        counts = {name: int(earlier[name]) for name in ("n_fitted", "n_cold", "n_aged")}
        last = Fit(_clipped(recorded(earlier, encoding)), was_refit=False, **counts)
    if len(history.objectives) == 1 and n >= _FEWEST_TO_AGE and n - last.n_aged >= max(5, n // _LOOK_AGAIN):
        turned = _turned_best(encoding, observations, outcome, last.hyperparameters)
        recent = _problem(encoding, observations, outcome, turned.directions, most=_MOST_AGED)
        last = replace(last, hyperparameters=_aged_best(recent, turned), n_aged=n)
    problem = _problem(encoding, observations, outcome, last.hyperparameters.directions, rng=history.rng())
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


def _turned_best(encoding: Encoding, observations: Observations, outcome: Outcome, before: Hyperparameters) -> Hyperparameters:
    """Return what suits the readings best of fits along the axes, and along directions that the fit is free to choose.

    The freedom has a price: one for each angle (Akaike's criterion), and the prior chance.
    """
    is_number = encoding.is_number()
    n_angles = int(is_number.sum() * (is_number.sum() - 1) / 2)
    if not (0 < n_angles < min(observations.n, _MOST_TURNED) and is_exact(observations)):
        return before
    is_turned = before.directions is not None
    axes = _problem(encoding, observations, outcome, None, most=_MOST_TURNED).of_kind(kind_of(before.ageing))
    starts = [cold_starts(axes)[0]] if is_turned else [before.as_log()]
    straight, straight_loss = fit_and_loss(axes, starts)
    guess = before.directions if is_turned else steepest(newest_process(encoding, observations, outcome, before, _MOST_TURNED), is_number)
    free = axes.along(guess)
    turned, turned_loss = fit_directions(free, is_number, before if is_turned else fit(free, [before.as_log()]))
    price = n_angles + (_ENOUGH_TO_KEEP if is_turned else _LEAST_GAIN)
    if turned_loss + price < straight_loss:
        return turned
    return straight if is_turned else before


def _aged_best(problem: Problem, before: Hyperparameters) -> Hyperparameters:
    """Return what suits the readings best of fits where nothing becomes of them, where they drift, and where they are forgotten."""
    current = kind_of(before.ageing)
    price = {kind: _ENOUGH_TO_KEEP if kind is current else _LEAST_GAIN for kind in KINDS} | {Steady: 0.0}
    fits = {kind: _of_kind(problem.of_kind(kind), before) for kind in KINDS}
    best = min(KINDS, key=lambda kind: fits[kind][1] + price[kind])
    return before if best is current else fits[best][0]


def _of_kind(problem: Problem, before: Hyperparameters) -> tuple[Hyperparameters, float]:
    """Return a fit that starts from one that may be of another kind, and minus the log of its likelihood times priors."""
    start = cold_starts(problem)[0]
    steady = before.as_log()[: len(problem.squares) + 2]
    start[: len(steady)] = steady
    return fit_and_loss(problem, [before.as_log() if isinstance(before.ageing, problem.ageing) else start])


def _problem(
    encoding: Encoding,
    observations: Observations,
    outcome: Outcome,
    directions: np.ndarray | None,
    *,
    rng: np.random.Generator | None = None,
    most: int = _MOST_FITTED,
) -> Problem:
    """Return what to fit to: all readings, or as many of them, the newest or drawn, as tell the hyperparameters well enough."""
    chosen = np.arange(observations.n)
    if observations.n > most:
        chosen = chosen[-most:] if rng is None else np.sort(rng.permutation(chosen)[:most])
    return Problem.of(
        observations.cube[chosen],
        encoding.groups,
        outcome.values[chosen],
        outcome.variances[chosen],
        states_noise=outcome.sds is not None,
        times=observations.times[chosen],
    ).along(directions)


def _problem_like(encoding: Encoding, observations: Observations, outcome: Outcome, before: Hyperparameters) -> Problem:
    """Return what to fit to, along the directions and of the kind found before."""
    return _problem(encoding, observations, outcome, before.directions).of_kind(kind_of(before.ageing))


def _clipped(hyperparameters: Hyperparameters) -> Hyperparameters:
    return replace(
        hyperparameters,
        lengthscales=np.clip(hyperparameters.lengthscales, *LENGTHSCALE_LIMITS),
        outputscale=float(np.clip(hyperparameters.outputscale, *OUTPUTSCALE_LIMITS)),
        noise=float(np.clip(hyperparameters.noise, *NOISE_LIMITS)),
    )


def _last_record(history: History, objective: str) -> Mapping[str, Any] | None:
    """Return the model of the newest decision that was made for this objective in this space."""
    for trial in reversed(history.trials):
        model = trial.evidence.model
        found = part_for(model, objective)
        if (
            found is not None
            and found.get("kernel") == KERNEL
            and "n_aged" in found
            and found["lengthscales"].keys() == set(history.space.names)
        ):
            return found
    return None
