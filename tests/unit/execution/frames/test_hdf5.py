"""What HDF5 would fill with zeros, and must be said instead."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from orchestrator.domain.errors import FramesUnreadable
from orchestrator.domain.frames import FrameRef
from orchestrator.execution.frames.files import path_of, read_all
from orchestrator.execution.frames.waiting import NotThere, wait_for

SHAPE = (40, 50)


def written(path: Path, n: int, *, swmr: bool = True) -> Any:
    """Write frames full of 1, 2, 3, …; return the open dataset."""
    file = h5py.File(path, "w", libver="latest" if swmr else "earliest")
    data = file.create_dataset("/entry/data/data", shape=(0, *SHAPE), maxshape=(None, *SHAPE), dtype="u2", chunks=(1, *SHAPE))
    if swmr:
        file.swmr_mode = True
    for index in range(n):
        data.resize(index + 1, axis=0)
        data[index] = index + 1
        data.flush()
    return data


def ref(path: Path, first: int = 0, stop: int = 1, **changes: Any) -> FrameRef:
    usual: dict[str, Any] = {"uri": f"file://localhost{path}", "dataset": "/entry/data/data", "frames": (first, stop), "shape": SHAPE}
    return FrameRef(**{**usual, **changes})


def problem_with(*refs: FrameRef) -> str:
    with pytest.raises(NotThere) as found:
        read_all(refs)
    return str(found.value)


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    return tmp_path / "a.h5"


def test_one_frame_is_an_image_and_several_are_a_stack_even_across_files(path: Path, tmp_path: Path):
    written(path, 3).file.close()
    written(tmp_path / "b.h5", 1, swmr=False).file.close()
    np.testing.assert_array_equal(read_all([ref(path, 2, 3)]), np.full(SHAPE, 3))
    stack = read_all([ref(path, 1, 3), ref(tmp_path / "b.h5")])
    assert stack.shape == (3, *SHAPE)
    assert stack[:, 0, 0].tolist() == [2, 3, 1]


def test_a_long_stack_is_looked_through_without_reading_it(path: Path):
    written(path, 3).file.close()
    np.testing.assert_array_equal(read_all([ref(path, 0, 3)], last_only=True), np.full(SHAPE, 3))
    with pytest.raises(NotThere, match="3 of 4 frames"):
        read_all([ref(path, 0, 4)], last_only=True)
    with pytest.raises(FramesUnreadable, match=r"1000000 frames are 4 GB, above 2 GB to be read at once; measure fewer frames a trial"):
        read_all([ref(path, 0, 1_000_000, dtype="<u2")])


@pytest.mark.parametrize("lost", [100, 5000])
def test_a_file_cut_short_is_truncated_though_hdf5_reads_zeros_from_it(path: Path, lost: int):
    written(path, 3).file.close()
    size = path.stat().st_size
    os.truncate(path, size - lost)
    with h5py.File(path, "r", swmr=True) as file:
        assert not file["/entry/data/data"][2, -1].any(), "HDF5 itself says nothing"
    assert f"{path} is truncated: frame 2 ends at byte {size}, and it has {size - lost}" == problem_with(ref(path, 2, 3))
    np.testing.assert_array_equal(read_all([ref(path, 0, 1)]), np.full(SHAPE, 1)), "what is whole can be read"


def test_a_finished_file_of_the_old_kind_that_was_cut_short_is_truncated(path: Path):
    written(path, 3, swmr=False).file.close()
    os.truncate(path, path.stat().st_size - 100)
    assert "is truncated: it has" in problem_with(ref(path))


def test_a_dataset_made_longer_before_its_frame_was_written_is_late(path: Path):
    data = written(path, 1)
    data.resize(3, axis=0)
    data.file.close()
    assert problem_with(ref(path, 1, 2)) == f"frame 1 in {path} is not written yet"
    assert problem_with(ref(path, 2, 5)) == f"1 of 3 frames are in {path}"


def test_a_contiguous_dataset_that_was_never_written_is_late(path: Path):
    with h5py.File(path, "w") as file:
        file.create_dataset("/entry/data/data", shape=(2, *SHAPE), dtype="u2")
    assert "is not written yet" in problem_with(ref(path))


@pytest.mark.parametrize(("content", "said"), [(b"", "is no HDF5 file yet"), (b"\x89HDF\r\n\x1a\n" + bytes(500), "is no HDF5 file yet")])
def test_a_file_without_a_beginning_is_not_read(path: Path, content: bytes, said: str):
    path.write_bytes(content)
    assert said in problem_with(ref(path))


def test_what_is_not_there_is_named(path: Path):
    assert problem_with(ref(path)) == f"there is no file {path}"
    written(path, 1).file.close()
    assert "has no dataset '/entry/image'; it has /entry/data/data" in problem_with(ref(path, dataset="/entry/image"))
    assert "have shape (40, 50), not (50, 40) as the detector said" in problem_with(ref(path, shape=(50, 40)))
    assert "lies on storage7; let the detector name the path as it is mounted here" in problem_with(
        ref(path, uri="file://storage7/data/a.h5")
    )


def test_a_virtual_dataset_is_looked_for_where_its_frames_really_are(path: Path, tmp_path: Path):
    master = tmp_path / "master.h5"
    layout = h5py.VirtualLayout((2, *SHAPE), dtype="u2")
    layout[0:2] = h5py.VirtualSource("a.h5", "/entry/data/data", shape=(2, *SHAPE))
    with h5py.File(master, "w") as file:
        file.create_virtual_dataset("/entry/data/data", layout)
        assert not file["/entry/data/data"][:].any(), "HDF5 itself says nothing"
    assert problem_with(ref(master)) == f"there is no file {path}"
    written(path, 1).file.close()
    np.testing.assert_array_equal(read_all([ref(master)]), np.full(SHAPE, 1))
    assert problem_with(ref(master, 1, 2)) == f"1 of 2 frames are in {path}, which {master} refers to"
    written(path, 2).file.close()
    np.testing.assert_array_equal(read_all([ref(master, 1, 2)]), np.full(SHAPE, 2))


def test_frames_of_a_tiff_or_numpy_sequence_are_files_of_their_own(tmp_path: Path):
    from PIL import Image

    image = np.arange(12, dtype=np.uint16).reshape(3, 4)
    Image.fromarray(image).save(tmp_path / "cam_000004.tiff")
    np.save(tmp_path / "cam_4.npy", image)
    tiff = {"media_type": "multipart/related;type=image/tiff", "template": "cam_{:06d}.tiff", "dataset": "", "shape": ()}
    npy = {"media_type": "multipart/related;type=application/x-npy", "template": "cam_{:d}.npy", "dataset": "", "shape": (3, 4)}
    for kind in (tiff, npy):
        np.testing.assert_array_equal(read_all([ref(tmp_path, 4, 5, **kind)]), image)
        assert "there is no file" in problem_with(ref(tmp_path, 4, 6, **kind))
        name = tmp_path / kind["template"].format(4)
        os.truncate(name, name.stat().st_size - 10)
        assert f"{name}" in problem_with(ref(tmp_path, 4, 5, **kind))
        assert "is damaged" in problem_with(ref(tmp_path, 4, 5, **kind))


def test_names_in_uris_are_taken_as_they_are_written():
    assert path_of("file://localhost/data/a%20b.h5") == Path("/data/a b.h5")
    assert path_of("file:///data/a#1.h5") == Path("/data/a#1.h5")
    assert path_of("/data/a.h5") == Path("/data/a.h5")
    with pytest.raises(NotThere, match="is no file"):
        path_of("http://localhost/data")


def test_frames_are_waited_for_and_the_waiting_is_told():
    answers = iter([NotThere("not yet"), NotThere("not yet"), "frames"])

    def read() -> str:
        answer = next(answers)
        if isinstance(answer, NotThere):
            raise answer
        return answer

    found, waited_s = wait_for(read, 5.0)
    assert found == "frames"
    assert 0.02 <= waited_s < 5.0
    assert wait_for(lambda: "at once", 0.0) == ("at once", 0.0)


def test_waiting_ends_with_the_last_problem_the_time_and_a_way_out():
    def read() -> None:
        raise NotThere("3 of 10 frames are in /data/a.h5", is_late=True)

    with pytest.raises(FramesUnreadable, match=r"3 of 10 frames are in /data/a.h5 after 0.02 s; .*raise files.wait_s"):
        wait_for(read, 0.02)
