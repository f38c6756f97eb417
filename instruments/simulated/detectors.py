"""What the detectors make of a spot: counting noise, drift and a camera image. Pure functions of (seed, trial, attempt)."""

import math
from dataclasses import dataclass

import numpy as np

from instruments.simulated.optics import Drift, Spot
from orchestrator.domain.chance import Stream, generator

IMAGE_SHAPE = (48, 64)
"""Rows, columns."""
PIXEL_MM = 0.05
MONITOR_RATE = 5.0e6
"""Counts per second of the upstream ion chamber at full beam current."""
DARK_RATE = 20.0
"""Counts per second of the downstream ion chamber without beam."""
CAMERA_SHARE = 0.2
"""Photons the camera sees of those that reach the sample."""
CAMERA_DARK = 0.05
"""Counts per pixel without light, whatever the exposure."""
SATURATION = 5.0e6
"""Photons per second above which the downstream ion chamber recombines; no alignment reaches it."""
SHORTEST_GATE = 0.001
"""Seconds; a shorter exposure is counted this long, as the electronics would."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """Who measures: everything that noise and drift depend on, and the name that logs carry."""

    seed: int = 0
    trial: int = 0
    number: int = 0
    id: str = ""

    def rng(self) -> np.random.Generator:
        return generator(self.seed, Stream.INSTRUMENT, self.trial, self.number)


@dataclass(frozen=True, slots=True)
class Reading:
    """What one exposure gave."""

    i0: float
    """Counts of the upstream ion chamber."""
    i1: float
    """Counts of the downstream ion chamber."""
    flux: float
    """Photons per second at the sample, dark counts taken off."""
    flux_sd: float
    """Standard deviation of ``flux`` from counting statistics."""
    spot_x: float
    """mm right of the camera's centre, from the image."""
    spot_y: float
    """mm above the camera's centre, from the image."""
    spot_size: float
    """mm, geometric mean of the horizontal and vertical sigma, from the image."""
    image: np.ndarray
    """Counts, shape (48, 64), non-negative; row 0 is the lowest."""


def drift(attempt: Attempt) -> Drift:
    """Return how far the optics have drifted: slow in the trial's number, phases drawn from the seed."""
    phases = generator(attempt.seed, Stream.INSTRUMENT).uniform(0.0, 2.0 * math.pi, size=2)
    turns = (attempt.trial + 0.1 * attempt.number) * 2.0 * math.pi
    return Drift(mirror_pitch=0.006 * math.sin(turns / 70.0 + phases[0]), crystal_pitch=1.5 * math.sin(turns / 110.0 + phases[1]))


def read(spot: Spot, exposure_s: float, beam_fraction: float, attempt: Attempt) -> Reading:
    """Return one noisy reading.

    Args:
        spot: What reaches the sample at full beam current.
        exposure_s: Counting time, seconds.
        beam_fraction: Mean beam current over the exposure, as a fraction of the full current.
        attempt: Fixes the noise.
    """
    rng = attempt.rng()
    gate = max(exposure_s, SHORTEST_GATE)
    i0 = float(rng.poisson(MONITOR_RATE * gate * beam_fraction))
    i1 = float(rng.poisson((spot.flux * beam_fraction + DARK_RATE) * gate))
    image = rng.poisson(_expected_image(spot, CAMERA_SHARE * gate * beam_fraction)).astype(float)
    x, y, size = moments(image)
    return Reading(
        i0=i0,
        i1=i1,
        flux=i1 / gate - DARK_RATE,
        flux_sd=math.sqrt(max(i1, 1.0)) / gate,
        spot_x=x,
        spot_y=y,
        spot_size=size,
        image=image,
    )


def moments(image: np.ndarray) -> tuple[float, float, float]:
    """Return a spot's centre (x, y) and size from an image's first and second moments, in mm.

    Pixels below a tenth of the brightest are taken as background. A spot too faint to stand out of the dark counts
    seems as wide as the camera.

    Args:
        image: Counts, shape (rows, columns).
    """
    bright = np.where(image >= max(0.1 * image.max(), 1.0), image, 0.0)
    total = bright.sum()
    if total == 0.0:
        return 0.0, 0.0, 0.0
    y, x = _pixel_centres()
    centre_x, centre_y = float((bright * x).sum() / total), float((bright * y).sum() / total)
    variance_x = float((bright * (x - centre_x) ** 2).sum() / total)
    variance_y = float((bright * (y - centre_y) ** 2).sum() / total)
    return centre_x, centre_y, (variance_x * variance_y) ** 0.25


def _expected_image(spot: Spot, share: float) -> np.ndarray:
    y, x = _pixel_centres()
    shape = np.exp(-0.5 * ((x - spot.x) / spot.sigma_x) ** 2 - 0.5 * ((y - spot.y) / spot.sigma_y) ** 2)
    density = PIXEL_MM**2 / (2.0 * math.pi * spot.sigma_x * spot.sigma_y)
    return spot.flux * share * density * shape + CAMERA_DARK


def _pixel_centres() -> tuple[np.ndarray, np.ndarray]:
    """Return y, shape (48, 1), and x, shape (1, 64), of the pixels in mm from the camera's centre."""
    rows, columns = IMAGE_SHAPE
    y = (np.arange(rows) - (rows - 1) / 2) * PIXEL_MM
    x = (np.arange(columns) - (columns - 1) / 2) * PIXEL_MM
    return y[:, None], x[None, :]
