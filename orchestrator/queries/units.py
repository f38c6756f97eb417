"""Settings and signals with their units."""

from collections.abc import Iterable, Mapping

from orchestrator.domain.base import Point, Setting
from orchestrator.domain.campaign import CampaignState


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


def show_settings(point: Point, units: Mapping[str, str]) -> str:
    """Return a point with its units, each by parameter: ``n = 6 struts, theta = 25 deg``."""
    return ", ".join(f"{name} = {show_setting(value, units.get(name, ''))}" for name, value in point.items())


def show_setting(value: Setting, unit: str = "") -> str:
    """Return one setting with its unit, a number with six digits at most."""
    written = f"{value:.6g}" if isinstance(value, float) else str(value)
    return f"{written} {unit}" if unit else written
