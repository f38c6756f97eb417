"""Frames that a detector wrote into files of its own: where they lie. Nothing of them is copied."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from orchestrator.domain.base import Duration, Value

_BYTES = {"kB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12}


def parse_size(written: Any) -> Any:
    """Return bytes for ``"5 GB"``; a bare number is bytes already."""
    if not isinstance(written, str):
        return written
    number, unit = written.strip()[:-2].strip(), written.strip()[-2:]
    try:
        return float(number) * _BYTES[unit]
    except (KeyError, ValueError):
        raise ValueError(f"{written!r} is no size; write a number and one of {', '.join(_BYTES)}") from None


FileSize = Annotated[float, BeforeValidator(parse_size)]
"""Bytes; people may write ``5 GB``."""


class FrameRef(Value):
    """A stretch of frames in one file, or in one numbered sequence of files."""

    uri: str = Field(min_length=1)
    """Of the file; of a sequence, its folder."""
    media_type: str = "application/x-hdf5"
    dataset: str = ""
    """The path inside an HDF5 file."""
    template: str = ""
    """The file's name within a sequence, such as ``cam_{:06d}.tiff``; empty for one file that holds all frames."""
    frames: tuple[int, int]
    """The first, counted from 0, and the one after the last."""
    shape: tuple[int, ...] = ()
    """Of one frame: (rows, columns) of an image, (channels,) of a spectrum, empty for a number."""
    dtype: str = ""
    """As numpy writes it, such as ``<u2``; empty where the documents do not tell."""

    @property
    def n_frames(self) -> int:
        return self.frames[1] - self.frames[0]

    @property
    def first_frame(self) -> "FrameRef":
        return self.model_copy(update={"frames": (self.frames[0], self.frames[0] + 1)})

    @property
    def last_frame(self) -> "FrameRef":
        return self.model_copy(update={"frames": (self.frames[1] - 1, self.frames[1])})

    @property
    def numbers(self) -> str:
        """Return ``7``, or ``0-9``."""
        first, last = self.frames[0], self.frames[1] - 1
        return str(first) if first == last else f"{first}-{last}"

    @property
    def place(self) -> str:
        """Return what a person looks for: the file, and which of its frames."""
        inside = f" {self.dataset}" if self.dataset else f" {self.template}" if self.template else ""
        return f"{self.uri}{inside}, {'frame' if self.n_frames == 1 else 'frames'} {self.numbers}"


class FilePolicy(Value):
    """Where detectors write, and how long their files are waited for. The site says it, not the campaign."""

    wait_s: Duration = Field(default=10.0, ge=0, le=3600)
    """From the end of the run until its last frame can be read; after that the trial is measured again."""
    root: str = ""
    """The folder, such as ``/data/{proposal}/{sample}/{campaign}``; empty leaves each detector where the profile has it write."""
    name: str = "{campaign}-{trial:04d}-{attempt}"
    """The file's, without its ending; a device's name is added where several write."""
    least_free: FileSize = Field(default=1e9, ge=0)
    """Bytes that must be free under ``root`` before each trial; people may write ``5 GB``."""
