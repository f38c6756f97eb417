"""Pictures to attach, so that a night can be judged without reaching the page. Drawn only when something is sent."""

import io
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from orchestrator.alerts.messages import Picture
from orchestrator.alerts.watched import SeenArray, Watched
from orchestrator.domain.errors import ArtefactMissing, FramesUnreadable, LedgerError
from orchestrator.domain.ports import Artefacts, Frames
from orchestrator.domain.records import ArtefactRef
from orchestrator.queries.progress import progress
from orchestrator.queries.units import signal_unit

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_BLUE, _ORANGE = "#0072b2", "#e69f00"
_MOST_PIXELS = 512


def pictures_of(watched: Watched, artefacts: Artefacts, frames: Frames | None = None) -> tuple[Picture, ...]:
    """Return the progress so far, and the latest image or spectrum; what does not exist yet, or cannot be read now, is left out.

    Args:
        watched: The campaign.
        artefacts: Where its arrays are kept.
        frames: Reads the files of detectors; None leaves their images out.
    """
    drawn = (_progress(watched), _latest(watched, artefacts, frames))
    return tuple(picture for picture in drawn if picture is not None)


def _progress(watched: Watched) -> Picture | None:
    state = watched.state
    points = progress(state.trials, state.objectives[0], state.spec.limits) if state.objectives else ()
    if not points:
        return None
    objective = state.objectives[0]
    unit = objective.unit
    numbers = [point.trial for point in points]

    def draw(figure: "Figure") -> None:
        axes = figure.subplots()
        axes.plot(numbers, [point.value for point in points], "o", ms=3, color=_BLUE, label="measured")
        axes.step(numbers, [point.best for point in points], where="post", color=_ORANGE, label="best so far")
        axes.set(xlabel="trial", ylabel=f"{objective.name} ({unit})" if unit else objective.name, title=state.spec.name)
        axes.legend()

    return Picture("progress.png", _png(draw))


def _latest(watched: Watched, artefacts: Artefacts, frames: Frames | None) -> Picture | None:
    seen = watched.latest_array
    array = None if seen is None else _read(seen, artefacts, frames)
    if seen is None or array is None:
        return None
    unit = signal_unit(watched.state, seen.signal)
    label = f"{seen.signal} ({unit})" if unit else seen.signal

    def draw(figure: "Figure") -> None:
        axes = figure.subplots()
        if array.ndim == 2:
            step = max(1, -(-max(array.shape) // _MOST_PIXELS))
            figure.colorbar(axes.imshow(array[::step, ::step], cmap="viridis", interpolation="nearest"), ax=axes, label=label)
        else:
            axes.plot(np.ravel(array), color=_BLUE, lw=1)
            axes.set(xlabel="channel", ylabel=label)
        axes.set(title=f"{seen.signal} of trial {seen.trial}")

    return Picture("latest.png", _png(draw))


def _read(seen: SeenArray, artefacts: Artefacts, frames: Frames | None) -> np.ndarray | None:
    try:
        if isinstance(seen.ref, ArtefactRef):
            return np.asarray(artefacts.get_array(seen.ref), dtype=float)
        return None if frames is None else np.asarray(frames.read([seen.ref]).array, dtype=float)
    except (ArtefactMissing, FramesUnreadable, LedgerError):
        return None


def _png(draw: Callable[["Figure"], None]) -> bytes:
    import matplotlib
    from matplotlib.figure import Figure

    buffer = io.BytesIO()
    with matplotlib.rc_context({"text.parse_math": False}):
        figure = Figure(figsize=(6.4, 4.0), layout="constrained")
        draw(figure)
        figure.savefig(buffer, format="png", dpi=120)
    return buffer.getvalue()
