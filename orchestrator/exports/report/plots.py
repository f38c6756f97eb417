"""How the search went: the best so far, predictions against measurements, and trade-offs between objectives."""

from typing import TYPE_CHECKING

import numpy as np

from orchestrator.domain.records import Objective
from orchestrator.exports.report.axes import objective_label, value_of
from orchestrator.exports.report.drawing import BLUE, GREEN, INK, MANY, MUTED, ORANGE, PAPER, inline_svg
from orchestrator.queries.calibration import Comparison
from orchestrator.queries.progress import ProgressPoint, pareto_front, scored
from orchestrator.queries.record import CampaignRecord

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def progress_plot(record: CampaignRecord, objective: Objective, points: tuple[ProgressPoint, ...]) -> str:
    """Return every score in the order of trials, and the best so far as a step line."""
    numbers = [point.trial for point in points]

    def draw(figure: "Figure") -> None:
        axes = figure.subplots()
        sds = [point.sd or 0.0 for point in points]
        values = [point.value for point in points]
        is_picture = len(points) > MANY
        axes.errorbar(numbers, values, yerr=sds, fmt="o", ms=3.5, lw=0.8, color=BLUE, label="measured ± sd", rasterized=is_picture)
        axes.step(numbers, [point.best for point in points], where="post", color=ORANGE, lw=1.8, label="best so far")
        axes.set(xlabel="trial", ylabel=objective_label(record.state, objective))
        axes.legend(loc="best")

    best = points[-1].best
    alt = f"{objective.name} by trial: {len(points)} scores, the best so far ends at {best:.4g}."
    return inline_svg(f"progress-{objective.name}", draw, alt=alt)


def calibration_plot(record: CampaignRecord, objective: Objective, compared: tuple[Comparison, ...]) -> str:
    """Return measured against predicted values with their standard deviations; a perfect prediction lies on the line."""

    def draw(figure: "Figure") -> None:
        axes = figure.subplots()
        predicted, measured = [one.predicted for one in compared], [one.measured for one in compared]
        low, high = min(*predicted, *measured), max(*predicted, *measured)
        axes.plot([low, high], [low, high], color=MUTED, lw=1, ls="--", label="as predicted")
        axes.errorbar(
            predicted,
            measured,
            xerr=[one.predicted_sd for one in compared],
            yerr=[one.measured_sd or 0.0 for one in compared],
            fmt="o",
            ms=3.5,
            lw=0.8,
            color=BLUE,
            label="trial ± sd",
            rasterized=len(compared) > MANY,
        )
        label = objective_label(record.state, objective)
        axes.set(xlabel=f"predicted {label}", ylabel=f"measured {label}")
        axes.legend(loc="best")

    return inline_svg(f"calibration-{objective.name}", draw, alt=f"Measured against predicted {objective.name} of {len(compared)} trials.")


def pareto_plot(record: CampaignRecord) -> str:
    """Return the first two objectives against each other, those that nothing beats in both filled."""
    first, second = record.objectives[:2]
    front = set(pareto_front(record.trials, record.objectives, record.state.spec.limits))
    trials = scored(record.trials)
    values = np.array([[value_of(trial, first), value_of(trial, second)] for trial in trials]).reshape(-1, 2)
    is_front = np.array([trial.number in front for trial in trials], dtype=bool)

    def draw(figure: "Figure") -> None:
        axes = figure.subplots()
        style = {"rasterized": len(trials) > MANY}
        axes.scatter(*values[~is_front].T, s=18, facecolor=PAPER, edgecolor=BLUE, label="beaten by another trial", **style)
        axes.scatter(*values[is_front].T, s=34, marker="D", color=GREEN, edgecolor=INK, lw=0.5, label="Pareto front", **style)
        axes.set(xlabel=objective_label(record.state, first), ylabel=objective_label(record.state, second))
        axes.legend(loc="best")

    alt = f"{second.name} against {first.name} of {len(trials)} trials, {len(front)} of them on the Pareto front."
    return inline_svg("pareto", draw, alt=alt)
