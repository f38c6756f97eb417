"""Spaces and histories that every agent must cope with."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle, islice

from orchestrator.domain.base import Point, Setting
from orchestrator.domain.campaign import TrialStatus
from orchestrator.domain.history import History
from orchestrator.domain.records import Objective, Suggestion, TrialKind
from orchestrator.domain.space import Categorical, Continuous, Integer, LinearConstraint, Ordinal, Space
from orchestrator.testing.histories import YIELD, empty_history, extended, history_with

COST = Objective(name="cost", goal="minimise", unit="s")


@dataclass(frozen=True, slots=True)
class Case:
    """A history an agent must cope with."""

    name: str
    history: History
    is_exhausted: bool = False
    """Whether nothing new is left, so that the agent may repeat a point or raise AgentError."""

    def __str__(self) -> str:
        return self.name


SPACES = {
    "continuous": Space(parameters={"x": Continuous(limits=(-2.0, 3.0)), "y": Continuous(limits=(0.0, 1e6))}),
    "integer": Space(parameters={"n": Integer(type="integer", limits=(-3, 40)), "x": Continuous(limits=(0, 1))}),
    "ordinal": Space(parameters={"n": Ordinal(values=(6, 8, 10, 12)), "r": Ordinal(values=(1.5, 1.7, 2.5, 4.0, 9.0))}),
    "categorical": Space(parameters={"filter": Categorical(values=("Al", "Cu", "none")), "x": Continuous(limits=(0, 1))}),
    "all discrete": Space(
        parameters={"filter": Categorical(values=("Al", "Cu")), "n": Integer(type="integer", limits=(0, 3)), "m": Ordinal(values=(1, 2))}
    ),
    "half a square": Space(
        parameters={"x": Continuous(limits=(0, 1)), "y": Continuous(limits=(0, 1))},
        constraints=(LinearConstraint(weights={"x": 1, "y": 1}, upper=1.0),),
    ),
    "composition": Space(
        parameters={name: Continuous(limits=(0, 1)) for name in ("Fe", "Ga", "Pd")},
        constraints=(LinearConstraint(weights={"Fe": 1, "Ga": 1, "Pd": 1}, lower=1.0, upper=1.0),),
    ),
    "thin slab": Space(
        parameters={"x": Continuous(limits=(0, 100)), "y": Continuous(limits=(0, 100)), "n": Integer(type="integer", limits=(0, 9))},
        constraints=(LinearConstraint(weights={"x": 1, "y": -1}, lower=0.0, upper=0.001),),
    ),
    "composition in steps": Space(
        parameters={name: Ordinal(values=tuple(k / 20 for k in range(21))) for name in ("a", "b", "c", "d")},
        constraints=(LinearConstraint(weights=dict.fromkeys("abcd", 1.0), lower=1.0, upper=1.0),),
    ),
    "pool": Space(
        parameters={"n": Ordinal(values=(6, 8, 10)), "x": Continuous(limits=(0, 4)), "kind": Categorical(values=("a", "b"))},
        candidates=tuple({"n": n, "x": x / 2, "kind": kind} for n in (6, 8, 10) for x in range(8) for kind in "ab"),
    ),
    "decades": Space(
        parameters={"flow": Continuous(limits=(1e-3, 1e2), scale="log"), "x": Continuous(limits=(0, 1))},
        constraints=(LinearConstraint(weights={"flow": 2.0}, lower=0.01, upper=30.0),),
    ),
    "decades of a pool": Space(
        parameters={"flow": Continuous(limits=(1e-4, 1e3), scale="log"), "kind": Categorical(values=("a", "b"))},
        candidates=tuple({"flow": 2.0**exponent / 3.0, "kind": kind} for exponent in range(-10, 10) for kind in "ab"),
    ),
    "one value": Space(parameters={"n": Ordinal(values=(5,))}),
    "one value beside a range": Space(parameters={"filter": Categorical(values=("Al",)), "x": Continuous(limits=(1e-6, 3e-6))}),
}
"""One space for every kind of parameter and constraint, by name."""


def example_points(space: Space, n: int) -> list[Point]:
    """Return n points of a space from ``SPACES``, made without any agent: members, lattice points or mixtures."""
    if space.candidates is not None:
        return [space.candidates[(7 * index) % len(space.candidates)] for index in range(n)]
    lattice = [point for index in range(10 * n) if space.contains(point := _lattice_point(space, index))]
    return list(islice(cycle(lattice), n))


def cases_of(name: str) -> list[Case]:
    """Return the histories that are tried in one of ``SPACES``."""
    space = SPACES[name]
    points = example_points(space, 14)
    scores = [10.0 + (3.7 * index) % 5 for index in range(len(points))]
    refused = [(points[12], TrialStatus.VETOED), (points[13], TrialStatus.FAILED)]
    several = history_with(
        space,
        [(point, {"yield": score, "cost": 30 - score**1.5}) for point, score in zip(points[:12], scores, strict=False)],
        [YIELD, COST],
    )
    histories = {
        "nothing yet": empty_history(space),
        "one score": history_with(space, [(points[0], 1.0)]),
        "twelve scores": history_with(space, zip(points[:12], scores, strict=False), seed=7),
        "scores with sds": history_with(space, zip(points[:12], scores, strict=False), sd=0.5),
        "to be minimised": history_with(space, [(point, score) for point, score in zip(points[:12], scores, strict=False)], [COST]),
        "pending": history_with(space, [*zip(points[:11], scores, strict=False), (points[11], TrialStatus.AWAITING), (points[12], None)]),
        "vetoed and failed": history_with(space, [*zip(points[:12], scores, strict=False), *refused]),
        "only vetoed": history_with(space, [(points[12], TrialStatus.VETOED)] * 3),
        "constant": history_with(space, [(point, 0.1) for point in points[:12]]),
        "huge": history_with(space, [(point, 1e30 * score) for point, score in zip(points[:12], scores, strict=False)]),
        "tiny": history_with(space, [(point, 1e-30 * score) for point, score in zip(points[:12], scores, strict=False)]),
        "one point with many values": history_with(space, [(points[0], score) for score in scores[:12]]),
        "an outlier": history_with(space, [*zip(points[:11], scores, strict=False), (points[11], -1e9)]),
        "two objectives": several,
        "a missing objective": extended(several, Suggestion(point=points[12]), {"yield": 3.0, "cost": None}),
        "a person's point, darks and a reference": _with_others(space, points, scores),
    }
    n_points = _n_points(space)
    return [
        Case(f"{name}: {label}", history, is_exhausted=len({str(point) for point in history.suggested_points() if point}) >= n_points)
        for label, history in histories.items()
    ]


def _with_others(space: Space, points: Sequence[Point], scores: Sequence[float]) -> History:
    """Return a history with a person's point, the first one again as a reference, and darks, which have no point; the last one newest."""
    history = _with_dark(history_with(space, zip(points[:11], scores, strict=False)))
    history = extended(history, Suggestion(point=points[0]), scores[0] + 0.5, kind=TrialKind.REFERENCE)
    return _with_dark(extended(history, Suggestion(point=points[11]), scores[11], kind=TrialKind.HUMAN))


