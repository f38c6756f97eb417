"""Where in the space was measured, and what was found there."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from orchestrator.domain.campaign import Trial, TrialStatus
from orchestrator.domain.records import Objective
from orchestrator.exports.report.axes import Places, axis_label, objective_label, parameter_names, value_of
from orchestrator.exports.report.drawing import BLUE, INK, MANY, MUTED, ORANGE, PAPER, RED, inline_svg
from orchestrator.queries.progress import scored
from orchestrator.queries.record import CampaignRecord

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap
    from matplotlib.figure import Figure

_MOST_PARAMETERS = 12
"""More would be too small to read."""
_MOST_IN_SQUARE = 4
"""Panels that fit beside another drawing; more take the page's width."""


def is_wide(record: CampaignRecord) -> bool:
    """Return whether the drawing of the space needs the page's whole width."""
    return len(parameter_names(record)) > _MOST_IN_SQUARE


def space_plot(record: CampaignRecord, objective: Objective) -> str:
    """Return a map for two parameters; else the objective along each parameter, one panel apiece."""
    names = parameter_names(record)[:_MOST_PARAMETERS]
    return _map(record, objective, names) if len(names) == 2 else _profiles(record, objective, names)


def _map(record: CampaignRecord, objective: Objective, names: tuple[str, ...]) -> str:
    trials = scored(record.trials)
    refused = [trial for trial in record.trials if trial.status is TrialStatus.VETOED]

    def draw(figure: "Figure") -> None:
        axes = figure.subplots()
        x, y = (Places(record, name) for name in names)
        values = [value_of(trial, objective) for trial in trials]
        places = [x.of(trial) for trial in trials], [y.of(trial) for trial in trials]
        shown = axes.scatter(*places, c=values, cmap=colours(objective), s=38, edgecolor=INK, lw=0.5, rasterized=len(trials) > MANY)
        axes.scatter([x.of(t) for t in refused], [y.of(t) for t in refused], marker="x", color=RED, s=26, label="vetoed, not measured")
        _ring_best(axes, record, x, [y.of(trial) for trial in _best(record)])
        figure.colorbar(shown, ax=axes, label=objective_label(record.state, objective))
        axes.set(xlabel=axis_label(record.state, names[0]), ylabel=axis_label(record.state, names[1]))
        x.mark(axes, "x")
        y.mark(axes, "y")
        axes.legend(loc="best") if refused else None

    alt = f"Map of {len(trials)} measured points over {names[0]} and {names[1]}, coloured by {objective.name}; the best is ringed."
    return inline_svg("map", draw, alt=alt)


def _profiles(record: CampaignRecord, objective: Objective, names: tuple[str, ...]) -> str:
    trials = scored(record.trials)
    n_columns = min(4, len(names)) if len(names) > _MOST_IN_SQUARE else min(2, len(names))
    n_rows = -(-len(names) // n_columns)

    def draw(figure: "Figure") -> None:
        grid = figure.subplots(n_rows, n_columns, sharey=True, squeeze=False)
        for axes, name in zip(grid.flat, names, strict=False):
            _profile(axes, record, objective, name, trials)
        for axes in grid.flat[len(names) :]:
            axes.set_axis_off()
        for axes in grid[:, 0]:
            axes.set_ylabel(objective_label(record.state, objective))
        figure.legend(*grid[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=2)

    alt = f"{objective.name} of {len(trials)} trials along {', '.join(names)}; the best is ringed."
    width, height = (12.0, 0.6 + 2.2 * n_rows) if len(names) > _MOST_IN_SQUARE else (6.4, 3.6)
    return inline_svg("profiles", draw, alt=alt, width=width, height=height)


def _profile(axes: "Axes", record: CampaignRecord, objective: Objective, name: str, trials: Sequence[Trial]) -> None:
    places = Places(record, name)
    values = np.array([[places.of(trial), value_of(trial, objective)] for trial in trials]).reshape(-1, 2)
    has_model = np.array([bool(trial.evidence.predicted) for trial in trials], dtype=bool)
    style = {"s": 18, "lw": 0.9, "rasterized": len(trials) > MANY}
    axes.scatter(*values[~has_model].T, marker="s", facecolor=PAPER, edgecolor=ORANGE, label="without a prediction", **style)
    axes.scatter(*values[has_model].T, marker="o", facecolor=BLUE, edgecolor=PAPER, label="predicted first", **style)
    _ring_best(axes, record, places, [value_of(trial, objective) for trial in _best(record)])
    axes.set_xlabel(axis_label(record.state, name))
    places.mark(axes)
    axes.margins(y=0.1)


def _best(record: CampaignRecord) -> list[Trial]:
    return [record.state.best_trial] if record.state.best_trial is not None else []


def _ring_best(axes: "Axes", record: CampaignRecord, x: Places, y: list[float]) -> None:
    axes.scatter([x.of(trial) for trial in _best(record)], y, s=130, facecolor="none", edgecolor=INK, lw=1.6, clip_on=False)


def parallel_plot(record: CampaignRecord, objective: Objective) -> str:
    """Return one line per trial through all parameters, each scaled to what was measured; bright lines scored well."""
    names = parameter_names(record)[:_MOST_PARAMETERS]
    trials = sorted(scored(record.trials), key=lambda trial: _goodness(trial, objective))

    def draw(figure: "Figure") -> None:
        from matplotlib.cm import ScalarMappable
        from matplotlib.collections import LineCollection
        from matplotlib.colors import Normalize

        axes = figure.subplots()
        places = [Places(record, name) for name in names]
        heights = np.column_stack([_scaled([along.of(trial) for trial in trials], is_logarithmic=along.is_logarithmic) for along in places])
        values = np.array([value_of(trial, objective) for trial in trials])
        lines = [np.column_stack([np.arange(len(names)), row]) for row in heights]
        norm = Normalize(values.min(), values.max())
        axes.add_collection(LineCollection(lines, array=values, cmap=colours(objective), norm=norm, lw=1.1, rasterized=len(trials) > MANY))
        axes.set(xlim=(-0.1, len(names) - 0.9), ylim=(-0.05, 1.05), yticks=[0, 1], yticklabels=["lowest", "highest"])
        axes.set_xticks(range(len(names)), [axis_label(record.state, name) for name in names], rotation=20, ha="right")
        axes.grid(axis="y", visible=False)
        axes.grid(axis="x", color=MUTED)
        figure.colorbar(ScalarMappable(norm, colours(objective)), ax=axes, label=objective_label(record.state, objective))

    return inline_svg("parallel", draw, alt=f"One line per trial through {', '.join(names)}, coloured by {objective.name}.")


def colours(objective: Objective) -> "Colormap":
    """Return viridis without its ends, which vanish on white and on black paper; yellow is good."""
    from matplotlib import colormaps
    from matplotlib.colors import ListedColormap

    inner = colormaps["viridis"](np.linspace(0.12, 0.9, 256))
    return ListedColormap(inner if objective.goal == "maximise" else inner[::-1])


def _goodness(trial: Trial, objective: Objective) -> float:
    value = value_of(trial, objective)
    return value if objective.goal == "maximise" else -value


def _scaled(values: Sequence[float], *, is_logarithmic: bool) -> np.ndarray:
    """Return values between 0 and 1; all 0.5 where they do not differ."""
    numbers = np.asarray(values, dtype=float)
    numbers = np.log(np.maximum(numbers, np.finfo(float).tiny)) if is_logarithmic else numbers
    low, span = np.nanmin(numbers), np.ptp(numbers)
    return (numbers - low) / span if span > 0 else np.full_like(numbers, 0.5)
