"""Numbers as people read them: with their unit, and with the digits their uncertainty leaves."""

import math

_DIGITS = 4
"""Significant digits of a number that states no uncertainty."""


def show_number(value: float, sd: float | None = None, unit: str = "") -> str:
    """Return ``120.1 ± 1.2 nA``: as many digits as the standard deviation's two leave, without one four; no power of ten below 10⁶."""
    suffix = f" {unit}" if unit else ""
    if sd is None or sd <= 0:
        rounded = f"{value + 0.0:.{_DIGITS}g}"
        return f"{float(rounded):.0f}{suffix}" if "e+" in rounded and abs(value) < 1e6 else f"{rounded}{suffix}"
    decimals = 1 - math.floor(math.log10(sd))
    if not -4 <= decimals <= 6:
        return f"{value + 0.0:.6g} ± {sd:.2g}{suffix}"
    return f"{_rounded(value, decimals)} ± {_rounded(sd, decimals)}{suffix}"


def _rounded(value: float, decimals: int) -> str:
    """Return ``672000`` for 671608 and -3 decimals, and ``0.00`` for -0.001 and 2: nothing is below zero by nothing."""
    return f"{round(value, decimals) + 0.0:.{max(0, decimals)}f}"


def show_roughly(value: float, unit: str = "") -> str:
    """Return ``5.4 J``: two digits, of a difference or a size that is only known about."""
    return show_number(float(f"{value:.2g}"), unit=unit)
