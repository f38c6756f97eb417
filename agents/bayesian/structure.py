"""What kind of model suits the readings: whether they age, and along which directions the signal changes."""

from agents.bayesian.ageing import KINDS, Steady, kind_of
from agents.bayesian.conditioning import is_exact, newest_process
from agents.bayesian.directions import fit_directions, steepest
from agents.bayesian.observations import Observations, Outcome
from agents.bayesian.problems import problem_of
from agents.bayesian.surrogate import Hyperparameters, Problem, cold_starts, fit, fit_and_loss
from agents.encoding import Encoding

_LEAST_GAIN = 4.0
"""Of the log likelihood times priors, for readings that age or directions beside the axes: a prior chance of 1 in 50 for each."""
_ENOUGH_TO_KEEP = 1.0
"""The same for what was found before, so that it does not come and go."""
_MOST_AGED = 150
"""Readings, the newest, that tell whether readings age."""
_MOST_TURNED = 150
"""Readings, the newest, that tell along which directions the signal changes."""


def suited(encoding: Encoding, observations: Observations, outcome: Outcome, before: Hyperparameters) -> Hyperparameters:
    """Return hyperparameters of the structure that suits the readings best; those before, if theirs does."""
    aged = _aged_best(problem_of(encoding, observations, outcome, before.directions, most=_MOST_AGED), before)
    return _turned_best(encoding, observations, outcome, aged)


def _turned_best(encoding: Encoding, observations: Observations, outcome: Outcome, before: Hyperparameters) -> Hyperparameters:
    """Return what suits the readings best of fits along the axes, and along directions that the fit is free to choose.

    The freedom has a price: one for each angle (Akaike's criterion), and the prior chance.
    """
    is_number = encoding.is_number()
    n_angles = int(is_number.sum() * (is_number.sum() - 1) / 2)
    if not (0 < n_angles < min(observations.n, _MOST_TURNED) and is_exact(observations)):
        return before
    is_turned = before.directions is not None
    axes = problem_of(encoding, observations, outcome, None, most=_MOST_TURNED).of_kind(kind_of(before.ageing))
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
