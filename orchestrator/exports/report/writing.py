"""Filling the template and writing the file."""

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from orchestrator.domain.events import LedgerEvent
from orchestrator.domain.ports import Artefacts, Frames
from orchestrator.domain.records import Objective
from orchestrator.exports.files import write_whole
from orchestrator.exports.report.content import report_of, show_duration
from orchestrator.queries.record import record_of
from orchestrator.wire.trials import Posterior


def write_report(
    events: Sequence[LedgerEvent],
    objectives: tuple[Objective, ...],
    artefacts: Artefacts,
    path: Path,
    frames: Frames | None = None,
    *,
    links: frozenset[str] = frozenset(),
    maps: Sequence[Posterior] = (),
) -> None:
    """Write one self-contained HTML file about a campaign, running or over.

    Args:
        events: The campaign's.
        objectives: What it optimises.
        artefacts: Where its spectra and images lie.
        path: Where to write.
        frames: Reads images that detectors wrote into files of their own; None leaves them out.
        links: Parts whose reports lie beside it.
        maps: What the model of the latest decision believed over a space of two numbers, one for each objective.

    Raises:
        BadInput: If the file cannot be written.
    """
    write_whole(path, render(events, objectives, artefacts, frames, links, maps))


def render(
    events: Sequence[LedgerEvent],
    objectives: tuple[Objective, ...],
    artefacts: Artefacts,
    frames: Frames | None = None,
    links: frozenset[str] = frozenset(),
    maps: Sequence[Posterior] = (),
) -> str:
    """Return the report's HTML. Whatever comes from a campaign is escaped; only our own drawings and style are not."""
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    folder = files("orchestrator.exports.report")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["drawing"] = Markup
    environment.filters["duration"] = show_duration
    template = environment.from_string(folder.joinpath("report.html.j2").read_text(encoding="utf-8"))
    # Our own style sheet, not anybody's data.
    style = Markup(folder.joinpath("report.css").read_text(encoding="utf-8"))  # nosec B704
    return template.render(report=report_of(record_of(events, objectives), artefacts, frames, maps), links=links, style=style)
