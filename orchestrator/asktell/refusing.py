"""What makes no sense, refused as a campaign file would be: the thing, its value and the way out."""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, cast

from pydantic import BaseModel, ValidationError

from orchestrator.domain.errors import BadInput
from orchestrator.domain.space import Space
from orchestrator.wording import dotted, show_value
from orchestrator.wording.explaining import KeyPath, explain


def refused(error: ValidationError, data: Any, model: type[BaseModel], prefix: KeyPath = ()) -> BadInput:
    """Return what pydantic found in words: every problem with its place and value.

    Args:
        error: What pydantic raised.
        data: What was validated, as written.
        model: What it was validated against.
        prefix: Where ``data`` stands in what was written.
    """
    problems = (f"{dotted(problem.path)}{problem.text}".removeprefix(": ") for problem in explain(error, data, model, prefix))
    return BadInput("; ".join(problems))


def parsed(text: str | bytes) -> Any:
    """Return what a JSON text says. Raises BadInput if it is none."""
    try:
        return json.loads(text)
    except (TypeError, ValueError) as error:
        raise BadInput(f"{show_value(text)} is no JSON text ({error}); give what to_json returned, not the name of a file") from None


def require_whole(n: Any) -> None:
    """Raise BadInput unless n is a whole number from 1."""
    if not hasattr(n, "__index__") or n < 1:
        raise BadInput(f"n = {n} points cannot be asked for; ask for a whole number from 1")


def require_point(space: Space, point: Any) -> None:
    """Raise BadInput if it is no mapping from parameters to settings."""
    if not isinstance(point, Mapping):
        raise BadInput(f"{show_value(point)} is no point; name every parameter: {_example(space.names)}")


def require_points(space: Space, points: Any) -> None:
    """Raise BadInput if it is no sequence of points."""
    if isinstance(points, Mapping):
        raise BadInput(f"{show_value(points)} is one point; give a list of points: [{_example(space.names)}, …]")
    for point in cast(Sequence[Any], points):
        require_point(space, point)


def require_values(names: Sequence[str], values: Any) -> None:
    """Raise BadInput if it is no mapping from names to numbers, None or NaN."""
    if not isinstance(values, Mapping):
        raise BadInput(f"{show_value(values)} names no objective; write {_example(names)}")
    for name, value in cast(Mapping[str, Any], values).items():
        if value is not None and not is_number(value):
            raise BadInput(f"{name} = {show_value(value)} is no number; give one, or None where it could not be measured")


def is_number(value: Any) -> bool:
    """Return whether something is one number, numpy's included."""
    try:
        math.isfinite(value)
    except TypeError:
        return False
    return True


def require_pool_inside(space: Space) -> None:
    """Raise BadInput if a candidate may not be measured: outside the limits, or named otherwise than the parameters."""
    free = space.model_copy(update={"candidates": None})
    for index, candidate in enumerate(space.candidates or ()):
        if problems := free.problems(candidate):
            raise BadInput(f"candidates.{index}: {problems[0]}")


def _example(names: Sequence[str]) -> str:
    return "{" + ", ".join(f"{name!r}: …" for name in names) + "}"
