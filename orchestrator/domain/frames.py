"""Frames that a detector wrote into files of its own: where they lie. Nothing of them is copied."""

from pydantic import Field

from orchestrator.domain.base import Duration, Value


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
    """How long files are waited for. The site says it, not the campaign."""

    wait_s: Duration = Field(default=10.0, ge=0, le=3600)
    """From the end of the run until its last frame can be read; after that the trial is measured again."""
