"""Frames by reference → an array. Imported by the process that reads, and by nobody else."""

import socket
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote

import numpy as np

from orchestrator.domain.frames import FrameRef
from orchestrator.execution.frames.references import file_name
from orchestrator.execution.frames.waiting import NotThere


def read_all(refs: Sequence[FrameRef]) -> np.ndarray:
    """Return all frames, shape (frames, …); of a single frame, its own shape.

    Raises:
        NotThere: If one of them cannot be read now.
    """
    stretches = [_read(ref) for ref in refs]
    shapes = {stretch.shape[1:] for stretch in stretches}
    if len(shapes) != 1:
        raise NotThere(f"frames have different shapes, {', '.join(map(str, sorted(shapes)))}" if shapes else "the run wrote no frame")
    frames = stretches[0] if len(stretches) == 1 else np.concatenate(stretches)
    return frames[0] if len(frames) == 1 else frames


def _read(ref: FrameRef) -> np.ndarray:
    """Return one stretch of frames, shape (frames, …)."""
    frames = _frames(ref)
    if ref.shape and frames.shape[1:] != ref.shape:
        frames = _squeezed(frames, ref)
    return frames


def _squeezed(frames: np.ndarray, ref: FrameRef) -> np.ndarray:
    """Return frames whose shape differs from what was announced by dimensions of one only."""
    if tuple(size for size in frames.shape[1:] if size != 1) != tuple(size for size in ref.shape if size != 1):
        raise NotThere(f"frames in {ref.uri} have shape {frames.shape[1:]}, not {ref.shape} as the detector said")
    return frames.reshape(len(frames), *ref.shape)


def _frames(ref: FrameRef) -> np.ndarray:
    path = path_of(ref.uri)
    if not ref.template:
        if not ref.media_type.startswith("application/x-hdf5"):
            raise NotThere(f"{path} is of kind {ref.media_type!r}, which cannot be read here")
        from orchestrator.execution.frames.hdf5 import read_hdf5

        return read_hdf5(path, ref.dataset, ref.frames, ref.shape)
    return np.stack([_one(path / file_name(ref.template, number), ref) for number in range(*ref.frames)])


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