def _with_dark(history: History) -> History:
    return extended(history, Suggestion(point={}), TrialStatus.DONE, kind=TrialKind.DARK)


def _lattice_point(space: Space, index: int) -> Point:
    """Return a point from a lattice of irrational steps, made to sum to 1 where the constraint says so."""
    shares = [(index * step) % 1.0 for step in (0.7548776662, 0.5698402910, 0.8191725134, 0.4387452017)]
    point: dict[str, Setting] = {}
    for share, (name, parameter) in zip(shares, space.parameters.items(), strict=False):
        match parameter:
            case Continuous():
                point[name] = parameter.limits[0] + share * (parameter.limits[1] - parameter.limits[0])
            case Integer():
                point[name] = parameter.limits[0] + int(share * (parameter.limits[1] - parameter.limits[0] + 1))
            case Ordinal() | Categorical():
                point[name] = parameter.values[int(share * len(parameter.values))]
    return _on_constraint(space, point)


def _on_constraint(space: Space, point: dict[str, Setting]) -> Point:
    """Return the point with the last constrained number changed so that the first constraint just holds."""
    if not space.constraints or space.contains(point):
        return point
    constraint = space.constraints[0]
    name = list(constraint.weights)[-1]
    bound = constraint.lower if constraint.lower is not None else constraint.upper
    assert bound is not None
    rest = constraint.total({**point, name: 0.0})
    wanted = (bound - rest) / constraint.weights[name]
    parameter = space.parameters[name]
    return {**point, name: min(parameter.values, key=lambda value: abs(value - wanted)) if isinstance(parameter, Ordinal) else wanted}


def _n_points(space: Space) -> float:
    """Return how many points a space holds, or infinity."""
    if space.candidates is not None:
        return len(space.candidates)
    total = 1.0
    for parameter in space.parameters.values():
        match parameter:
            case Continuous():
                return float("inf")
            case Integer():
                total *= parameter.limits[1] - parameter.limits[0] + 1
            case Ordinal() | Categorical():
                total *= len(parameter.values)
    return total


_EVERYWHERE = ("nothing yet", "twelve scores", "pending", "vetoed and failed")
_IN_FULL = ("continuous", "categorical", "pool")
"""Spaces in which every history is tried; in the others those of ``_EVERYWHERE`` suffice."""

CASES: Sequence[Case] = tuple(
    case for name in SPACES for case in cases_of(name) if name in _IN_FULL or case.name.removeprefix(f"{name}: ") in _EVERYWHERE
)
"""The histories every agent is tried on."""
