"""What makes no sense, refused as a campaign file would be: the thing, its value and the way out."""

import json
import math
from collections.abc import Mapping
from typing import Any, cast

import numpy as np
from pydantic import BaseModel, ValidationError

from orchestrator.asktell.given import example_of, points_given
from orchestrator.domain.base import Point
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


def parsed(text: str | bytes) -> Mapping[str, Any]:
    """Return what a saved state says, as JSON. Raises BadInput if it is none."""
    try:
        said = json.loads(text)
    except (TypeError, ValueError) as error:
        raise BadInput(f"{show_value(text)} is no JSON text ({error}); give what to_json returned, not the name of a file") from None
    if not isinstance(said, dict):
        raise BadInput(f"{show_value(said)} is no state of a loop; give what to_json returned")
    return cast(Mapping[str, Any], said)


def require_whole(n: Any) -> None:
    """Raise BadInput unless n is a whole number from 1."""
    if not hasattr(n, "__index__") or n < 1:
        raise BadInput(f"n = {n} points cannot be asked for; ask for a whole number from 1")


def require_point(space: Space, point: Any) -> None:
    """Raise BadInput if it is no mapping from parameters to settings, each a number or a text."""
    if not isinstance(point, Mapping):
        raise BadInput(f"{show_value(point)} is no point; name every parameter: {example_of(space.names)}")
    for name, value in cast(Mapping[str, Any], point).items():
        if not (isinstance(value, str) or is_number(value)):
            raise BadInput(f"{name} = {show_value(value)} is neither a number nor a text; give each parameter one value")


def require_points(space: Space, points: Any) -> list[Point]:
    """Return a list of points, of whatever holds them. Raises BadInput if one is none."""
    found = points_given("points", points, space.names)
    for point in found:
        require_point(space, point)
    return found


def is_number(value: Any) -> bool:
    """Return whether something is one number, numpy's included; true and false are none."""
    try:
        math.isfinite(value)
    except TypeError:
        return False
    return not isinstance(value, bool | np.bool_)
