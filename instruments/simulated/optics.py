"""Where the beam goes: flux, position and size of the spot as a function of the axes. Pure.

The chain is source, focusing mirror, slits, double-crystal monochromator, pinhole, sample. Every stage is a Gaussian
acceptance, which is what such stages look like close to alignment; widths are plausible, not those of a real beamline.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from instruments.simulated.axes import AXES, best_positions

PEAK_FLUX = 1.0e6
"""Photons per second at the sample when every axis is at its best."""
BEAM_SIGMA_MM = 0.35
"""Horizontal width of the beam at the slits."""


@dataclass(frozen=True, slots=True)
class Drift:
    """How far heat has pulled the optics since they were aligned."""

    mirror_pitch: float = 0.0
    """mrad."""
    crystal_pitch: float = 0.0
    """urad."""

    def since(self, earlier: "Drift") -> "Drift":
        """Return what is left once an earlier drift has been steered away."""
        return Drift(self.mirror_pitch - earlier.mirror_pitch, self.crystal_pitch - earlier.crystal_pitch)


@dataclass(frozen=True, slots=True)
class Spot:
    """The beam at the sample."""

    flux: float
    """Photons per second at full beam current."""
    x: float
    """mm right of the pinhole's centre."""
    y: float
    """mm above the pinhole's centre."""
    sigma_x: float
    """mm."""
    sigma_y: float
    """mm."""


NO_DRIFT = Drift()


def spot(positions: Mapping[str, float], drift: Drift = NO_DRIFT) -> Spot:
    """Return the spot for positions of all axes, in their units.

    Source:
        Ours; the tests derive the maximum and the correlation between mirror and crystal pitch.
    """
    pitch, crystal, roll = _misalignment(positions, drift)
    x, y = 0.4 * roll, 0.15 * pitch + 0.10 * crystal
    gap, centre = positions["slit_gap"], positions["slit_centre"] - AXES["slit_centre"].best
    transmission = (
        _gaussian(pitch, 2.0)
        * _gaussian(crystal - 0.5 * pitch, 1.0)  # the mirror turns the beam, so the crystal has to follow it
        * _gaussian(y, 0.30)
        * _gaussian(x, 0.50)
        * _through_slits(gap, centre - x)
        * _gaussian(positions["energy"] - AXES["energy"].best, 0.35)
    )
    return Spot(
        flux=PEAK_FLUX * transmission / _through_slits(AXES["slit_gap"].best, 0.0),
        x=x,
        y=y,
        sigma_x=math.hypot(0.05, 0.05 * gap, 0.04 * roll),
        sigma_y=math.hypot(0.06, 0.05 * pitch),
    )


def best_flux() -> float:
    """Return the flux of the aligned beamline, photons per second."""
    return spot(best_positions()).flux


def _misalignment(positions: Mapping[str, float], drift: Drift) -> tuple[float, float, float]:
    """Return mirror pitch, crystal pitch and mirror roll as dimensionless distances from their best."""
    pitch = (positions["mirror_pitch"] - AXES["mirror_pitch"].best - drift.mirror_pitch) / 0.10
    crystal = (positions["crystal_pitch"] - AXES["crystal_pitch"].best - drift.crystal_pitch) / 30.0
    roll = (positions["mirror_roll"] - AXES["mirror_roll"].best) / 0.5
    return pitch, crystal, roll


def _gaussian(distance: float, sigma: float) -> float:
    return math.exp(-0.5 * (distance / sigma) ** 2)


def _through_slits(gap: float, offset: float) -> float:
    """Return which fraction of a Gaussian beam passes slits of this gap, their centre this far from the beam's, in mm."""
    scale = BEAM_SIGMA_MM * math.sqrt(2.0)
    return 0.5 * (math.erf((offset + gap / 2) / scale) - math.erf((offset - gap / 2) / scale))
