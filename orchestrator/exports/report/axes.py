"""Turning settings into places along an axis."""

from typing import TYPE_CHECKING

from orchestrator.domain.campaign import CampaignState, Trial
from orchestrator.domain.history import measured_point, objective_score
from orchestrator.domain.records import Objective
from orchestrator.domain.space import Continuous, Integer, Parameter, is_logarithmic
from orchestrator.queries.record import CampaignRecord
from orchestrator.queries.units import axis_unit

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def parameter_names(record: CampaignRecord) -> tuple[str, ...]:
    """Return what was varied, in the spec's order; whatever the first suggestion named when the spec names nothing."""
    named = tuple(record.state.spec.space)
    return named or (tuple(record.trials[0].point) if record.trials else ())


def label(name: str, unit: str) -> str:
    return f"{name} ({unit})" if unit else name


def axis_label(state: CampaignState, name: str) -> str:
    return label(name, axis_unit(state, name))


def objective_label(state: CampaignState, objective: Objective) -> str:
    return label(objective.name, objective.unit)


def _parameter(record: CampaignRecord, name: str) -> Parameter | None:
    """Return a parameter, the campaign's or else the device's."""
    axis = record.state.instrument.axes.get(name)
    return record.state.spec.space.get(name) or (None if axis is None else axis.parameter)


class Places:
    """Where along one parameter each trial lies: numbers as they are, names one beside the other."""

    def __init__(self, record: CampaignRecord, name: str) -> None:
        self._name = name
        parameter = _parameter(record, name)
        self._limits = parameter.limits if isinstance(parameter, Continuous | Integer) else None
        self.is_logarithmic = parameter is not None and is_logarithmic(parameter)
        names = {value for trial in record.trials if isinstance(value := measured_point(trial).get(name), str)}
        self.names = tuple(sorted(names))

    def of(self, trial: Trial) -> float:
        value = measured_point(trial).get(self._name)
        if value is None:
            return float("nan")
        return float(self.names.index(value)) if isinstance(value, str) else float(value)

    def mark(self, axes: "Axes", direction: str = "x") -> None:
        """Show the whole range that could be searched; write names instead of numbers where the parameter has names."""
        if self.names:
            axes.set(**{f"{direction}ticks": range(len(self.names)), f"{direction}ticklabels": self.names})
        elif self._limits is not None and self.is_logarithmic:
            low, high = self._limits
            margin = (high / low) ** 0.03
            axes.set(**{f"{direction}scale": "log", f"{direction}lim": (low / margin, high * margin)})
            along = axes.xaxis if direction == "x" else axes.yaxis
            along.set_major_formatter(lambda value, _position: f"{value:g}")  # powers would be set as formulas, which no text in SVG is
            along.set_minor_formatter(lambda _value, _position: "")
        elif self._limits is not None:
            low, high = self._limits
            margin = 0.03 * (high - low)
            axes.set(**{f"{direction}lim": (low - margin, high + margin)})


def value_of(trial: Trial, objective: Objective) -> float:
    """Return a trial's score, or not-a-number while it has none."""
    score = objective_score(trial, objective)
    return float("nan") if score is None else score.value
