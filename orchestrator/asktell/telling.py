"""What is told of a point: values and standard deviations by objective and limited signal."""

import math
from collections.abc import Iterable, Mapping
from typing import Any, cast

from orchestrator.asktell.given import example_of
from orchestrator.asktell.refusing import is_number
from orchestrator.asktell.state import AskTellState
from orchestrator.domain.errors import BadInput
from orchestrator.wording import show_value


def told_values(state: AskTellState, values: Any) -> dict[str, float]:
    """Return what was measured: the finite ones of the values told.

    Raises:
        BadInput: If they leave out an objective or a limited signal, name something else, or one is neither a number nor None.
    """
    names = _signals(state)
    if not isinstance(values, Mapping):
        raise BadInput(f"{show_value(values)} names no objective; write {example_of(names)}")
    require_known(names, values, "objective or limited signal" if state.limits else "objective")
    for name, value in values.items():
        if value is not None and not is_number(value):
            raise BadInput(f"{name} = {show_value(value)} is no number; give one, or None where it could not be measured")
    if missing := [name for name in names if name not in values]:
        nothing = "{" + ", ".join(f"{name!r}: None" for name in missing) + "}"
        raise BadInput(
            f"the values leave out {', '.join(missing)}; tell all of {', '.join(names)}, with {nothing} for what was not measured"
        )
    return {name: float(value) for name, value in values.items() if value is not None and math.isfinite(value)}


def told_sds(state: AskTellState, sd: Any, values: Mapping[str, Any]) -> dict[str, float]:
    """Return the standard deviations by name; none where none are known. Raises BadInput if one is none."""
    by_name = _by_name(sd, values)
    require_known(_signals(state), by_name, "objective or limited signal" if state.limits else "objective")
    for name, value in by_name.items():
        if not (is_number(value) and math.isfinite(value) and value >= 0):
            raise BadInput(f"sd = {value} of {name} is no standard deviation; give a finite number from 0, or leave it out")
    return {name: float(value) for name, value in by_name.items()}


def _by_name(sd: Any, values: Mapping[str, Any]) -> Mapping[str, Any]:
    if sd is None:
        return {}
    return cast(Mapping[str, Any], sd) if isinstance(sd, Mapping) else dict.fromkeys(values, sd)


def require_known(known: Iterable[str], names: Iterable[str], what: str = "objective") -> None:
    """Raise BadInput for the first name that is not among those known."""
    for name in names:
        if name not in known:
            raise BadInput(f"{name!r} is no {what}; there are {', '.join(known)}")


def _signals(state: AskTellState) -> tuple[str, ...]:
    """Return the names of everything that is told of a point, each once."""
    return tuple(dict.fromkeys([*state.objectives, *state.limits]))
