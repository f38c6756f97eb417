"""How a campaign stands and the best it found, as clients read it."""

from collections.abc import Mapping
from typing import Literal

from orchestrator.domain.base import Moment, Setting, Value
from orchestrator.domain.records import ObjectiveScore

Level = Literal["ok", "waiting", "attention", "bad", "done"]
"""How much somebody should care: all is well · nothing to do but wait · a person is needed · something is wrong · over."""


class Standing(Value):
    """The one line a person reads first."""

    level: Level
    word: str
    """``running``, ``thinking``, ``held``, ``beam lost``, ``paused``, ``done``, ``failed``, ``nobody runs it`` …"""
    sentence: str
    """What is going on, and why."""
    since: Moment | None
    next: str = ""
    """What happens next by itself, or what somebody should do."""


class BestPoint(Value):
    trial: int
    point: Mapping[str, Setting]
    value: float
    sd: float | None = None


class FrontTrial(Value):
    """One trial of the Pareto front."""

    trial: int
    point: Mapping[str, Setting]
    scores: Mapping[str, ObjectiveScore]
    """By objective."""


class Front(Value):
    """The trials of several objectives that no other beats in all of them at once."""

    n: int
    trials: tuple[FrontTrial, ...]
    """At most ten, the best by the first objective first; of more, both ends and evenly between them."""
