"""What is known of an attempt after a crash."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from orchestrator.domain.records import Observation
from orchestrator.execution.run_records import Fate, RunRecords
from orchestrator.testing.fakes import EVENING

OBSERVATION = Observation(
    trial=1, attempt=1, setpoint={"x": 1}, readback={"x": 1}, readings={"y": 2.0}, started_at=EVENING, finished_at=EVENING
)


@pytest.fixture
def records(tmp_path: Path) -> Iterator[RunRecords]:
    with closing(RunRecords(tmp_path, "night")) as records:
        yield records


def test_an_attempt_nobody_began_moved_nothing(records: RunRecords) -> None:
    assert records.fate("night/1/1") == Fate()


def test_a_begun_attempt_is_unknown_until_it_is_done(records: RunRecords) -> None:
    records.begin("night/1/1")
    assert records.fate("night/1/1") == Fate(has_begun=True)
    records.finish("night/1/1", OBSERVATION)
    assert records.fate("night/1/1") == Fate(has_begun=True, observation=OBSERVATION)
    assert records.fate("night/1/2") == Fate()


def test_a_line_torn_by_a_crash_hides_neither_the_line_before_nor_the_next(records: RunRecords, tmp_path: Path) -> None:
    records.begin("night/1/1")
    with (tmp_path / "night.jsonl").open("ab") as file:
        file.write(b'\n{"attempt":"night/1/1","what":"done","observ')
    records.begin("night/1/2")
    assert records.fate("night/1/1") == Fate(has_begun=True)
    assert records.fate("night/1/2") == Fate(has_begun=True)
