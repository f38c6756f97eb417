"""The space a campaign really searches: what it says, what the instrument adds, and the pool of candidates."""

from collections.abc import Iterator, Mapping, Sequence

from orchestrator.domain.base import Point
from orchestrator.domain.errors import SpecError
from orchestrator.domain.feasibility import contradiction
from orchestrator.domain.instrument import InstrumentDescription
from orchestrator.domain.space import Categorical, Parameter, Space, is_logarithmic
from orchestrator.domain.spec import CampaignSpec, CandidatesFile
from orchestrator.preflight.candidates import NameRow, checked_pool, identity, inside
from orchestrator.preflight.parameters import merged, problem_with_parameter
from orchestrator.preflight.problems import Locate, refuse
from orchestrator.wording import choose_from, dotted


def resolve_space(
    spec: CampaignSpec, description: InstrumentDescription, candidates: Sequence[Point] | None, *, locate: Locate = dotted
) -> Space:
    """Return the space with the instrument's limits, units, tolerances and pool where the campaign names none.

    Args:
        spec: As written.
        description: What the instrument says of itself.
        candidates: The campaign's own pool, read already; None when it has none.
        locate: Names a key path in messages.

    Raises:
        SpecError: If something in it cannot be set, or no point satisfies it; names thing, value, limit and way out.
    """
    parameters = _parameters(spec, description, candidates, locate)
    refuse(_misnamed_in_constraints(spec, parameters, locate))
    space = Space(parameters=parameters, constraints=spec.constraints)
    found = contradiction(space.parameters, space.constraints)
    if found is not None:
        index, reason = found
        raise SpecError(f"{locate(('constraints',) if index is None else ('constraints', index))}: {reason}")
    pool = _pool(spec, space, description, candidates, locate)
    return space if pool is None else space.model_copy(update={"candidates": pool})


def _parameters(
    spec: CampaignSpec, description: InstrumentDescription, candidates: Sequence[Point] | None, locate: Locate
) -> Mapping[str, Parameter]:
    axes = {name: axis.parameter for name, axis in description.axes.items()}
    if spec.space:
        refuse(_unknown_axes(spec.space, axes, ("space",), locate))
        refuse(problem for name, written in spec.space.items() if (problem := problem_with_parameter(name, written, axes[name], locate)))
        return {name: merged(written, axes[name]) for name, written in spec.space.items()}
    named = tuple(candidates[0]) if candidates else tuple(axes)
    refuse(_unknown_axes(named, axes, ("candidates",), locate))
    return {name: axes[name] for name in named}


def _unknown_axes(
    names: Sequence[str] | Mapping[str, Parameter], axes: Mapping[str, Parameter], at: tuple[str], locate: Locate
) -> Iterator[str]:
    for name in names:
        if name not in axes:
            yield f"{locate((*at, name))}: the instrument has no axis {name!r}; {choose_from(name, axes)}"


def _misnamed_in_constraints(spec: CampaignSpec, parameters: Mapping[str, Parameter], locate: Locate) -> Iterator[str]:
    for index, constraint in enumerate(spec.constraints):
        for name in constraint.weights:
            where = locate(("constraints", index, "weights", name))
            if name not in parameters:
                yield f"{where}: no parameter is called {name!r}; {choose_from(name, parameters)}"
            elif isinstance(parameters[name], Categorical):
                yield f"{where}: {name} is categorical; constrain numbers only"
            elif is_logarithmic(parameters[name]) and len(constraint.weights) > 1:
                yield f"{where}: {name} has scale: log, so nothing can be added to it; write scale: linear, or limit it alone"


def _pool(
    spec: CampaignSpec, space: Space, description: InstrumentDescription, candidates: Sequence[Point] | None, locate: Locate
) -> tuple[Point, ...] | None:
    own = description.candidates
    if own is not None:
        _require_all_axes(space, own[0], locate)
    if candidates is None:
        return None if own is None else _narrowed(own, space, locate)
    name_row = _row_names(spec, locate)
    pool = checked_pool(candidates, space, name_row)
    if own is not None:
        _require_members(pool, own, name_row)
    return pool


def _row_names(spec: CampaignSpec, locate: Locate) -> NameRow:
    """Return how a candidate is named: by its line in the CSV, which has a header line, or by its place in the campaign."""
    if isinstance(spec.candidates, CandidatesFile):
        name = spec.candidates.csv
        return lambda index: f"{name}:{index + 2}"
    return lambda index: locate(("candidates", index))


def _require_all_axes(space: Space, candidate: Point, locate: Locate) -> None:
    left_out = [name for name in candidate if name not in space.parameters]
    if left_out:
        raise SpecError(
            f"{locate(('space',))} leaves out {', '.join(left_out)}, but the instrument can measure its own candidates only, "
            "which set every axis; name them too, or leave space out"
        )


def _narrowed(own: Sequence[Point], space: Space, locate: Locate) -> tuple[Point, ...]:
    pool = tuple(inside(own, space))
    if not pool:
        raise SpecError(
            f"{locate(('space',))}: none of the instrument's {len(own)} candidates lies in it; widen the limits or the constraints"
        )
    return pool


def _require_members(pool: Sequence[Point], own: Sequence[Point], name_row: NameRow) -> None:
    members = {identity(point) for point in own}
    for index, point in enumerate(pool):
        if identity(point) not in members:
            raise SpecError(f"{name_row(index)} is not one of the {len(own)} points the instrument can measure; remove it")
