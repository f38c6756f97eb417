"""Which frames documents refer to."""

from typing import Any

import pytest

from orchestrator.domain.errors import InstrumentError
from orchestrator.execution.frames.references import FileDocuments, file_name


def stream(shape: list[int], chunk: list[int] | None, *stretches: tuple[int, int, int], **parameters: Any) -> FileDocuments:
    """Return a run whose detector wrote events: first sequence number, first index, how many."""
    documents = FileDocuments()
    documents(
        "descriptor", {"uid": "d", "name": "primary", "data_keys": {"cam": {"external": "STREAM:", "shape": shape, "dtype_numpy": "<u2"}}}
    )
    told = {"dataset": "/data", **({} if chunk is None else {"chunk_shape": chunk}), **parameters}
    documents(
        "stream_resource",
        {"uid": "r", "data_key": "cam", "mimetype": "application/x-hdf5", "uri": "file://localhost/a.h5", "parameters": told},
    )
    for number, index, n in stretches:
        numbers, indices = {"start": number, "stop": number + n}, {"start": index, "stop": index + n}
        documents("stream_datum", {"stream_resource": "r", "descriptor": "d", "seq_nums": numbers, "indices": indices})
    return documents


def classic(spec: str, path: str, settings: dict[str, Any], **kwargs: Any) -> Any:
    documents = FileDocuments()
    documents("descriptor", {"uid": "d", "data_keys": {"cam": {"external": "FILESTORE:", "shape": [1, 40, 50]}}})
    documents("resource", {"uid": "r", "spec": spec, "root": "/data", "resource_path": path, "resource_kwargs": settings})
    documents("datum", {"datum_id": "r/0", "resource": "r", "datum_kwargs": kwargs})
    return documents.refs("primary", "cam", ["r/0"])[0]


@pytest.mark.parametrize(
    ("shape", "chunk", "frames", "frame"),
    [
        ([1, 40, 50], [1, 40, 50], (2, 3), (40, 50)),
        ([3, 40, 50], [1, 40, 50], (6, 9), (40, 50)),
        ([40, 50], [1, 40, 50], (2, 3), (40, 50)),
        ([1], [1024], (2, 3), ()),
        ([5, 40, 50], None, (10, 15), (40, 50)),
    ],
    ids=["one frame", "three frames an event", "no axis for frames", "a number", "no chunks told"],
)
def test_the_frames_of_an_event_depend_on_how_many_each_has(
    shape: list[int], chunk: list[int], frames: tuple[int, int], frame: tuple[int, ...]
):
    (ref,) = stream(shape, chunk, (1, 2, 1)).refs("primary", "cam", ())
    assert (ref.frames, ref.shape, ref.dataset, ref.dtype) == (frames, frame, "/data", "<u2")


def test_neighbouring_events_are_one_stretch_and_a_repeated_event_counts_once_as_it_was_last():
    (ref,) = stream([1, 40, 50], [1, 40, 50], (1, 0, 1), (2, 1, 2)).refs("primary", "cam", ())
    assert ref.frames == (0, 3)
    first, last = stream([1, 40, 50], [1, 40, 50], (1, 0, 1), (2, 1, 1), (2, 2, 1)).refs("primary", "cam", ())
    assert (first.frames, last.frames) == ((0, 1), (2, 3)), "the plan was rewound, and took the second event again"


def test_classic_devices_refer_by_resource_and_datum():
    hdf5 = classic("AD_HDF5", "2026/a_000000.h5", {"frame_per_point": 5}, point_number=2)
    assert (hdf5.uri, hdf5.dataset, hdf5.frames) == ("file://localhost/data/2026/a_000000.h5", "/entry/data/data", (10, 15))
    tiff = classic("AD_TIFF", "2026", {"template": "%s%s_%6.6d.tiff", "filename": "cam", "frame_per_point": 1}, point_number=3)
    assert (tiff.uri, tiff.template, tiff.frames) == ("file://localhost/data/2026", "cam_{:06d}.tiff", (3, 4))
    npy = classic("NPY_SEQ", "ab12", {}, index=7)
    assert (npy.uri, npy.template, npy.frames) == ("file://localhost/data", "ab12_{:d}.npy", (7, 8))
    assert file_name(tiff.template, 3) == "cam_000003.tiff"


def test_a_page_of_datums_is_as_good_as_one_by_one():
    documents = FileDocuments()
    documents("descriptor", {"uid": "d", "data_keys": {"cam": {"external": "FILESTORE:", "shape": [40, 50]}}})
    documents("resource", {"uid": "r", "spec": "AD_HDF5", "root": "/", "resource_path": "a.h5", "resource_kwargs": {"frame_per_point": 1}})
    documents("datum_page", {"resource": "r", "datum_id": ["r/0", "r/1"], "datum_kwargs": {"point_number": [0, 1]}})
    assert documents.refs("primary", "cam", ["r/0", "r/1"])[0].frames == (0, 2)


def test_a_kind_of_file_that_cannot_be_read_is_named_with_a_way_out():
    with pytest.raises(InstrumentError, match=r"cam is written in files of kind 'AD_EIGER2'.*type: external"):
        classic("AD_EIGER2", "a", {})


@pytest.mark.parametrize(
    ("written", "name"), [("img_{:05d}.tif", "img_00012.tif"), ("img_%03d.tif", "img_012.tif"), ("a{0.__class__}", "a{0.__class__}")]
)
def test_a_template_gives_numbers_and_nothing_else(written: str, name: str):
    (ref,) = stream([1, 40, 50], None, (1, 12, 1), template=written).refs("primary", "cam", ())
    assert file_name(ref.template, 12) == name
