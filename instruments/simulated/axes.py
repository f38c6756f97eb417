"""The simulated beamline's axes: what each motor can do and where the beam is best."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Axis:
    """One motor, in its own unit."""

    unit: str
    limits: tuple[float, float]
    velocity: float
    """Units per simulated second."""
    backlash: float
    """Play between the motor's readback and what it carries."""
    tolerance: float
    """How far the readback may honestly lie from the setpoint."""
    start: float
    """Where it stands when the simulation starts."""
    best: float
    """Where the flux is highest, all others being at their best and nothing having drifted."""


AXES: Mapping[str, Axis] = {
    "mirror_pitch": Axis("mrad", (2.7, 3.3), velocity=0.05, backlash=0.004, tolerance=0.0005, start=2.85, best=3.04),
    "mirror_roll": Axis("mrad", (-1.5, 1.5), velocity=0.25, backlash=0.02, tolerance=0.002, start=0.6, best=-0.2),
    "crystal_pitch": Axis("urad", (-80.0, 80.0), velocity=12.0, backlash=1.0, tolerance=0.1, start=-30.0, best=12.0),
    "slit_centre": Axis("mm", (-2.0, 2.0), velocity=0.4, backlash=0.01, tolerance=0.002, start=0.5, best=-0.1),
    "slit_gap": Axis("mm", (0.05, 3.0), velocity=0.4, backlash=0.01, tolerance=0.002, start=1.4, best=1.4),
    "energy": Axis("keV", (8.0, 12.0), velocity=0.3, backlash=0.002, tolerance=0.0005, start=10.0, best=10.0),
}
"""``slit_gap`` and ``energy`` start aligned, so that a campaign may leave them alone."""


def start_positions() -> dict[str, float]:
    return {name: axis.start for name, axis in AXES.items()}


def best_positions() -> dict[str, float]:
    return {name: axis.best for name, axis in AXES.items()}
