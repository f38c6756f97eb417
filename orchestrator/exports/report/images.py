"""What the detectors saw at the best point: spectra as lines, images as pictures."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from orchestrator.domain.errors import ArtefactMissing, FramesUnreadable
from orchestrator.domain.frames import FrameRef
from orchestrator.domain.ports import Artefacts, Frames
from orchestrator.exports.report.axes import label
from orchestrator.exports.report.drawing import BLUE, inline_svg
from orchestrator.queries.record import CampaignRecord
from orchestrator.queries.units import signal_unit

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_MOST_ARRAYS = 4
_MOST_PIXELS = 400
"""Along an edge; larger images are thinned so that the report stays small."""


def best_arrays(record: CampaignRecord, artefacts: Artefacts, frames: Frames | None = None) -> tuple[tuple[str, str], ...]:
    """Return (caption, SVG) of the best trial's arrays; what is gone is said, not hidden."""
    best = record.state.best_trial
    if best is None or best.observation is None:
        return ()
    seen = best.observation
    kept: list[tuple[str, Callable[[], np.ndarray]]] = [(name, partial(artefacts.get_array, ref)) for name, ref in seen.arrays.items()]
    if frames is not None:
        kept += [(name, partial(_first_frame, frames, refs)) for name, refs in seen.files.items()]
    return tuple(_shown(record, name, get) for name, get in kept[:_MOST_ARRAYS])


def _first_frame(frames: Frames, refs: Sequence[FrameRef]) -> np.ndarray:
    """Return the first frame alone: a run may have thousands."""
    return frames.read([refs[0].first_frame]).array


def _shown(record: CampaignRecord, name: str, get: Callable[[], np.ndarray]) -> tuple[str, str]:
    try:
        array = get()
    except (ArtefactMissing, FramesUnreadable) as error:
        return f"{name}: {error}", ""
    unit = signal_unit(record.state, name)
    caption = f"{name} at the best point, trial {record.state.best}"
    return caption, _image(name, array, unit) if array.ndim == 2 else _spectrum(name, array, unit)


def _image(name: str, image: np.ndarray, unit: str) -> str:
    step = max(1, -(-max(image.shape) // _MOST_PIXELS))

    def draw(figure: "Figure") -> None:
        axes = figure.subplots()
        rows, columns = image.shape
        shown = axes.imshow(image[::step, ::step], cmap="viridis", extent=(0, columns, rows, 0), interpolation="nearest")
        axes.set(xlabel="column", ylabel="row")
        axes.grid(visible=False)
        figure.colorbar(shown, ax=axes, label=label("intensity", unit))

    return inline_svg(f"image-{name}", draw, alt=f"Image from {name}, {image.shape[0]} rows by {image.shape[1]} columns.")


def _spectrum(name: str, spectrum: np.ndarray, unit: str) -> str:
    def draw(figure: "Figure") -> None:
        axes = figure.subplots()
        axes.plot(np.ravel(spectrum), color=BLUE, lw=1.2)
        axes.set(xlabel="channel", ylabel=label("intensity", unit))

    return inline_svg(f"spectrum-{name}", draw, alt=f"Spectrum from {name}, {spectrum.size} channels.")
