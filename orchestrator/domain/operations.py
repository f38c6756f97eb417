"""Signals worked out from images and counts: a region's sum, a fitted peak, dead time, dark subtraction. Declared, never evaluated."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from orchestrator.domain.base import Value


class RoiSum(Value):
    """Everything inside a rectangle of an image, or a stretch of a spectrum; several frames are added up.

    Its sd is that of counting, √(gain · sum), or the one of what it is taken from, where that is known.
    """

    take: Literal["roi_sum"]
    """The sum over a region."""
    of: str = Field(min_length=1)
    """An image or a spectrum: a data key, or another derived signal."""
    x: tuple[int, int] | None = None
    """Columns, or channels: the first, counted from 0, and the one after the last. Default all."""
    y: tuple[int, int] | None = None
    """Rows, likewise."""
    gain: float | None = Field(default=1.0, gt=0)
    """Detector units per counted photon; ``null`` where nothing is counted, and the sd is then not known."""
    saturation: float | None = None
    """A pixel at or above this in the region cannot be trusted: the trial is measured again."""
    stream: str = "primary"
    """The run's stream to read."""
    unit: str | None = None
    """Default: that of what it is taken from."""

    @model_validator(mode="after")
    def _bounds_ascend(self) -> "RoiSum":
        for axis, bounds in (("x", self.x), ("y", self.y)):
            if bounds is not None and not 0 <= bounds[0] < bounds[1]:
                raise ValueError(f"{axis} = {list(bounds)} is reversed, empty or negative; write [first, one after the last]")
        return self

    @property
    def kind(self) -> Literal["scalar"]:
        return "scalar"

    @property
    def sources(self) -> tuple[str, ...]:
        return (self.of,)


class Fit(Value):
    """One parameter of a peak on a constant background, with its sd from the fit's covariance. A fit that fails is no number."""

    take: Literal["fit"]
    """A parameter of a fitted peak."""
    of: str = Field(min_length=1)
    """A curve (read again and again by one run), a spectrum, or an image, which is added up along its other axis."""
    model: Literal["gaussian", "lorentzian"] = "gaussian"
    """The peak's shape."""
    gives: Literal["center", "height", "fwhm", "area", "background"] = "center"
    """Which parameter; widths are full ones at half maximum, heights those above the background."""
    x: str | None = None
    """The data key that a curve is plotted against, such as the scanned motor's; default the number of the reading, channel or pixel."""
    along: Literal["x", "y"] = "x"
    """Of an image: columns or rows."""
    window: tuple[float, float] | None = None
    """The part to fit, in units of x; default all of it."""
    stream: str = "primary"
    """The run's stream to read."""
    unit: str | None = None
    """Default: that of x for ``center`` and ``fwhm``, else that of what it is taken from."""

    @model_validator(mode="after")
    def _window_ascends(self) -> "Fit":
        if self.window is not None and not self.window[0] < self.window[1]:
            raise ValueError(f"window {list(self.window)} is reversed or empty; write [low, high] with low < high")
        return self

    @property
    def kind(self) -> Literal["scalar"]:
        return "scalar"

    @property
    def sources(self) -> tuple[str, ...]:
        return (self.of,) if self.x is None else (self.of, self.x)


class DeadTime(Value):
    """The true rate of a counter that misses what arrives while it is busy (non-paralysable): m / (1 − m τ), with m counts a second.

    Source:
        Knoll, Radiation Detection and Measurement, 4th ed., eq. 4.27.
    """

    take: Literal["dead_time"]
    """A counter's true rate."""
    of: str = Field(min_length=1)
    """Counts."""
    exposure: Annotated[float, Field(gt=0)] | str | None = None
    """How long was counted, in seconds, or the data key that tells it in seconds; default ``measure.exposure``."""
    tau_s: float = Field(gt=0, lt=1)
    """How long the counter is busy after each count, in seconds."""
    gives: Literal["rate", "counts"] = "rate"
    """True counts a second, or the true counts of the exposure."""
    most_dead: float = Field(default=0.5, gt=0, lt=1)
    """The largest part of the time, m τ, that it may have been busy: beyond it the correction is a guess, and there is no number."""
    stream: str = "primary"
    """The run's stream to read."""
    unit: str | None = None
    """Default: 1/s, or that of what it is taken from."""

    @property
    def kind(self) -> Literal["scalar"]:
        return "scalar"

    @property
    def sources(self) -> tuple[str, ...]:
        return (self.of, self.exposure) if isinstance(self.exposure, str) else (self.of,)


class Dark(Value):
    """What is read without its dark part: another signal's, or what the last dark trial gave. Images are subtracted pixel by pixel.

    In a dark trial itself nothing is subtracted: it gives the dark.
    """

    take: Literal["dark"]
    """What is read without its dark part."""
    of: str = Field(min_length=1)
    """A number, a spectrum or an image."""
    dark: str | None = None
    """The data key or derived signal that is taken off; default what this very signal was in the last dark trial."""
    gain: float | None = Field(default=None, gt=0)
    """Detector units per counted photon: gives the sd of counting, √(gain · (of + dark)). Without it the sd is known where both are."""
    stream: str = "primary"
    """The run's stream to read."""
    unit: str | None = None
    """Default: that of what it is taken from."""

    @property
    def kind(self) -> Literal["scalar"]:
        """As far as the operation alone tells: that of what it is taken from, otherwise."""
        return "scalar"

    @property
    def sources(self) -> tuple[str, ...]:
        return (self.of,) if self.dark is None else (self.of, self.dark)
