"""What blop asks of an optimizer, as far as we use it. Blop's own words are in ``blop.protocols``."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

ID_KEY = "_id"
"""Under this key a point carries what tells it from others."""

Record = Mapping[str, Any]
"""A point's settings or outcomes by name, or both, and its ``_id`` if it has one."""


class Optimizer(Protocol):
    """Suggests points and learns what they were worth."""

    def suggest(self, num_points: int | None = None) -> Sequence[Record]:
        """Return the next points, one if no number is given."""
        ...

    def ingest(self, points: Sequence[Record]) -> None:
        """Learn outcomes: of points that were suggested, by their ``_id``; without one, of any others by their settings."""
        ...


@runtime_checkable
class Registers(Protocol):
    """An optimizer that can be told which points are being measured."""

    def register_suggestions(self, suggestions: Sequence[Record]) -> Sequence[Record]:
        """Return the points with an ``_id`` each."""
        ...


@runtime_checkable
class TakesFailures(Registers, Protocol):
    """An optimizer that can be told which of them failed."""

    def register_failures(self, suggestions: Sequence[Record]) -> None:
        """Learn that these points, with their ``_id``, could not be measured."""
        ...
