"""A spool gives back what was put in, whatever ended its writer."""

import resource
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.outbox import spool
from orchestrator.outbox.losses import Losses, losses_in
from orchestrator.outbox.packing import HEADER, Torn, pack, unpack
from orchestrator.outbox.spool import SpoolWriter
from orchestrator.outbox.spooled import Position, count_after, documents_after, forget_before, numbers

RUN = [("start", {"uid": "r1", "time": 1.0}), ("descriptor", {"uid": "d1", "run_start": "r1"}), ("stop", {"run_start": "r1"})]


@pytest.fixture(autouse=True)
def closed_at_the_end(monkeypatch):
    """Close what the tests open, as the end of a process does."""
    opened = []
    began = SpoolWriter.__init__
    monkeypatch.setattr(SpoolWriter, "__init__", lambda self, folder: (began(self, folder), opened.append(self))[0])
    yield
    for writer in opened:
        writer.close()


def written(folder, documents=RUN):
    writer = SpoolWriter(folder)
    for name, document in documents:
        writer(name, document)
    return writer


def read(folder, position=None):
    return [named for _position, named in documents_after(folder, position or Position())]


def round_trip(name, document):
    record = pack(name, document)
    return unpack(record[HEADER.size :], HEADER.unpack(record[: HEADER.size])[1])


plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=40)
@given(st.dictionaries(st.text(max_size=8), plain, max_size=5))
def test_whatever_a_document_says_comes_back(document):
    assert round_trip("event", document) == ("event", document)


@pytest.mark.parametrize("dtype", ["u2", "f4", "<f8", "?", "c16", "S3"])
def test_an_image_comes_back_with_type_and_shape(dtype):
    image = np.arange(12).reshape(3, 4).astype(dtype)
    _name, document = round_trip("event", {"data": {"image": image.T}})
    np.testing.assert_array_equal(document["data"]["image"], image.T)
    assert document["data"]["image"].dtype == image.dtype


def test_what_no_document_should_hold_becomes_text_and_not_an_error():
    odd = {"path": Path("/a/b"), "set": {2, 1}, "huge": 2**70, "object": object, "numpy": np.float32(0.5)}
    _name, document = round_trip("start", odd)
    assert document["path"] == "/a/b"
    assert document["set"] == [1, 2]
    assert document["huge"] == str(2**70)
    assert document["object"] == "<class 'object'>"
    assert document["numpy"] == 0.5


def test_a_damaged_record_is_told_from_a_whole_one():
    record = bytearray(pack(*RUN[0]))
    record[-1] ^= 1
    with pytest.raises(Torn, match="checksum"):
        unpack(bytes(record[HEADER.size :]), HEADER.unpack(record[: HEADER.size])[1])


def test_a_reader_goes_on_where_it_left_off(tmp_path):
    writer = written(tmp_path)
    [(_first, _), (second, _), (last, _)] = documents_after(tmp_path, Position())
    assert read(tmp_path, second) == [RUN[2]]
    assert read(tmp_path, last) == []
    writer("start", {"uid": "r2"})
    assert read(tmp_path, last) == [("start", {"uid": "r2"})]
    assert count_after(tmp_path, second) == 2


@pytest.mark.parametrize("n_lost", range(1, 20))
def test_a_torn_end_is_passed_over_once_another_process_writes(tmp_path, n_lost):
    written(tmp_path).close()
    [torn] = tmp_path.iterdir()
    torn.write_bytes(torn.read_bytes()[:-n_lost])
    assert read(tmp_path) == [*RUN[:2], None]
    assert count_after(tmp_path, Position()) == 2
    written(tmp_path, [("start", {"uid": "r2"})])
    assert read(tmp_path) == [*RUN[:2], None, ("start", {"uid": "r2"})]


def test_a_long_spool_goes_on_in_another_file_and_old_ones_are_deleted(tmp_path, monkeypatch):
    monkeypatch.setattr(spool, "LARGEST_FILE", 10)
    written(tmp_path, RUN * 3)
    assert numbers(tmp_path) == (1, 2, 3)
    assert [named for named in read(tmp_path) if named] == RUN * 3
    forget_before(tmp_path, Position(3, 0))
    assert numbers(tmp_path) == (3,)
    written(tmp_path)
    assert numbers(tmp_path) == (3, 4), "a number is never used twice"


def test_a_file_is_over_when_its_writer_is_gone_and_not_before(tmp_path):
    writer = written(tmp_path, RUN[:2])
    assert read(tmp_path) == RUN[:2]
    writer.close()
    assert read(tmp_path) == [*RUN[:2], None]


def test_what_was_sent_takes_no_room_once_its_writer_is_gone(tmp_path):
    written(tmp_path).close()
    forget_before(tmp_path, Position(2, 0))
    assert [path.stat().st_size for path in tmp_path.iterdir()] == [0]
    written(tmp_path)
    assert numbers(tmp_path) == (1, 2), "a number is never used twice"
    assert read(tmp_path, Position(2, 0)) == RUN


@contextmanager
def room_for(n_bytes):
    """Let no file grow beyond so many bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_costs_documents_and_never_the_measurement(tmp_path):
    writer = written(tmp_path)
    with room_for((tmp_path / "000001.spool").stat().st_size + 20):
        for name, document in RUN:
            writer(name, document)
    for name, document in RUN:
        writer(name, document)
    assert read(tmp_path) == [*RUN, None, *RUN]
    n_lost, reason = losses_in(tmp_path)
    assert n_lost == 1
    assert "disk is full" in reason or "File too large" in reason


def test_a_loss_is_told_though_its_reason_has_no_room(tmp_path):
    with room_for(0):
        written(tmp_path)
    assert losses_in(tmp_path) == (1, "")


def test_a_loss_that_could_not_be_noted_is_noted_later(tmp_path):
    blocked = tmp_path / "lost"
    blocked.write_text("in the way")
    losses = Losses(tmp_path)
    losses.note("r1", "the disk is full")
    blocked.unlink()
    losses.note_again()
    assert losses_in(tmp_path) == (1, "the disk is full")


def test_the_last_of_the_disk_is_the_ledgers(tmp_path, monkeypatch):
    monkeypatch.setattr(spool, "RESERVE", 2**62)
    writer = written(tmp_path)
    assert numbers(tmp_path) == ()
    n_lost, reason = losses_in(tmp_path)
    assert n_lost == 1
    assert "the last 4611686018427 MB are the ledger's" in reason
    monkeypatch.setattr(spool, "RESERVE", 0)
    for name, document in RUN:
        writer(name, document)
    assert read(tmp_path) == RUN


def test_documents_before_the_first_start_are_nobodys(tmp_path):
    written(tmp_path, [("descriptor", {"uid": "d0"})])
    assert numbers(tmp_path) == ()
