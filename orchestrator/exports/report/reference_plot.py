"""A reference over time, with its standard deviations and the line that tells of drift."""

from typing import TYPE_CHECKING

from orchestrator.exports.report.drawing import BLUE, ORANGE, inline_svg
from orchestrator.queries.references import ReferenceDrift

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def reference_plot(drift: ReferenceDrift) -> str:
    """Return every reading of a reference against hours since the first, with at least two of them."""
    first = drift.points[0].at
    hours = [(point.at - first).total_seconds() / 3600.0 for point in drift.points]
    values, sds = [point.value for point in drift.points], [point.sd or 0.0 for point in drift.points]

    def draw(figure: "Figure") -> None:
        axes = figure.subplots()
        axes.errorbar(hours, values, yerr=sds, fmt="o", ms=3.5, lw=0.8, color=BLUE, label="reference ± sd")
        if drift.drifts and drift.slope is not None:
            start = sum(values) / len(values) - drift.slope * sum(hours) / len(hours)
            line = [start + drift.slope * hour for hour in (hours[0], hours[-1])]
            axes.plot([hours[0], hours[-1]], line, color=ORANGE, lw=1.8, label="drift")
        unit = f" [{drift.unit}]" if drift.unit else ""
        axes.set(xlabel="hours since the first", ylabel=f"{drift.quantity}{unit}")
        axes.legend(loc="best")

    return inline_svg(f"reference-{drift.routine}-{drift.quantity}", draw, alt=f"{drift.sentence}.")
