"""Numbers as people read them: with their unit, and with the digits their uncertainty leaves."""

import math
from collections.abc import Iterable, Mapping

from orchestrator.domain.base import Point, Setting
from orchestrator.domain.campaign import CampaignState
from orchestrator.domain.records import Objective

_DIGITS = 4
"""Significant digits of a number that states no uncertainty."""


def axis_unit(state: CampaignState, name: str) -> str:
    """Return an axis's unit: the campaign's, else the instrument's own."""
    written = state.spec.space.get(name)
    if written is not None and written.unit:
        return written.unit
    axis = state.instrument.axes.get(name)
    return "" if axis is None else axis.parameter.unit


def axis_units(state: CampaignState, names: Iterable[str]) -> dict[str, str]:
    """Return the same of several axes, by name."""
    return {name: axis_unit(state, name) for name in names}


def signal_unit(state: CampaignState, name: str) -> str:
    signal = state.instrument.signals.get(name)
    return "" if signal is None else signal.unit


def objective_unit(state: CampaignState, objective: Objective) -> str:
    """Return an objective's unit; one that states none and is a plain signal has that signal's."""
    if objective.unit:
        return objective.unit
    reward = state.spec.rewards[state.objectives.index(objective)]
    signal = reward.settings.get("signal")
    return signal_unit(state, signal) if reward.type == "scalar" and isinstance(signal, str) else ""


def show_number(value: float, sd: float | None = None, unit: str = "") -> str:
    """Return ``120.1 ± 1.2 nA``: as many digits as the standard deviation's two leave, without one four; no power of ten below 10⁶."""
    suffix = f" {unit}" if unit else ""
    if sd is None or sd <= 0:
        rounded = f"{value:.{_DIGITS}g}"
        return f"{float(rounded):.0f}{suffix}" if "e+" in rounded and abs(value) < 1e6 else f"{rounded}{suffix}"
    decimals = 1 - math.floor(math.log10(sd))
    if not -4 <= decimals <= 6:
        return f"{value:.6g} ± {sd:.2g}{suffix}"
    return f"{value:.{max(0, decimals)}f} ± {sd:.{max(0, decimals)}f}{suffix}"


def show_settings(point: Point, units: Mapping[str, str]) -> str:
    """Return a point with its units, each by parameter: ``n = 6 struts, theta = 25 deg``."""
    return ", ".join(f"{name} = {show_setting(value, units.get(name, ''))}" for name, value in point.items())


def show_setting(value: Setting, unit: str = "") -> str:
    """Return one setting with its unit, a number with six digits at most."""
    written = f"{value:.6g}" if isinstance(value, float) else str(value)
    return f"{written} {unit}" if unit else written
