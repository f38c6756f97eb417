"""Climbing one knob at a time, as a person at the beamline does: turn while it gets better, then try the next one."""

from collections.abc import Generator, Sequence

import numpy as np
from pydantic import Field

from agents.local_search.knobs import Knob, knobs_of, steps
from agents.local_search.outcomes import Known
from agents.local_search.replay import Search, Wish
from agents.local_search.searching import searched
from agents.terrain import Terrain
from orchestrator.domain.base import Value
from orchestrator.domain.history import History
from orchestrator.domain.records import Suggestion


class HillClimbAgent:
    """Turns one knob while that helps by more than the scatter, then the next; halves its steps when none helps.

    When its steps are small enough, it begins elsewhere. Several objectives count the same, each divided by its first
    scores' spread.
    """

    class Settings(Value):
        step: float = Field(default=0.1, gt=0, le=1)
        """First step, as a share of each parameter's range; discrete values are stepped one at a time at least."""
        smallest: float = Field(default=0.01, gt=0, lt=1)
        """Below this share a climb is over, and another one begins elsewhere."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def ask(self, history: History) -> Suggestion:
        return searched(history, "hill-climb", self._begin)

    def prepare(self, history: History) -> None:
        pass

    def _begin(self, terrain: Terrain, start: np.ndarray, rng: np.random.Generator) -> Search:
        knobs = knobs_of(terrain, slack=self.settings.smallest)
        return Climb(terrain, knobs, start).search(self.settings.step, self.settings.smallest)


class Climb:
    """One climb on its way: where it stands, and what that is worth."""

    def __init__(self, terrain: Terrain, knobs: Sequence[Knob], start: np.ndarray) -> None:
        self._terrain, self._knobs, self._row = terrain, knobs, start
        self._known = Known(-np.inf)
        self._signs = [1] * len(knobs)
        """Which way each knob helped last."""

    def search(self, step: float, smallest: float) -> Search:
        """Wish for one point after the other; ends when no knob helps by a step that is just large enough."""
        self._known = yield Wish(self._row, "a new climb begins here", lambda: self._spare(step))
        while step >= smallest:
            is_better = False
            for number in range(len(self._knobs)):
                is_better |= yield from self._turn(number, step)
            if not is_better:
                step /= 2

    def _turn(self, number: int, step: float) -> Generator[Wish, Known, bool]:
        """Turn one knob while it helps, first the way it helped last; return whether it did."""
        for sign in (self._signs[number], -self._signs[number]):
            is_better = False
            while (yield from self._try(number, sign * step)):
                is_better = True
            if is_better:
                self._signs[number] = sign
                return True
        return False

    def _try(self, number: int, share: float) -> Generator[Wish, Known, bool]:
        """Take a step if it is better by more than the scatter; return whether it was."""
        for row in steps(self._terrain, self._row, self._knobs[number], share):
            known = yield Wish(row, self._why(number, share), lambda: self._spare(abs(share)))
            if known.worth - self._known.worth > np.hypot(known.sd, self._known.sd):
                self._row, self._known = row, known
                return True
        return False

    def _spare(self, step: float) -> list[np.ndarray]:
        """Return all single steps from here."""
        return [row for knob in self._knobs for sign in (1, -1) for row in steps(self._terrain, self._row, knob, sign * step)]

    def _why(self, number: int, share: float) -> str:
        index = self._knobs[number].index
        name = self._terrain.space.names[index]
        if self._terrain.is_category[index]:
            return f"another {name}, the rest as at the best point so far"
        return f"{name} {'up' if share > 0 else 'down'} from the best point so far, steps of {abs(share):.2g} of its range"
