"""The tasks, as ``tasks.yaml`` writes them."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal

from pydantic import Field, model_validator

from orchestrator.domain.base import Value
from orchestrator.domain.errors import BadInput
from orchestrator.domain.space import LinearConstraint, Parameter
from orchestrator.domain.spec import NAME

Goal = Literal["maximise", "minimise"]
Kind = Literal["real", "synthetic", "held-out", "own"]
"""Measured, a function, one that no choice in an agent was made on, or a measured table of a person's own."""


class TopTarget(Value):
    """A share of the best members of a pool is found."""

    share: float = Field(gt=0, le=1)
    of_top: float = Field(gt=0, le=1)
    """The best members, as a share of the pool, rounded up."""


class ValueTarget(Value):
    """A value is reached: of the objective, or with two objectives the dominated area."""

    value: float
    random: float = Field(gt=0)
    """Measurements that uniform random search needs on average."""


class Outliers(Value):
    """Readings that are grossly off."""

    share: float = Field(gt=0, lt=1)
    size: tuple[float, float]
    """By how much, either way, between these two."""


class Task(Value):
    """One task of the optimise suite."""

    name: str
    kind: Kind
    about: str
    data: str | None = None
    """A bundled set, or a CSV by its path, whose settings are the pool."""
    replicates: bool = False
    """Whether a measurement is one replicate; otherwise their mean."""
    function: str | None = None
    space: Mapping[Annotated[str, Field(pattern=NAME)], Parameter] = {}
    constraints: tuple[LinearConstraint, ...] = ()
    objectives: Mapping[str, Goal] = Field(min_length=1, max_length=2)
    optimum: float | None = None
    """The best true value, or the largest dominated area; that of a pool is looked up."""
    reference: tuple[float, float] | None = None
    """The corner of the dominated area, with two objectives."""
    target: TopTarget | ValueTarget
    budget: int = Field(gt=0)
    """Measurements, those of the start included."""
    noise: float = Field(default=0.0, ge=0)
    """Standard deviation of a reading."""
    drift: float = 0.0
    """What is added to a reading by the end of the budget, less for odd seeds."""
    motion: Mapping[str, float] = {}
    """How far the function has moved along a parameter by the end of the budget."""
    outliers: Outliers | None = None
    fingerprint: str = ""
    """Of a person's own table and what is asked of it: results made before either changed are others."""
    counts_after: int = Field(default=0, ge=0)
    """Measurements up to this one reach no target."""

    @model_validator(mode="after")
    def _is_complete(self) -> "Task":
        if (self.data is None) == (self.function is None):
            raise ValueError(f"task {self.name} needs either data or a function")
        if self.function is not None and (self.optimum is None or not self.space):
            raise ValueError(f"task {self.name} plays a function and needs its space and optimum")
        if (self.reference is None) == (len(self.objectives) == 2):
            raise ValueError(f"task {self.name} needs a reference with two objectives, and only then")
        return self

    @property
    def goal(self) -> Goal:
        """The first objective's."""
        return next(iter(self.objectives.values()))

    @property
    def n_counted(self) -> int:
        """Measurements that can reach the target."""
        return self.budget - self.counts_after


@cache
def all_tasks() -> Mapping[str, Task]:
    """Return the tasks by name, in the file's order."""
    from ruamel.yaml import YAML

    written = YAML(typ="safe").load((files("orchestrator.benchmarks") / "tasks.yaml").read_text(encoding="utf-8"))
    return {name: Task.model_validate({"name": name, **body}) for name, body in written.items()}


def named(names: Sequence[str], known: Iterable[str], what: str) -> tuple[str, ...]:
    """Return the names, or all that are known if there are none. Raises BadInput for one that is unknown."""
    all_known = tuple(known)
    for name in names:
        if name not in all_known:
            nearest = difflib.get_close_matches(name, all_known, n=1)
            hint = f"did you mean {nearest[0]!r}? " if nearest else ""
            raise BadInput(f"no {what} is called {name!r}; {hint}there are {', '.join(all_known)}")
    return tuple(names) or all_known
