"""Frames by reference → an array. Imported by the process that reads, and by nobody else."""

import math
import socket
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote

import numpy as np

from orchestrator.domain.errors import FramesUnreadable
from orchestrator.domain.frames import FrameRef
from orchestrator.execution.frames.references import file_name
from orchestrator.execution.frames.waiting import NotThere

_MOST_BYTES = 2e9
"""Of frames read at once: what several processes can hold beside one another."""


def read_all(refs: Sequence[FrameRef], *, last_only: bool = False) -> np.ndarray:
    """Return all frames, shape (frames, …); of a single frame, its own shape.

    Args:
        refs: In order.
        last_only: Look whether all of them are there, and return the last alone.

    Raises:
        NotThere: If one of them cannot be read now.
        FramesUnreadable: If they are too many to read at once.
    """
    if not last_only:
        _require_few(refs)
    stretches = [_read(ref, last_only) for ref in refs]
    if last_only:
        return stretches[-1][-1]
    shapes = {stretch.shape[1:] for stretch in stretches}
    if len(shapes) != 1:
        raise NotThere(f"frames have different shapes, {', '.join(map(str, sorted(shapes)))}")
    frames = stretches[0] if len(stretches) == 1 else np.concatenate(stretches)
    return frames[0] if len(frames) == 1 else frames


def _require_few(refs: Sequence[FrameRef]) -> None:
    """Refuse a stack that fills the memory, as far as the documents tell its size."""
    size = sum(ref.n_frames * math.prod(ref.shape) * _item_size(ref.dtype) for ref in refs)
    if size > _MOST_BYTES:
        told = f"{refs[0].uri}: {sum(ref.n_frames for ref in refs)} frames are {size / 1e9:.3g} GB, above {_MOST_BYTES / 1e9:g} GB"
        raise FramesUnreadable(f"{told} to be read at once; measure fewer frames a trial, or score it with reward: {{type: external}}")


def _item_size(dtype: str) -> int:
    try:
        return np.dtype(dtype).itemsize
    except TypeError:
        return 1


def _read(ref: FrameRef, last_only: bool) -> np.ndarray:
    """Return one stretch of frames, shape (frames, …)."""
    frames = _frames(ref, ref.frames[1] - 1 if last_only else ref.frames[0])
    if ref.shape and frames.shape[1:] != ref.shape:
        frames = _squeezed(frames, ref)
    return frames


def _squeezed(frames: np.ndarray, ref: FrameRef) -> np.ndarray:
    """Return frames whose shape differs from what was announced by dimensions of one only."""
    if tuple(size for size in frames.shape[1:] if size != 1) != tuple(size for size in ref.shape if size != 1):
        raise NotThere(f"frames in {ref.uri} have shape {frames.shape[1:]}, not {ref.shape} as the detector said")
    return frames.reshape(len(frames), *ref.shape)


def _frames(ref: FrameRef, begin: int) -> np.ndarray:
    """Return frames from ``begin`` on; those before it are looked for."""
    path = path_of(ref.uri)
    if not ref.template:
        if not ref.media_type.startswith("application/x-hdf5"):
            raise NotThere(f"{path} is of kind {ref.media_type!r}, which cannot be read here")
        from orchestrator.execution.frames.hdf5 import read_hdf5

        return read_hdf5(path, ref.dataset, ref.frames, ref.shape, begin=begin)
    names = {number: path / file_name(ref.template, number) for number in range(*ref.frames)}
    missing = next((name for name in names.values() if not name.exists()), None)
    if missing is not None:
        raise NotThere(f"there is no file {missing}", is_late=True)
    return np.stack([_one(names[number], ref) for number in range(begin, ref.frames[1])])


def _one(path: Path, ref: FrameRef) -> np.ndarray:
    """Return one file's one frame."""
    if "hdf5" in ref.media_type:
        from orchestrator.execution.frames.hdf5 import read_hdf5

        return read_hdf5(path, ref.dataset, (0, 1), ref.shape)[0]
    try:
        return np.load(path, allow_pickle=False) if "npy" in ref.media_type else _picture(path)
    except FileNotFoundError:
        raise NotThere(f"there is no file {path}", is_late=True) from None
    except (OSError, ValueError, EOFError, SyntaxError) as error:  # pillow tells of a damaged file by any of them
        raise NotThere(f"{path} ({path.stat().st_size} bytes) is damaged: {' '.join(str(error).split())[:200]}") from None


def _picture(path: Path) -> np.ndarray:
    from PIL import Image

    with Image.open(path) as picture:
        return np.asarray(picture)


def path_of(uri: str) -> Path:
    """Return where a file lies here.

    Raises:
        NotThere: If it lies on another machine, or is no file.
    """
    scheme, _, rest = uri.partition("://") if "://" in uri else ("file", "", f"localhost{uri}")
    host, slash, path = rest.partition("/")
    if scheme != "file":
        raise NotThere(f"{uri} is no file; only files can be read")
    if host not in ("", "localhost", socket.gethostname(), socket.getfqdn()):
        raise NotThere(f"{uri} lies on {host}; let the detector name the path as it is mounted here (directory_uri, read path)")
    return Path(unquote(slash + path))
