"""Spectra and images, thinned for the screen by averaging blocks."""

import math

import numpy as np

from orchestrator.domain.campaign import CampaignState
from orchestrator.domain.frames import FrameRef
from orchestrator.domain.records import ArtefactRef
from orchestrator.queries.units import signal_unit
from orchestrator.wire.trials import Array

MOST_CHANNELS = 2000
MOST_PIXELS = 128
"""Per side."""


def shown_array(
    state: CampaignState, trial: int, signal: str, array: np.ndarray, *, ref: ArtefactRef | None = None, files: tuple[FrameRef, ...] = ()
) -> Array:
    """Return an array of shape (channels,) or (rows, columns) for the screen, and where the original is."""
    thin = thinned(np.asarray(array, dtype=float))
    finite = thin[np.isfinite(thin)]
    return Array(
        signal=signal,
        trial=trial,
        unit=signal_unit(state, signal),
        shape=array.shape,
        shown=thin.shape,
        values=tuple(float(value) if math.isfinite(value) else None for value in thin.ravel()),
        low=float(finite.min()) if finite.size else 0.0,
        high=float(finite.max()) if finite.size else 0.0,
        artefact=ref,
        files=files,
    )


def thinned(array: np.ndarray) -> np.ndarray:
    """Return an array with at most ``MOST_CHANNELS`` values, or ``MOST_PIXELS`` squared; a ragged rest is left out."""
    most = MOST_CHANNELS if array.ndim == 1 else MOST_PIXELS
    for axis in range(array.ndim):
        size = array.shape[axis]
        block = math.ceil(size / most)
        if block > 1:
            kept = np.take(array, range(size // block * block), axis=axis)
            shape = (*array.shape[:axis], size // block, block, *array.shape[axis + 1 :])
            array = kept.reshape(shape).mean(axis=axis + 1)
    return array
