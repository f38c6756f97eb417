"""A campaign seen without the parameter that says how long a measurement takes.

An exposure bears on how much a reading scatters and on how long it takes, never on the signal, so it is no dimension of
the model. What is left is an ordinary history, which knows how long each trial was exposed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np

from agents.past import Key, key_of, refused_points, suggested_keys
from agents.rows import with_proper_types
from orchestrator.domain.base import Point
from orchestrator.domain.campaign import Trial
from orchestrator.domain.errors import AgentError
from orchestrator.domain.history import History, measured_point
from orchestrator.domain.records import Objective, Suggestion
from orchestrator.domain.space import Categorical, Continuous, Integer, Ordinal, Space, extent
from orchestrator.wording import choose_from

_N_TRIED = 31
"""Exposures compared, evenly spaced in their logarithm: over two decades, 17 % apart."""

_SLACK = 1e-9
"""Share of a bound by which a whole number may miss it: about what the space itself forgives, as bounds are worked out by a division."""

Numeric = Continuous | Integer | Ordinal
Kept = TypeVar("Kept")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposed(History):
    """A history whose points leave the exposure out."""

    whole: History
    """As it was shown."""
    exposure: str
    """The parameter's name."""
    parameter: Numeric
    exposures: Mapping[int, float]
    """By trial number, in the parameter's unit; trials of an older space may have none."""
    tried: np.ndarray = field(compare=False)
    """Those to choose from, ascending, shape (exposures,)."""

    @property
    def parameter_range(self) -> tuple[float, float]:
        """Return the shortest and the longest exposure."""
        return extent(self.parameter)

    def exposures_of(self, trials: Sequence[Trial]) -> np.ndarray:
        """Return how long trials were exposed, in the parameter's unit, shape (trials,)."""
        middle = float(np.sqrt(np.prod(extent(self.parameter))))
        return np.array([self.exposures.get(trial.number, middle) for trial in trials])


def exposed(history: History, exposure: str, before: Exposed | None = None) -> Exposed:
    """Return the history without an exposure.

    Args:
        history: As it is shown.
        exposure: The parameter's name.
        before: What an earlier history of the campaign looked like; what it shares with this one is not made again.

    Raises:
        AgentError: If that parameter cannot be an exposure, or there is nothing else to choose.
    """
    if before is not None and before.whole is history:
        return before
    for problem in problems_with_exposure(history.space, history.objectives, exposure):
        raise AgentError(problem)
    parameter = history.space.parameters[exposure]
    assert not isinstance(parameter, Categorical)
    known = before if before is not None and before.whole.space is history.space else None
    n_known = 0 if known is None else _n_shared(known.whole.trials, history.trials)
    trials = (*(() if known is None else known.trials[:n_known]), *(_without(trial, exposure) for trial in history.trials[n_known:]))
    return Exposed(
        space=_space_without(history.space, exposure) if known is None else known.space,
        objectives=history.objectives,
        seed=history.seed,
        trials=trials,
        stream=history.stream,
        limits=history.limits,
        safe_start=tuple(_point_without(point, exposure) for point in history.safe_start),
        whole=history,
        exposure=exposure,
        parameter=parameter,
        exposures=_exposures(history, exposure),
        tried=tried_in(history.space, exposure, parameter),
    )


def problems_with_exposure(space: Space, objectives: Sequence[Objective], exposure: str) -> list[str]:
    """Return why a parameter cannot be chosen as an exposure, one sentence each; empty where it can."""
    parameter = space.parameters.get(exposure)
    if parameter is None:
        return [f"exposure = {exposure!r} is no parameter of the space; {choose_from(exposure, space.parameters)}"]
    if isinstance(parameter, Categorical):
        return [f"exposure = {exposure!r} is categorical; name a parameter that is a number, such as seconds"]
    found = (*_problems_with_values(space, exposure, parameter), *_problems_with_campaign(space, objectives))
    return [f"exposure = {exposure!r} {problem}" for problem in found]


def _problems_with_values(space: Space, exposure: str, parameter: Numeric) -> Iterator[str]:
    low, unit = extent(parameter)[0], f" {parameter.unit}" if parameter.unit else ""
    bound = next((each for each in space.constraints if exposure in each.weights and len(each.weights) > 1), None)
    if low <= 0:
        yield f"begins at {low:g}{unit}; give space.{exposure} a lower limit above 0{unit}"
    elif bound is not None:
        yield f"is bound to others by a constraint on {bound}; leave it out of there"
    elif not len(tried_in(space, exposure, parameter)):
        yield "has no value that the constraints allow; loosen them"


def _problems_with_campaign(space: Space, objectives: Sequence[Objective]) -> Iterator[str]:
    if space.candidates is not None:
        yield "does not go with a pool of candidates; write limits instead, or leave exposure out"
    if len(space.parameters) == 1:
        yield "is the only parameter of the space; add one that the signal depends on"
    if len(objectives) > 1:
        names = ", ".join(objective.name for objective in objectives)
        yield f"is chosen for one objective, and there are {len(objectives)} ({names}); keep one"


