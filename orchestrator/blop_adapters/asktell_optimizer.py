"""An agent of ours as an optimizer in blop's plans."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from orchestrator.asktell import AskTell
from orchestrator.asktell.front import front_of
from orchestrator.blop_adapters.protocols import ID_KEY, Record
from orchestrator.domain.base import Point, Setting
from orchestrator.domain.errors import BadInput


class AskTellOptimizer:
    """Fulfils blop's protocols ``Optimizer``, ``CanRegisterSuggestions``, ``TrialFaultAware`` and ``Checkpointable``.

    A point's ``_id`` is its place in the loop's history, counted from 0; that of a point of one's own is negative.
    """

    def __init__(self, loop: AskTell, checkpoint_path: str | Path | None = None) -> None:
        """Begin with what the loop knows already.

        Args:
            loop: Its parameters have the names of the motors, its objectives those of the outcomes.
            checkpoint_path: A file that ``checkpoint`` writes; needed for nothing else.
        """
        self.loop = loop
        self._path = None if checkpoint_path is None else Path(checkpoint_path)
        self._registered: list[Point] = []

    @classmethod
    def from_checkpoint(cls, checkpoint_path: str | Path) -> Self:
        """Go on where ``checkpoint`` left off. Raises BadInput if the file is none of that."""
        return cls(AskTell.from_json(Path(checkpoint_path).read_bytes()), checkpoint_path)

    def suggest(self, num_points: int | None = None) -> Sequence[dict[str, Any]]:
        """Return the next points; fewer than asked for where a pool has no more.

        Raises:
            AgentError: If there is no sensible point left.
        """
        n_before = len(self.loop.state.trials)
        points = self.loop.ask(1 if num_points is None else num_points)
        return [{ID_KEY: number, **point} for number, point in enumerate(points, start=n_before)]

    def ingest(self, points: Sequence[Record]) -> None:
        """Learn outcomes, each a number or a pair of value and standard error; None or NaN where it could not be measured.

        Args:
            points: With the ``_id`` they were suggested under; without one, or with ``baseline``, their settings are needed.

        Raises:
            BadInput: If nobody suggested such a point, it has none of the objectives, or it lies outside the space.
        """
        for record in points:
            outcomes = {name: record[name] for name in (*self.loop.state.objectives, *self.loop.state.limits) if name in record}
            if not outcomes.keys() & self.loop.state.objectives.keys():
                wanted, given = (", ".join(names) or "nothing" for names in (self.loop.state.objectives, record))
                raise BadInput(f"the outcomes {given} hold none of the objectives {wanted}; return those under their names")
            values, sds = _split(outcomes)
            self.loop.tell(self._point(record), {**self._nothing(), **values}, sds)

    def register_suggestions(self, suggestions: Sequence[Record]) -> Sequence[dict[str, Any]]:
        """Return points of one's own with an ``_id`` each, under which their outcomes can be ingested.

        Raises:
            BadInput: If one lies outside the space.
        """
        registered: list[dict[str, Any]] = []
        for suggestion in suggestions:
            point = {name: setting for name, setting in suggestion.items() if name != ID_KEY}
            if problems := self.loop.space.problems(point):
                raise BadInput(f"{problems[0]}; register points inside the space")
            self._registered.append(point)
            registered.append({ID_KEY: -len(self._registered), **point})
        return registered

    def register_failures(self, suggestions: Sequence[Record]) -> None:
        """Learn that these points could not be measured; they are not asked for again."""
        for suggestion in suggestions:
            self.loop.tell(self._point(suggestion), self._nothing())

    def get_best_points(self) -> Sequence[tuple[int, Mapping[str, Setting], Mapping[str, float]]]:
        """Return ``_id``, settings and outcomes of the best measurement; with several objectives, of all that none outdoes.

        A point that breaks a limit, or of which a limited signal is not known, is never among them.

        Raises:
            BadInput: If nothing was measured yet, or nothing that keeps the limits.
        """
        names = tuple(self.loop.state.objectives)
        front = front_of(self.loop.state)
        if not front:
            kept = f" that keeps the limits of {', '.join(self.loop.state.limits)}" if self.loop.state.limits else ""
            raise BadInput(f"there is no best point before the first measurement{kept}; measure one")
        best = [(number, self.loop.state.trials[number]) for number in (front if len(names) > 1 else front[:1])]
        return [(number, dict(told.point), {name: (told.values or {})[name] for name in names}) for number, told in best]

    def checkpoint(self) -> None:
        """Write the loop's whole state to the file, at once or not at all.

        Raises:
            BadInput: If no file was named.
        """
        if self._path is None:
            raise BadInput("checkpoint_path is not given; give it to AskTellOptimizer, or leave checkpoint_interval out of the plan")
        beside = self._path.with_name(self._path.name + ".new")
        beside.write_text(self.loop.to_json(), encoding="utf-8")
        os.replace(beside, self._path)

    def _nothing(self) -> dict[str, float | None]:
        """Return what is told of a point at which nothing could be measured."""
        return dict.fromkeys([*self.loop.state.objectives, *self.loop.state.limits])

    def _point(self, record: Record) -> Point:
        """Return the point that outcomes belong to."""
        number = record.get(ID_KEY)
        if number is None or number == "baseline":
            return {name: record[name] for name in self.loop.space.names if name in record}
        if isinstance(number, int) and 0 <= number < len(self.loop.state.trials):
            return self.loop.state.trials[number].point
        if isinstance(number, int) and 0 < -number <= len(self._registered):
            return self._registered[-number - 1]
        raise BadInput(f"{ID_KEY} = {number!r} was never suggested; leave it out to tell of a point of your own")


def _split(outcomes: Record) -> tuple[dict[str, float | None], dict[str, float] | None]:
    """Return values and standard deviations by objective; no sds where none are stated."""
    pairs = {name: outcome if isinstance(outcome, tuple | list) else (outcome, None) for name, outcome in outcomes.items()}
    sds = {name: sd for name, (_, sd) in pairs.items() if sd is not None}
    return {name: value for name, (value, _) in pairs.items()}, sds or None
