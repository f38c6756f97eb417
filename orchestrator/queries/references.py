"""How a reference, the same thing measured again and again, has changed since it was first measured."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from orchestrator.domain.campaign import CampaignState, Trial
from orchestrator.domain.history import objective_score
from orchestrator.domain.records import TrialKind
from orchestrator.queries.units import signal_unit
from orchestrator.wording.numbers import show_number

_SURE = 3.0
"""A slope is called a drift from this many of its standard deviations on."""


@dataclass(frozen=True, slots=True)
class ReferencePoint:
    """One reading of a reference."""

    trial: int
    at: datetime
    value: float
    sd: float | None


@dataclass(frozen=True, slots=True)
class ReferenceDrift:
    """One reference's readings of one quantity, in order."""

    routine: str
    quantity: str
    unit: str
    points: tuple[ReferencePoint, ...]
    slope: float | None
    """Per hour; None below two readings, or where they were taken at one moment."""
    slope_sd: float | None
    """None where nothing tells: two readings without standard deviations."""

    @property
    def drifts(self) -> bool:
        """Whether it changes by more than chance would have it."""
        return self.slope is not None and self.slope_sd is not None and abs(self.slope) > _SURE * self.slope_sd

    @property
    def sentence(self) -> str:
        """Say ``reference: flux = 980 ± 12 ph/s in trial 41, −60 ± 17 ph/s since trial 6; drifts by −15.0 ± 4.1 ph/s per hour``."""
        first, last = self.points[0], self.points[-1]
        said = f"{self.routine}: {self.quantity} = {show_number(last.value, last.sd, self.unit)} in trial {last.trial}"
        if len(self.points) == 1:
            return f"{said}, once so far"
        sd = None if first.sd is None or last.sd is None else float(np.hypot(first.sd, last.sd))
        changed = f"{said}, {show_number(last.value - first.value, sd, self.unit)} since trial {first.trial}"
        if not self.drifts:
            return f"{changed}; no drift beyond its scatter in {len(self.points)} readings"
        return f"{changed}; drifts by {show_number(self.slope or 0.0, self.slope_sd, self.unit)} per hour"


def reference_drifts(state: CampaignState) -> tuple[ReferenceDrift, ...]:
    """Return how each reference of ``every`` has changed, by objective; of one with a plan of its own, by signal."""
    names = [routine.id for routine in state.spec.every if routine.kind == "reference"]
    references = [trial for trial in state.trials if trial.kind is TrialKind.REFERENCE] if names else []
    return tuple(drift for name in names for drift in _drifts(state, name, [trial for trial in references if trial.routine == name]))


def _drifts(state: CampaignState, name: str, trials: list[Trial]) -> Iterator[ReferenceDrift]:
    judged = [trial for trial in trials if trial.score is not None]
    for objective in state.objectives if judged else ():
        found = [(trial, score.value, score.sd) for trial in judged if (score := objective_score(trial, objective)) is not None]
        yield from _drift(name, objective.name, objective.unit, found)
    own = [trial.observation for trial in trials if not trial.is_judged and trial.observation is not None]
    for signal in dict.fromkeys(signal for seen in own for signal in seen.readings):
        found = [
            (trial, value, seen.sds.get(signal))
            for trial in trials
            if (seen := trial.observation) is not None and (value := seen.readings.get(signal)) is not None
        ]
        yield from _drift(name, signal, signal_unit(state, signal), found)


def _drift(name: str, quantity: str, unit: str, found: list[tuple[Trial, float, float | None]]) -> Iterator[ReferenceDrift]:
    points = tuple(
        ReferencePoint(trial.number, trial.observation.finished_at, value, sd)
        for trial, value, sd in found
        if trial.observation is not None
    )
    if points:
        yield ReferenceDrift(name, quantity, unit, points, *_slope(points))


def _slope(points: tuple[ReferencePoint, ...]) -> tuple[float | None, float | None]:
    """Return the slope per hour of a weighted straight line, and its standard deviation.

    Where every reading states its sd, weights are 1/sd² and the slope's sd follows from them, widened where the readings
    scatter more than they say; else the scatter about the line gives it, from three readings on.

    Source:
        Bevington and Robinson, Data Reduction and Error Analysis, 3rd edition, section 6.3 and 6.4.
    """
    hours = np.array([(point.at - points[0].at).total_seconds() / 3600.0 for point in points])
    if len(points) < 2 or np.ptp(hours) == 0.0:
        return None, None
    values = np.array([point.value for point in points])
    sds = np.array([point.sd or 0.0 for point in points])
    is_stated = bool(np.all(sds > 0.0))
    weights = 1.0 / sds**2 if is_stated else np.ones(len(points))
    centre = np.average(hours, weights=weights)
    spread = float(np.sum(weights * (hours - centre) ** 2))
    slope = float(np.sum(weights * (hours - centre) * values)) / spread
    residuals = values - np.average(values, weights=weights) - slope * (hours - centre)
    freedom = len(points) - 2
    scatter = float(np.sum(weights * residuals**2)) / freedom if freedom else None
    variance = max(1.0, scatter or 1.0) if is_stated else scatter
    return slope, None if variance is None else float(np.sqrt(variance / spread))
