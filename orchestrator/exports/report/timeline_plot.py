"""The night on one line: when was measured, what was waited for, what happened."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from orchestrator.exports.report.drawing import BLUE, GREEN, INK, MUTED, ORANGE, RED, inline_svg
from orchestrator.queries.timeline import Entry, Span

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_ROWS = (
    ("measuring", "measuring", BLUE),
    ("repeated", "did not count", ORANGE),
    ("interlock", "interlock lost", RED),
    ("waiting", "waiting", MUTED),
)
_MARKS = {"refusal": ("refused", "x", RED), "agent": ("agent failed", "v", ORANGE), "person": ("a person", "*", GREEN)}
_UNITS = ((7200.0, 3600.0, "h"), (180.0, 60.0, "min"), (0.0, 1.0, "s"))


def timeline_plot(start: datetime, stretches: Sequence[Span], entries: Sequence[Entry]) -> str:
    """Return a strip of stretches of time, with a mark for each thing that happened."""
    ends = [span.end for span in stretches] + [entry.at for entry in entries]
    total = max(((end - start).total_seconds() for end in ends), default=0.0)
    scale, unit = next((scale, unit) for least, scale, unit in _UNITS if total >= least)

    def after(moment: datetime) -> float:
        return (moment - start).total_seconds() / scale

    marks = [(after(entry.at), entry.kind) for entry in entries if entry.kind in _MARKS and entry.at >= start]
    n_rows = len({span.kind for span in stretches}) + bool(marks)

    def draw(figure: "Figure") -> None:
        axes = figure.subplots()
        labels = []
        for kind, label, colour in _ROWS:
            bars = [(after(span.start), after(span.end) - after(span.start)) for span in stretches if span.kind == kind]
            if bars:
                axes.broken_barh(bars, (len(labels) - 0.35, 0.7), facecolor=colour)
                labels.append(label)
        if marks:
            _draw_marks(axes, marks, len(labels))
            labels.append("events")
        axes.set_yticks(range(len(labels)), labels)
        axes.invert_yaxis()
        axes.grid(axis="y", visible=False)
        axes.set_xlabel(f"time since the start ({unit})")

    lost = sum(span.kind == "interlock" for span in stretches)
    repeated = sum(span.kind == "repeated" for span in stretches)
    alt = f"Timeline over {total / scale:.3g} {unit}: interlocks lost {lost} times, {repeated} attempts did not count."
    return inline_svg("timeline", draw, alt=alt, height=0.9 + 0.4 * n_rows, width=12.0)


def _draw_marks(axes: "Axes", marks: Sequence[tuple[float, str]], row: int) -> None:
    for kind, (label, marker, colour) in _MARKS.items():
        times = [at for at, marked in marks if marked == kind]
        if times:
            edge = {} if marker == "x" else {"edgecolor": INK, "lw": 0.4}
            axes.scatter(times, [row] * len(times), marker=marker, s=42, color=colour, label=label, zorder=3, **edge)
    axes.figure.legend(loc="outside right upper")
