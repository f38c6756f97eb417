"""The strongest peak of a spectrum: where, how high, how wide."""

from collections.abc import Mapping
from typing import ClassVar, Self

import numpy as np
from pydantic import Field, model_validator

from orchestrator.domain.base import Value
from orchestrator.domain.errors import RewardError

MIN_CHANNELS = 3
"""A parabola through the top needs three."""


class PeakSettings(Value):
    """The spectrum's axis and the part of it to look at."""

    start: float = 0.0
    """The first channel's place on the axis."""
    step: float = Field(default=1.0, gt=0)
    """From one channel to the next, in the axis's unit."""
    window: tuple[float, float] | None = None
    """The part to look at, in the axis's unit; default all of it."""

    @model_validator(mode="after")
    def _window_ascends(self) -> Self:
        if self.window is not None and not self.window[0] < self.window[1]:
            raise ValueError(f"window {list(self.window)} is reversed or empty; write [low, high] with low < high")
        return self


class Peak:
    """Features: position, height, fwhm, area, background."""

    Settings: ClassVar[type[Value]] = PeakSettings
    FEATURES: ClassVar[tuple[str, ...]] = ("position", "height", "fwhm", "area", "background")

    def __init__(self, settings: PeakSettings) -> None:
        self._settings = settings

    def features(self, raw: np.ndarray) -> Mapping[str, float]:
        axis, spectrum = self._window(np.asarray(raw, dtype=float))
        background = float(np.median(np.concatenate([spectrum[: _edge(spectrum)], spectrum[-_edge(spectrum) :]])))
        above = spectrum - background
        if not above.max() > 0:
            raise RewardError(f"the spectrum has no peak above its background of {background:g}; widen the window or measure longer")
        position, height = top(above)
        return {
            "position": float(axis[0] + position * self._settings.step),
            "height": height,
            "fwhm": full_width_at_half_maximum(above) * self._settings.step,
            "area": float(np.sum(above)) * self._settings.step,
            "background": background,
        }

    def _window(self, spectrum: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return axis and intensities inside the window, both shape (channels,)."""
        axis = self._settings.start + self._settings.step * np.arange(spectrum.size)
        low, high = self._settings.window or (axis[0], axis[-1]) if spectrum.ndim == 1 and spectrum.size else (0.0, 0.0)
        inside = (axis >= low) & (axis <= high)
        if spectrum.ndim != 1 or np.count_nonzero(inside) < MIN_CHANNELS:
            shape = spectrum.shape
            raise RewardError(f"a spectrum of shape {shape} has under {MIN_CHANNELS} channels in [{low:g}, {high:g}]; widen the window")
        return axis[inside], spectrum[inside]


def top(above: np.ndarray) -> tuple[float, float]:
    """Return position (channels) and height of the maximum, refined by the parabola through it and its neighbours.

    Args:
        above: Intensities above background, shape (channels,), at least three.
    """
    highest = int(np.argmax(above))
    if highest in (0, above.size - 1):
        return float(highest), float(above[highest])
    left, middle, right = (float(value) for value in above[highest - 1 : highest + 2])
    curvature = left - 2 * middle + right
    shift = 0.0 if curvature == 0 else 0.5 * (left - right) / curvature
    return highest + shift, middle - 0.25 * (left - right) * shift


def full_width_at_half_maximum(above: np.ndarray) -> float:
    """Return the width, in channels, between the half-height crossings nearest the maximum; an edge counts as a crossing.

    Args:
        above: Intensities above background, shape (channels,).
    """
    highest = int(np.argmax(above))
    half = top(above)[1] / 2
    return _crossing(above[highest:], half) + _crossing(above[highest::-1], half)


def _crossing(falling: np.ndarray, half: float) -> float:
    """Return how many channels from the maximum the intensity falls through half, interpolated linearly."""
    below = np.flatnonzero(falling < half)
    if below.size == 0:
        return float(falling.size - 1)
    after = int(below[0])
    if after == 0:
        return 0.0
    return after - 1 + float((falling[after - 1] - half) / (falling[after - 1] - falling[after]))


def _edge(spectrum: np.ndarray) -> int:
    """Return how many channels at each end show the background: a twentieth, at least one."""
    return max(1, spectrum.size // 20)
