"""Where a spot is in an image and how large: moments of its intensity."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
from pydantic import Field

from orchestrator.domain.base import Value
from orchestrator.domain.errors import RewardError

MIN_PIXELS = 2
"""An image narrower than this has no border to take the background from."""


class ImageMomentsSettings(Value):
    """How to tell light from background, and the lengths features are given in."""

    threshold: float = Field(default=0.05, ge=0, lt=1)
    """Pixels below this fraction of the peak above background count as dark: noise far out would swell the size."""
    pixel_size: float = Field(default=1.0, gt=0)
    """Length of a pixel's side; sizes, centres and offsets are in its unit."""
    target: tuple[float, float] | None = None
    """(row, column) in pixels, from which ``offset`` is measured; default the image's middle."""


class ImageMoments:
    """Features: total, peak, centre_x, centre_y, sigma_x, sigma_y, size, offset."""

    Settings: ClassVar[type[Value]] = ImageMomentsSettings
    FEATURES: ClassVar[tuple[str, ...]] = ("total", "peak", "centre_x", "centre_y", "sigma_x", "sigma_y", "size", "offset")

    def __init__(self, settings: ImageMomentsSettings) -> None:
        self._settings = settings

    def features(self, raw: np.ndarray) -> Mapping[str, float]:
        settings = self._settings
        light = above_background(raw, settings.threshold)
        (row, column), (sigma_row, sigma_column) = moments(light)
        target = settings.target or ((light.shape[0] - 1) / 2, (light.shape[1] - 1) / 2)
        lengths = {
            "centre_x": column,
            "centre_y": row,
            "sigma_x": sigma_column,
            "sigma_y": sigma_row,
            "size": float(np.sqrt((sigma_row**2 + sigma_column**2) / 2)),
            "offset": float(np.hypot(row - target[0], column - target[1])),
        }
        scaled = {name: length * settings.pixel_size for name, length in lengths.items()}
        return {"total": float(light.sum()), "peak": float(light.max()), **scaled}


def above_background(image: np.ndarray, threshold: float) -> np.ndarray:
    """Return an image without its background, which is the median of its outermost pixels.

    Args:
        image: Counts, shape (rows, columns).
        threshold: Fraction of the peak below which a pixel becomes zero.

    Raises:
        RewardError: If the image has another shape, or nothing in it is brighter than the background.
    """
    image = np.asarray(image, dtype=float)
    if image.ndim != 2 or min(image.shape) < MIN_PIXELS:
        raise RewardError(f"an image of shape {image.shape} has no spot; give one of shape (rows, columns), at least {MIN_PIXELS} each")
    border = np.concatenate([image[0], image[-1], image[1:-1, 0], image[1:-1, -1]])
    light = image - np.median(border)
    peak = light.max()
    if not peak > 0:
        raise RewardError(
            f"nothing in the image is brighter than its background of {np.median(border):g} counts; open the shutter or expose longer"
        )
    return np.where(light >= threshold * peak, np.clip(light, 0.0, None), 0.0)


def moments(light: np.ndarray) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return centre and standard deviation of the intensity, each (row, column), in pixels.

    Args:
        light: Non-negative intensities, shape (rows, columns), not all zero.

    Source:
        First and second central moments; ISO 11146-1:2021 calls twice sigma the beam radius.
    """
    rows, columns = np.indices(light.shape)
    total = light.sum()
    row, column = float((rows * light).sum() / total), float((columns * light).sum() / total)
    variance_row = float((((rows - row) ** 2) * light).sum() / total)
    variance_column = float((((columns - column) ** 2) * light).sum() / total)
    return (row, column), (variance_row**0.5, variance_column**0.5)
