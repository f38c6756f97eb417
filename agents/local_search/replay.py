"""Searches that go step by step, as functions of history: each is run anew from its beginning on every ask.

A search is a generator that wishes for a point and is sent what the point was worth. What was measured is looked up; the
first wish nobody has measured is the next suggestion. So a search needs no memory, survives any crash, and makes use of
what people measured on its way.
"""

from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from agents.local_search.outcomes import Known, Outcomes


@dataclass(frozen=True, slots=True)
class Wish:
    """A point a search wants to know the worth of."""

    row: np.ndarray
    """Allowed, shape (parameters,)."""
    why: str
    spare: Callable[[], Sequence[np.ndarray]] = tuple
    """Rows it may want next whatever this one is worth, in case this one is being measured."""


Search = Generator[Wish, Known, None]

_WISHES_PER_TRIAL = 10
_FEWEST_WISHES = 200
"""A search whose wishes are known so many times over goes round in circles."""


def first_unmeasured(searches: Iterable[Search], outcomes: Outcomes) -> tuple[np.ndarray, str] | None:
    """Return the first row the searches wish for that nobody asked for before, and why.

    None where the searches only wait, or come back to what is known again and again, as in a space that is used up.
    """
    n_left = _FEWEST_WISHES + _WISHES_PER_TRIAL * outcomes.n_trials
    for search in searches:
        known: Known | None = None
        while n_left > 0 and (wish := _next_wish(search, known)) is not None:
            n_left -= 1
            if not outcomes.is_taken(wish.row):
                return wish.row, wish.why
            known = outcomes.known(wish.row)
            if known is None:
                return _ahead(wish, outcomes)
        if n_left <= 0:
            return None
        n_left -= 1
    return None


def _next_wish(search: Search, known: Known | None) -> Wish | None:
    try:
        return next(search) if known is None else search.send(known)
    except StopIteration:
        return None


def _ahead(wish: Wish, outcomes: Outcomes) -> tuple[np.ndarray, str] | None:
    """Return a point that the search may need next, while the one it needs first is being measured."""
    for row in wish.spare():
        if not outcomes.is_taken(row):
            return row, f"may be needed next, while another point is awaited: {wish.why}"
    return None
