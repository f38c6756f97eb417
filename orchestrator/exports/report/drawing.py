"""From a matplotlib figure to an inline SVG that follows the page's light or dark colours."""

import html
import io
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

INK, MUTED, FAINT = "#010101", "#020202", "#030303"
BLUE, ORANGE, GREEN, RED = "#0072b2", "#e69f00", "#009e73", "#d55e00"
"""Okabe and Ito's colours, told apart by every kind of colour vision."""
PAPER = "#fefefe"

_VARIABLES: Mapping[str, str] = {
    INK: "--ink",
    MUTED: "--muted",
    FAINT: "--faint",
    BLUE: "--blue",
    ORANGE: "--orange",
    GREEN: "--green",
    RED: "--red",
    PAPER: "--paper",
}
"""Stand-ins that become CSS variables, so that one drawing serves both colour schemes."""

MANY = 1500
"""From this many points on they are drawn as one picture instead of one shape each."""

_STYLE: Mapping[Any, Any] = {
    "svg.fonttype": "none",
    "text.parse_math": False,
    "font.family": "sans-serif",
    "font.size": 11.5,
    "axes.titlesize": 11.5,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "axes.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": FAINT,
    "grid.linewidth": 0.6,
    "text.color": INK,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "legend.frameon": False,
    "legend.fontsize": 10,
    "figure.facecolor": "none",
}

Draw = Callable[["Figure"], None]


def inline_svg(name: str, draw: Draw, *, alt: str, height: float = 3.6, width: float = 6.4) -> str:
    """Return an SVG element to put into a page.

    Args:
        name: Unlike that of any other drawing on the page; it keeps their ids apart.
        draw: Draws into an empty figure.
        alt: What the drawing shows, for those who do not see it.
        height: Inches.
        width: Inches.
    """
    import matplotlib
    from matplotlib.figure import Figure

    buffer = io.StringIO()
    with matplotlib.rc_context({**_STYLE, "svg.hashsalt": name}):
        figure = Figure(figsize=(width, height), layout="constrained")
        draw(figure)
        _lay_out(figure)
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    return _tidy(buffer.getvalue(), alt)


def _lay_out(figure: "Figure") -> None:
    """Find room for every label now: ``savefig`` would draw the whole figure once only to do so."""
    engine = figure.get_layout_engine()
    assert engine is not None
    engine.execute(figure)
    figure.set_layout_engine("none")


def _tidy(svg: str, alt: str) -> str:
    """Keep the drawing alone: no prologue, metadata, ids of groups or fixed size; colours become variables."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'<g id="[^"]*"', "<g", svg)
    svg = re.sub(r'^<svg [^>]*?viewBox="([^"]+)"[^>]*>', rf'<svg viewBox="\1" role="img" aria-label="{_attribute(alt)}">', svg)
    svg = re.sub(r"\s*\n\s*", "\n", svg)
    for colour, variable in _VARIABLES.items():
        svg = svg.replace(colour, f"var({variable})")
    return svg


def _attribute(text: str) -> str:
    """Return text for an attribute; the backslash is doubled because it passes through a pattern's replacement."""
    return html.escape(text).replace("\\", r"\\")
