"""Randomness as a function of the campaign: one stream per role, one generator per suggestion."""

from enum import IntEnum

import numpy as np


class Stream(IntEnum):
    """Who draws. Numbers are stored nowhere but must never change: replay depends on them."""

    AGENT = 1
    FALLBACK = 2
    SHADOW = 3
    INSTRUMENT = 4


def generator(seed: int, stream: int, *counters: int) -> np.random.Generator:
    """Return the generator for one draw; equal arguments give equal numbers in every process."""
    return np.random.default_rng([seed, int(stream), *counters])
