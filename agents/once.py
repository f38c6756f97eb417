"""Working something out once for a space, however often agents ask for it."""

from collections.abc import Callable
from typing import TypeVar

from orchestrator.domain.space import Space

T = TypeVar("T")

_MOST_SPACES = 4
"""A campaign has one, and each amendment or fixed parameter makes another."""


def once_per_space(work_out: Callable[[Space], T]) -> Callable[[Space], T]:
    """Remember what a function returns for the last few spaces.

    A space never changes, and going through a pool of thousands takes longer than all thinking about it. Spaces are told apart by
    identity, for comparing two pools is as slow. What is returned is shared: nobody may change it.
    """
    remembered: dict[int, tuple[Space, T]] = {}

    def recalled(space: Space) -> T:
        held = remembered.get(id(space))
        if held is None:  # an id in use belongs to no other space: what is remembered keeps its space alive
            while len(remembered) >= _MOST_SPACES:
                del remembered[next(iter(remembered))]
            held = remembered[id(space)] = (space, work_out(space))
        return held[1]

    return recalled
