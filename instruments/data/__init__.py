"""Measured data that others published, bundled with source and licence; see README.md beside this file."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal

from orchestrator.domain.base import Value

FOLDER = Path(__file__).parent


class BundledSet(Value):
    """What the measurements mean."""

    file: str
    title: str
    signals: tuple[str, ...]
    goal: Literal["maximise", "minimise"]
    """What the source optimised the first signal for."""
    units: Mapping[str, str] = {}
    citation: str

    @property
    def path(self) -> Path:
        return FOLDER / self.file


@cache
def bundled_sets() -> Mapping[str, BundledSet]:
    """Return the bundled sets by name."""
    written = json.loads((FOLDER / "sets.json").read_text(encoding="utf-8"))
    return {name: BundledSet.model_validate(entry) for name, entry in written.items()}
