"""A run is sent whole, whatever became of the process that measured it."""

import pytest
from event_model import DocumentNames, schema_validators

from orchestrator.outbox.runs import TORN, RunReader
from orchestrator.outbox.spool import SpoolWriter
from orchestrator.outbox.spooled import Position


@pytest.fixture
def writers(tmp_path):
    opened = []

    def another():
        opened.append(SpoolWriter(tmp_path))
        return opened[-1]

    yield another
    for writer in opened:
        writer.close()


def run(uid):
    return [
        ("start", {"uid": uid, "time": 1.0}),
        ("descriptor", {"uid": f"d{uid}", "run_start": uid}),
        ("stop", {"uid": f"s{uid}", "run_start": uid}),
    ]


def put(writer, documents):
    for name, document in documents:
        writer(name, document)


def names(parcel):
    return [(name, document["uid"]) for name, document in parcel.documents]


def test_a_run_is_a_parcel_once_it_is_over(tmp_path, writers):
    reader, writer = RunReader(tmp_path, Position()), writers()
    put(writer, run("a")[:2])
    assert reader.next() is None
    put(writer, run("a")[2:] + run("b"))
    first, second = reader.next(), reader.next()
    assert names(first) == [("start", "a"), ("descriptor", "da"), ("stop", "sa")]
    assert names(second)[0] == ("start", "b")
    assert reader.next() is None
    assert RunReader(tmp_path, first.end).next() == second, "whoever goes on behind a parcel finds the next one"


def test_runs_that_overlap_are_one_parcel(tmp_path, writers):
    a, b = run("a"), run("b")
    put(writers(), [a[0], b[0], a[1], b[1], a[2], b[2]])
    parcel = RunReader(tmp_path, Position()).next()
    assert [uid for name, uid in names(parcel) if name == "start"] == ["a", "b"]


def test_a_run_whose_process_was_killed_ends_as_aborted(tmp_path, writers):
    first = writers()
    put(first, run("a")[:2])
    first.close()
    put(writers(), run("b"))
    reader = RunReader(tmp_path, Position())
    torn = reader.next()
    name, stop = torn.documents[-1]
    assert (name, stop["exit_status"], stop["reason"], stop["run_start"]) == ("stop", "abort", TORN, "a")
    schema_validators[DocumentNames.stop].validate(stop)
    assert RunReader(tmp_path, Position()).next() == torn, "told again, it is the same document"
    assert names(reader.next())[0] == ("start", "b")


def test_it_is_told_though_nobody_ever_measures_again(tmp_path, writers):
    writer, reader = writers(), RunReader(tmp_path, Position())
    put(writer, run("a")[:2])
    assert reader.next() is None
    writer.close()
    assert reader.next().documents[-1][1]["reason"] == TORN
    assert (reader.next(), reader.is_between_runs, reader.position) == (None, True, Position(2, 0))


def test_what_belongs_to_no_run_is_left_out(tmp_path, writers):
    writer = writers()
    put(writer, run("a"))
    put(writer, [("event", {"uid": "late"}), *run("b")])
    reader = RunReader(tmp_path, Position())
    assert [len(reader.next().documents) for _ in "ab"] == [3, 3]
