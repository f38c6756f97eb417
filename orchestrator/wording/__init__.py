"""Sentences that several messages share."""

import difflib
import json
from collections.abc import Iterable
from typing import Any

_LONGEST_VALUE = 60


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``did you mean 'bayesian'? `` with the nearest known word, or an empty string."""
    nearest = difflib.get_close_matches(word, list(known), n=1)
    return f"did you mean {nearest[0]!r}? " if nearest else ""


def choose_from(word: str, known: Iterable[str]) -> str:
    """Return the way out of an unknown word: the nearest one, then all of them."""
    names = list(known)
    return f"{did_you_mean(word, names)}choose from {', '.join(names)}" if names else "there are none to choose from; leave it out"


def dotted(path: Iterable[str | int]) -> str:
    """Return a key path as people write it: ``rewards.0.signal``."""
    return ".".join(str(part) for part in path)


def show_value(value: Any) -> str:
    """Return a value as a campaign file would hold it, shortened."""
    written = json.dumps(value, ensure_ascii=False, default=str)
    return written if len(written) <= _LONGEST_VALUE else written[: _LONGEST_VALUE - 1] + "…"


def percent(probability: float) -> str:
    """Return a probability as people say it; no model is as sure as 100 %."""
    return "more than 99.9 %" if probability > 0.999 else "less than 0.1 %" if probability < 0.001 else f"{100 * probability:.3g} %"


def in_minutes(seconds: float) -> str:
    """Return ``4 min 10 s`` or ``12 s``: what a countdown shows."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def in_words(seconds: float) -> str:
    """Return ``90 s``, ``45 min`` or ``12 h``: nobody counts 2700 seconds at night."""
    if seconds < 120:
        return f"{seconds:.3g} s"
    return f"{seconds / 60:.3g} min" if seconds < 7200 else f"{seconds / 3600:.3g} h"
