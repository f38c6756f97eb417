"""Frames of an HDF5 file that may still be written.

HDF5 fills what it cannot find with zeros and says nothing: a dataset that was made longer before its frame was written, a file cut
short while it was open for reading meanwhile (SWMR), a virtual dataset whose source is missing. So every chunk is looked for first.
"""

import contextlib
import itertools
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from orchestrator.execution.frames.waiting import NotThere

with contextlib.suppress(ImportError):  # filters beyond HDF5's own, such as bitshuffle, where a site has them
    import hdf5plugin  # type: ignore[import-not-found]  # noqa: F401


def read_hdf5(path: Path, dataset: str, frames: tuple[int, int], frame_shape: Sequence[int], *, begin: int | None = None) -> np.ndarray:
    """Return frames, shape (frames, …), once all of them are there.

    Args:
        path: The file.
        dataset: The path inside.
        frames: The first, and the one after the last.
        frame_shape: Of one.
        begin: The first that is read, where not all of those looked for are wanted.

    Raises:
        NotThere: If the file, the dataset or a frame is not there yet, or is damaged.
    """
    with _opened(path) as file:
        found = _dataset(file, dataset, path)
        if found.ndim == len(frame_shape) and frame_shape:  # one frame, without an axis to count frames on
            _require_chunks(found, [slice(0, size) for size in found.shape], path)
            return np.asarray(found[()])[np.newaxis]
        first, stop = frames
        if found.shape[0] < stop:
            raise NotThere(f"{max(0, found.shape[0] - first)} of {stop - first} frames are in {path}", is_late=True)
        _require_written(found, first, stop, path)
        try:
            return np.asarray(found[first if begin is None else begin : stop])
        except (OSError, RuntimeError, ValueError) as error:
            raise NotThere(f"{path} is damaged: frames {first} to {stop - 1} cannot be read: {_told(error)}") from None


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """Open without a lock, which could keep the writer from its own file; as a reader beside a writer, or else as a finished file."""
    try:
        size = path.stat().st_size
    except OSError:
        raise NotThere(f"there is no file {path}", is_late=True) from None
    errors: list[Exception] = []
    for how in ({"swmr": True}, {}):
        try:
            file: Any = h5py.File(path, "r", libver="latest", locking=False, **how)
        except (OSError, RuntimeError) as error:  # the latter where its first bytes are wrong
            errors.append(error)
            continue
        with file:
            yield file
        return
    said = _told(errors[-1])
    if "truncated file" in said:
        raise NotThere(f"{path} is truncated: it has {size} bytes and says that it should have more")
    if "already open for write" in said:
        raise NotThere(f"{path} is still open in its writer, and cannot be read beside it", is_late=True)
    raise NotThere(f"{path} ({size} bytes) is no HDF5 file yet: {said}")


def _dataset(file: Any, dataset: str, path: Path) -> Any:
    try:
        found = file[dataset]
    except (KeyError, OSError, RuntimeError):
        raise NotThere(f"{path} has no dataset {dataset!r}; it has {_names(file)}", is_late=True) from None
    if not isinstance(found, h5py.Dataset):
        raise NotThere(f"{dataset!r} in {path} is a group, not frames")
    return found


def _names(file: Any) -> str:
    found: list[str] = []
    with contextlib.suppress(Exception):  # a listing is help, no more
        file.visititems(lambda name, what: found.append(f"/{name}") if isinstance(what, h5py.Dataset) else None)
    return ", ".join(found[:8]) or "none"


def _require_written(dataset: Any, first: int, stop: int, path: Path) -> None:
    if dataset.is_virtual:
        for source in dataset.virtual_sources():
            _require_source(source, first, stop, path)
    else:
        _require_chunks(dataset, [slice(first, stop), *(slice(0, size) for size in dataset.shape[1:])], path)


def _require_source(source: Any, first: int, stop: int, path: Path) -> None:
    """Look for the frames of a virtual dataset where they really are."""
    low, high = (bound[0] for bound in source.vspace.get_select_bounds())
    if high < first or low >= stop:
        return
    offset = _start(source.src_space) - low
    where = path if source.file_name == "." else path.parent / source.file_name
    with _opened(where) as file:
        found = _dataset(file, source.dset_name, where)
        until = min(stop, high + 1) + offset
        if found.shape[0] < until:
            raise NotThere(f"{found.shape[0]} of {until} frames are in {where}, which {path} refers to", is_late=True)
        _require_written(found, max(first, low) + offset, until, where)


def _start(space: Any) -> int:
    try:
        return int(space.get_select_bounds()[0][0])
    except (ValueError, RuntimeError):  # everything is selected
        return 0


def _require_chunks(dataset: Any, wanted: Sequence[slice], path: Path) -> None:
    """Refuse what is not on disk in full."""
    size = os.stat(path).st_size
    for offset, length, frame in _stored(dataset, wanted):
        if offset is None:
            raise NotThere(f"frame {frame} in {path} is not written yet", is_late=True)
        if offset + length > size:
            raise NotThere(f"{path} is truncated: frame {frame} ends at byte {offset + length}, and it has {size}")


def _stored(dataset: Any, wanted: Sequence[slice]) -> Iterator[tuple[int | None, int, int]]:
    """Yield byte offset, length and frame of whatever holds the data; an offset of None is nowhere yet."""
    if dataset.chunks is None:
        layout = dataset.id.get_create_plist().get_layout()
        if layout == h5py.h5d.CONTIGUOUS:
            yield dataset.id.get_offset(), dataset.id.get_storage_size(), wanted[0].start
        return
    steps = [range(each.start // chunk * chunk, each.stop, chunk) for each, chunk in zip(wanted, dataset.chunks, strict=True)]
    for corner in itertools.product(*steps):
        try:
            info = dataset.id.get_chunk_info_by_coord(corner)
        except (OSError, RuntimeError, ValueError) as error:
            raise NotThere(f"{dataset.file.filename} is damaged: its index of frames cannot be read: {_told(error)}") from None
        yield info.byte_offset, info.size, max(corner[0], wanted[0].start)


def _told(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
