"""The map as the model believes it, and how sure it is of it."""

from typing import TYPE_CHECKING

import numpy as np

from orchestrator.domain.records import Objective
from orchestrator.exports.report.axes import Places, axis_label, label
from orchestrator.exports.report.drawing import INK, PAPER, inline_svg
from orchestrator.exports.report.space_plots import colours
from orchestrator.queries.progress import scored
from orchestrator.queries.record import CampaignRecord
from orchestrator.wire.trials import Posterior

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap
    from matplotlib.figure import Figure


def map_plot(record: CampaignRecord, objective: Objective, believed: Posterior) -> str:
    """Return what was expected over two parameters, and beside it the standard deviation of that, with the places measured."""
    assert believed.y_name is not None
    names = believed.x_name, believed.y_name

    def draw(figure: "Figure") -> None:
        left, right = figure.subplots(1, 2, sharey=True)
        _panel(left, believed, believed.mean, label(f"{objective.name}, expected", objective.unit), colours(objective))
        _panel(right, believed, believed.sd, label("standard deviation", objective.unit), _pale())
        for axes in (left, right):
            _trials(axes, record, *names)
            axes.set_xlabel(axis_label(record.state, names[0]))
        left.set_ylabel(axis_label(record.state, names[1]))

    low, high = min(believed.mean), max(believed.mean)
    alt = f"{objective.name} expected over {names[0]} and {names[1]}, from {low:.4g} to {high:.4g}, and beside it its standard deviation."
    return inline_svg(f"map-{objective.name}", draw, alt=alt, width=12.0, height=4.2)


def _panel(axes: "Axes", believed: Posterior, numbers: tuple[float, ...], title: str, colour_map: "Colormap") -> None:
    grid = np.reshape(numbers, (len(believed.y), len(believed.x)))
    drawn = axes.pcolormesh(believed.x, believed.y, grid, cmap=colour_map, shading="nearest", rasterized=True)
    axes.figure.colorbar(drawn, ax=axes, label=title)
    axes.grid(visible=False)


def _trials(axes: "Axes", record: CampaignRecord, *names: str) -> None:
    trials = scored(record.trials)
    x, y = (Places(record, name) for name in names)
    axes.scatter([x.of(each) for each in trials], [y.of(each) for each in trials], s=9, color=PAPER, edgecolor=INK, lw=0.5, rasterized=True)
    x.mark(axes, "x")
    y.mark(axes, "y")


def _pale() -> "Colormap":
    """Return greys: how sure the model is must not be taken for what it expects."""
    from matplotlib import colormaps
    from matplotlib.colors import ListedColormap

    return ListedColormap(colormaps["Greys"](np.linspace(0.05, 0.75, 256)))