def tried_in(space: Space, exposure: str, parameter: Numeric) -> np.ndarray:
    """Return the exposures to choose from, ascending, that the constraints on it alone allow: a person may have fixed it."""
    own = [each for each in space.constraints if exposure in each.weights]
    if isinstance(parameter, Ordinal):
        return _spread(
            np.array([each for each in parameter.values if not any(bound.problem({exposure: each}) for bound in own)], dtype=float)
        )
    low, high = _narrowed(extent(parameter), [(each.weights[exposure], each.lower, each.upper) for each in own])
    if isinstance(parameter, Integer):
        return _whole(low, high)
    return _rounded(low, high) if low <= high else np.empty(0)


def _rounded(low: float, high: float) -> np.ndarray:
    """Return numbers with two digits between two ends, and these."""
    between = [float(f"{each:.2g}") for each in np.geomspace(low, high, _N_TRIED)[1:-1]]
    return np.unique([low, *(each for each in between if low < each < high), high])


def _whole(low: float, high: float) -> np.ndarray:
    """Return the whole numbers between two positive ends, or of very many those nearest to an even spread of their logarithms."""
    first, last = np.ceil(low - min(_SLACK * max(low, 1.0), 0.5)), np.floor(high + min(_SLACK * max(high, 1.0), 0.5))
    if last - first < _N_TRIED:
        return np.arange(first, last + 1)
    return np.unique(np.ceil(np.geomspace(first, last, _N_TRIED) - 0.5))


def _spread(values: np.ndarray) -> np.ndarray:
    """Return ascending values, or of very many those nearest to an even spread of their logarithms."""
    if len(values) <= _N_TRIED:
        return values
    wanted = np.geomspace(values[0], values[-1], _N_TRIED)
    return values[np.unique([int(np.argmin(np.abs(values - each))) for each in wanted])]


def _narrowed(limits: tuple[float, float], bounds: Sequence[tuple[float, float | None, float | None]]) -> tuple[float, float]:
    """Return limits with bounds on a number times a weight, each a weight and the lowest and highest product."""
    low, high = limits
    for weight, lower, upper in bounds:
        ends = sorted(each / weight for each in (-np.inf if lower is None else lower, np.inf if upper is None else upper))
        low, high = max(low, ends[0]), min(high, ends[1])
    return low, high


def opening_exposure(tried: np.ndarray, n_before: int) -> float:
    """Return the exposure of one of the first trials: different ones, so that their scatter and time can be told apart.

    Their logarithms are a van der Corput sequence in the lower three quarters of the range: the middle, a shorter, a longer one, …
    """
    share, step, n = 0.0, 0.5, n_before + 1
    while n:
        share, step, n = share + step * (n % 2), step / 2, n // 2
    low, high = np.log(tried[0]), np.log(tried[-1])
    return float(tried[int(np.argmin(np.abs(np.log(tried) - low - 0.75 * share * (high - low))))])


def spent_keys(history: History) -> set[Key]:
    """Return the keys of points that may not be suggested again: where exposures are chosen, one may be measured again, and longer."""
    if isinstance(history, Exposed):
        return {key_of(history.space, point) for point in refused_points(history)}
    return suggested_keys(history)


def whole_point(history: Exposed, point: Point, exposure: float) -> Point:
    """Return a point with its exposure, in the order and with the types of the whole space."""
    return with_proper_types(history.whole.space, {**point, history.exposure: exposure})


def opened(history: History, suggestion: Suggestion) -> Suggestion:
    """Return a suggestion that no model made, with an exposure where those are chosen."""
    if not isinstance(history, Exposed):
        return suggestion
    exposure = opening_exposure(history.tried, history.n_suggestions)
    unit = f" {history.parameter.unit}" if history.parameter.unit else ""
    reason = f"{suggestion.evidence.reason}; {exposure:g}{unit}: exposures differ at first, to learn their cost and scatter"
    evidence = suggestion.evidence.model_copy(update={"reason": reason})
    return Suggestion(point=whole_point(history, suggestion.point, exposure), evidence=evidence)


def _n_shared(one: Sequence[Trial], other: Sequence[Trial]) -> int:
    """Return how many trials at the beginning are the very same."""
    different = (index for index, (a, b) in enumerate(zip(one, other, strict=False)) if a is not b)
    return next(different, min(len(one), len(other)))


def _exposures(history: History, exposure: str) -> dict[int, float]:
    found = ((trial.number, measured_point(trial).get(exposure)) for trial in history.trials)
    return {number: float(value) for number, value in found if isinstance(value, int | float) and value > 0}


def _space_without(space: Space, exposure: str) -> Space:
    others = tuple(each for each in space.constraints if exposure not in each.weights)
    return space.model_copy(update={"parameters": _without_key(space.parameters, exposure), "constraints": others})


def _without(trial: Trial, exposure: str) -> Trial:
    observation = trial.observation
    if observation is not None:
        places = {"setpoint": _without_key(observation.setpoint, exposure), "readback": _without_key(observation.readback, exposure)}
        observation = observation.model_copy(update=places)
    return replace(trial, point=_point_without(trial.point, exposure), observation=observation)


def _point_without(point: Point, exposure: str) -> Point:
    return _without_key(point, exposure)


def _without_key(values: Mapping[str, Kept], key: str) -> dict[str, Kept]:
    return {name: value for name, value in values.items() if name != key}
