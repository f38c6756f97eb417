"""Models of several objectives in one record, and one objective's part of it."""

from collections.abc import Mapping, Sequence
from typing import Any


def joined(records: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return each objective's record as one: the first's, and where there are several also each by its objective's name."""
    first = dict(records[0])
    return first if len(records) == 1 else {**first, "objectives": {each["objective"]: each for each in records}}


def part_for(model: Mapping[str, Any], objective: str) -> Mapping[str, Any] | None:
    """Return the part of a recorded model that is of one objective or limited signal, or None if it holds none."""
    parts = (model, *model.get("objectives", {}).values(), *model.get("limits", {}).values())
    return next((part for part in parts if part.get("objective") == objective and "lengthscales" in part), None)
