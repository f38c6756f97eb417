"""What the simulated beamline can read, whether in process or over Channel Access."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from instruments.simulated.detectors import SATURATION
from orchestrator.domain.dose import DoseRule


@dataclass(frozen=True, slots=True)
class Signal:
    """One readable quantity; its name is the field of ``detectors.Reading``."""

    unit: str
    suffix: str
    """Its PV, after the IOC's prefix."""
    kind: Literal["scalar", "image"] = "scalar"
    sd: str | None = None
    """The field of its standard deviation."""
    saturation: float | None = None


SIGNALS: Mapping[str, Signal] = {
    "i0": Signal("counts", "DET:I0"),
    "i1": Signal("counts", "DET:I1"),
    "flux": Signal("ph/s", "DET:FLUX", sd="flux_sd", saturation=SATURATION),
    "spot_x": Signal("mm", "DET:SPOT:X"),
    "spot_y": Signal("mm", "DET:SPOT:Y"),
    "spot_size": Signal("mm", "DET:SPOT:SIZE"),
    "image": Signal("counts", "DET:IMAGE", kind="image"),
}
DOSE = DoseRule(factor=1e-6, signal="flux", unit="kGy")
"""A made-up crystal: a kilogray for a million photons, so that the weak simulated beam does harm within a night."""
SD_SUFFIXES: Mapping[str, str] = {"flux_sd": "DET:FLUX:SD"}
"""PVs of standard deviations, by field."""
