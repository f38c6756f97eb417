"""Models of several objectives in one record, and one objective's part of it."""

from collections.abc import Mapping, Sequence
from typing import Any


def joined(records: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return each objective's record as one: the first's, and where there are several also each by its objective's name."""
    first = dict(records[0])
    return first if len(records) == 1 else {**first, "objectives": {each["objective"]: each for each in records}}


def part_for(model: Mapping[str, Any], objective: str) -> Mapping[str, Any] | None:
    """Return one objective's part of a recorded model, or None if it holds none."""
    found = model.get("objectives", {}).get(objective, model)
    return found if found.get("objective") == objective and "lengthscales" in found else None
