"""The real instrument process: real RunEngine, real devices, real pipe."""

import os
import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from instruments.journal import read_journal
from orchestrator.bootstrap.children import start_instrument
from orchestrator.domain.errors import BadInput
from orchestrator.domain.instrument import MeasureRequest
from orchestrator.domain.ports import Measured, NotMeasured, Refused, Unknown
from orchestrator.domain.records import TrialKind
from orchestrator.domain.spec import Plugin
from orchestrator.execution.executor import ProcessExecutor
from orchestrator.execution.run_records import RunRecords
from orchestrator.processes import Child

POINT = {"n": 6, "theta": 0, "r": 1.5, "t": 0.7}


def request(trial: int = 1, attempt: int = 1, token: int = 1, **changes: object) -> MeasureRequest:
    known = {"campaign": "night", "kind": TrialKind.AGENT, "point": POINT, "signals": ("toughness",), "seed": 0}
    return MeasureRequest(trial=trial, attempt=attempt, token=token, **{**known, **changes})


def moved(folder: Path) -> list[str]:
    """Return the attempts that moved anything, once per motion of the first axis."""
    return [line["attempt"] for line in read_journal(folder / "journal") if line["what"] == "motion" and line["axis"] == "n"]


@pytest.fixture
def children() -> list[Child]:
    return []


@pytest.fixture
def executor(tmp_path: Path, children: list[Child]) -> Iterator[ProcessExecutor]:
    instrument = Plugin(type="dataset", data="crossed-barrel", journal=str(tmp_path / "journal"))
    executor = ProcessExecutor(lambda: start_instrument(instrument, tmp_path), on_start=children.append)
    yield executor
    executor.close()


def test_a_trial_is_measured_once_and_a_retry_adopts_it(executor: ProcessExecutor, tmp_path: Path) -> None:
    first = executor.settle(request())
    assert isinstance(first, Measured)
    assert first.observation.readback == POINT
    assert first.observation.run_uid
    again = executor.settle(request(), is_retry=True)
    assert isinstance(again, Measured)
    assert again.observation == first.observation.model_copy(update={"is_adopted": True})
    assert moved(tmp_path) == ["night/1/1"]


def test_a_start_without_a_motion_is_measured_and_one_of_unknown_fate_is_not(executor: ProcessExecutor, tmp_path: Path) -> None:
    assert isinstance(executor.settle(request(2), is_retry=True), Measured)
    with closing(RunRecords(tmp_path / "runs", "night")) as records:
        records.begin("night/3/1")
    assert isinstance(executor.settle(request(3), is_retry=True), Unknown)


def test_an_older_lease_token_is_refused_before_anything_moves(executor: ProcessExecutor, tmp_path: Path) -> None:
    executor.settle(request(1, token=5))
    refused = executor.settle(request(2, token=4))
    assert isinstance(refused, Refused)
    assert "token 4" in refused.reason
    assert moved(tmp_path) == ["night/1/1"]


def test_a_point_outside_the_pool_fails_the_attempt_and_names_the_nearest_member(executor: ProcessExecutor) -> None:
    settled = executor.settle(request(point={**POINT, "r": 1.61}))
    assert isinstance(settled, NotMeasured)
    assert "1.6" in settled.reason


def test_a_killed_instrument_process_is_replaced_and_the_attempt_is_not_measured(executor: ProcessExecutor, children: list[Child]) -> None:
    os.kill(children[0].process.pid, signal.SIGKILL)
    assert isinstance(executor.settle(request()), NotMeasured)
    assert isinstance(executor.settle(request(1, 2)), Measured)
    assert len(children) == 2


def test_the_process_ends_when_its_engine_is_gone(executor: ProcessExecutor, children: list[Child]) -> None:
    children[0].connection.close()
    assert children[0].process.wait(timeout=20) == 0


def test_an_instrument_that_cannot_be_built_says_why(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"missing\.csv") as raised:
        ProcessExecutor(lambda: start_instrument(Plugin(type="dataset", data=str(tmp_path / "missing.csv")), tmp_path))
    assert "Traceback" not in str(raised.value)
