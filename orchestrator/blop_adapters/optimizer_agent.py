"""An optimizer with blop's protocol as an agent in a campaign."""

import random
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np

from agents.alone import torch_alone
from agents.encoding import Encoding
from agents.past import key_of, open_members, refused_points
from agents.rows import with_proper_types
from orchestrator.blop_adapters.protocols import Optimizer, Record, Registers, TakesFailures
from orchestrator.domain.base import Point, Setting, Value
from orchestrator.domain.campaign import Trial
from orchestrator.domain.errors import AgentError
from orchestrator.domain.history import History, objective_score
from orchestrator.domain.records import Evidence, Objective, Suggestion
from orchestrator.domain.space import Categorical, Ordinal, Space, same_point, show_point

_MOST_TRIES = 5
"""How often an optimizer is asked again that wants what was refused."""


class OptimizerAgent(ABC):
    """An agent made of an optimizer. Say in a subclass how yours is built, and name that class by an entry point.

    The optimizer is built anew for every suggestion and ingests the whole history. So it needs no memory: a campaign that is
    resumed after a crash, or replayed, asks for the same points. It must take points that it did not suggest.
    """

    class Settings(Value):
        """None."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @abstractmethod
    def build(self, space: Space, objectives: Sequence[Objective], seed: int) -> Optimizer:
        """Return a new optimizer that knows nothing yet.

        Args:
            space: What may be suggested. With ``candidates``, the nearest one left is taken instead.
            objectives: What is told of each point, in the rewards' units, and whether more or less of it is better. Their names
                here are ``objective_1`` and so on: some libraries read names as formulas, in which ``yield`` is a keyword.
            seed: Of its random numbers, another one for each suggestion. The global generators are seeded with it, too.

        Raises:
            AgentError: If the optimizer cannot do such a space or such objectives.
        """
        ...

    def ask(self, history: History) -> Suggestion:
        if history.space.candidates is not None:
            open_members(history)
        with _seeded(history) as seed:
            optimizer = self.build(history.space, _plainly_named(history.objectives), seed)
            _teach(optimizer, history)
            point, reason = _next(optimizer, history)
        return Suggestion(point=point, evidence=Evidence(reason=reason))

    def prepare(self, history: History) -> None:
        """Load its libraries while the instrument measures; what ``ask`` returns does not depend on it."""
        with _seeded(history) as seed:
            self.build(history.space, _plainly_named(history.objectives), seed)


def _plainly_named(objectives: Sequence[Objective]) -> list[Objective]:
    return [objective.model_copy(update={"name": f"objective_{number}"}) for number, objective in enumerate(objectives, start=1)]


@contextmanager
def _seeded(history: History) -> Iterator[int]:
    """Seed all global generators for the next suggestion, and leave them as they were afterwards."""
    with torch_alone():
        import torch

        seed = int(history.rng().integers(2**31))
        states = random.getstate(), np.random.get_state()
        random.seed(seed)
        np.random.seed(seed)
        torch.manual_seed(seed)
        try:
            yield seed
        finally:
            random.setstate(states[0])
            np.random.set_state(states[1])


def _teach(optimizer: Optimizer, history: History) -> None:
    """Tell the optimizer what was measured, what is awaited, and what was vetoed or failed."""
    trials = [trial for trial in history.trials if trial.kind.is_scored and history.space.contains(trial.point)]
    known = [record for trial in trials if (record := _record(history, trial))]
    if known:
        optimizer.ingest(known)
    awaited = [_told(history.space, trial.point) for trial in trials if trial.is_pending]
    if awaited and isinstance(optimizer, Registers):
        optimizer.register_suggestions(awaited)
    refused = [_told(history.space, point) for point in refused_points(history) if history.space.contains(point)]
    if refused and isinstance(optimizer, TakesFailures):
        optimizer.register_failures(optimizer.register_suggestions(refused))


def _record(history: History, trial: Trial) -> Record | None:
    """Return a trial's settings and its scores; None if it has not all of them."""
    plain = zip(_plainly_named(history.objectives), history.objectives, strict=True)
    values = {name.name: score.value for name, objective in plain if (score := objective_score(trial, objective)) is not None}
    return {**_told(history.space, trial.point), **values} if len(values) == len(history.objectives) else None


def _told(space: Space, point: Point) -> dict[str, Setting]:
    """Return a point as optimizers are told it: what is ordinal as float, so that 1, 2.5 and 4 are of one type."""
    settings = with_proper_types(space, point)
    return {name: float(settings[name]) if isinstance(space.parameters[name], Ordinal) else settings[name] for name in space.names}


def _next(optimizer: Optimizer, history: History) -> tuple[Point, str]:
    """Return the next point that may be measured, and a sentence about it."""
    name, space = type(optimizer).__name__, history.space
    if space.candidates is not None:
        return _nearest_left(history, _settings(optimizer, space), name)
    refused = {key_of(space, point) for point in refused_points(history)}
    point = _measurable(space, _settings(optimizer, space), name)
    for _ in range(_MOST_TRIES):
        if key_of(space, point) not in refused:
            return point, f"suggested by {name}"
        point = _measurable(space, _settings(optimizer, space), name)
    raise AgentError(f"{name} wants {show_point(point)} again and again, which was vetoed or failed; widen the space or end the campaign")


def _settings(optimizer: Optimizer, space: Space) -> Point:
    """Return the settings that the optimizer suggests, and nothing else it says about them."""
    [suggested] = optimizer.suggest(1)
    missing = [name for name in space.names if name not in suggested]
    if missing:
        raise AgentError(f"{type(optimizer).__name__} suggests no {', '.join(missing)}; build it with all of {', '.join(space.names)}")
    settings = {name: suggested[name] for name in space.names}
    for name, parameter in space.parameters.items():
        if isinstance(parameter, Categorical) and settings[name] not in parameter.values:
            raise AgentError(f"{type(optimizer).__name__} suggests {name} = {settings[name]!r}; it is one of {', '.join(parameter.values)}")
    return settings


def _measurable(space: Space, wanted: Point, name: str) -> Point:
    """Return the point with the space's own types. Nothing but rounding is forgiven.

    Raises:
        AgentError: If it may not be measured.
    """
    point = with_proper_types(space, wanted)
    if not same_point(point, wanted):
        raise AgentError(f"{name} suggests {show_point(wanted)}; the nearest allowed is {show_point(point)}; build it with the limits")
    if problems := space.problems(point):
        raise AgentError(f"{name} suggests what may not be measured: {problems[0]}; build it with the constraints")
    return point


def _nearest_left(history: History, wanted: Point, name: str) -> tuple[Point, str]:
    """Return the candidate nearest to what is wanted, of those left, in the unit cube."""
    pool, encoding = open_members(history), Encoding.of(history.space)
    distances = np.linalg.norm(encoding.of_points(pool) - encoding.of_points([wanted]), axis=1)
    member = with_proper_types(history.space, pool[int(distances.argmin())])
    return member, f"of {len(pool)} candidates left, the nearest to {show_point(wanted)}, which {name} suggested"
