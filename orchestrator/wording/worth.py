"""What an acquisition function makes of points, as a person reads it."""

import math

from orchestrator.domain.records import Acquisition
from orchestrator.wording.numbers import show_number, show_roughly


def show_worth(acquisition: Acquisition, value: float) -> str:
    """Return what another point is worth: ``38.5 J``, or of logarithms ``72 % of this point's``, since nobody knows their unit."""
    if acquisition.is_log:
        return f"{show_roughly(100 * math.exp(min(value - acquisition.value, 10.0)))} % of this point's"
    return show_number(value, unit=acquisition.unit)


def show_acquisition(acquisition: Acquisition) -> str:
    """Return what spoke for the chosen point, in the unit of what is measured where it has one."""
    parts = ", ".join(f"{name} {show_number(float(f'{value:.3g}'), unit=acquisition.unit)}" for name, value in acquisition.parts.items())
    amount = "" if acquisition.is_log else f", {show_worth(acquisition, acquisition.value)}"
    return f"by {acquisition.name}{amount}{': ' + parts if parts else ''}"
