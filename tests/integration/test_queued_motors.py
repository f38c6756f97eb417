"""Real PVs under a queueserver: a safe-stop reaches them past it, and an interlock is watched past it."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from instruments.beamline.outside import Outside
from instruments.beamline.reading import read_site
from instruments.journal import read_journal
from instruments.simulated.companion import SoftIoc
from orchestrator.bootstrap.children import start_instrument
from orchestrator.domain.instrument import MeasureRequest
from orchestrator.domain.ports import NotMeasured, Refused
from orchestrator.domain.records import TrialKind
from orchestrator.domain.spec import Plugin
from orchestrator.execution.executor import ProcessExecutor
from tests.needing import skip_file_without
from tests.queueserver import Queueserver, queueserver
from tests.soft_ioc import channel, soft_ioc, write_from_elsewhere

skip_file_without("bluesky_queueserver", reason="pip install -c constraints.txt -e '.[queueserver]'")

STARTUP = Path(__file__).parent / "profile_motors" / "startup"
SITE = """\
name: queued
profile: {{startup: {startup}}}
axes:
  pitch: {{limits: [2.7, 3.3], unit: mrad, pv: "QUEUED:MIR:PITCH"}}
  roll: {{limits: [-5, 5], unit: mrad, pv: "QUEUED:MIR:ROLL"}}
detectors: {{current: {{unit: mA}}}}
interlocks:
  front_end: {{device: front_end, pv: "QUEUED:SHUTTER", lower: 0.5}}
queueserver: {queueserver}
"""


@pytest.fixture(scope="module")
def ioc() -> Iterator[SoftIoc]:
    with soft_ioc("QUEUED:", time_scale=5.0) as started:  # axes take half a minute to arrive
        write_from_elsewhere(started, "SHUTTER", 1)
        yield started


@pytest.fixture(scope="module")
def running(ioc: SoftIoc, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Queueserver]:
    with queueserver(tmp_path_factory.mktemp("queueserver"), STARTUP) as started:
        yield started


@pytest.fixture(scope="module")
def site(running: Queueserver, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("site") / "site.yaml"
    path.write_text(SITE.format(startup=STARTUP, queueserver=running.settings))
    path.chmod(0o600)
    return path


@pytest.fixture(scope="module")
def executor(site: Path) -> Iterator[ProcessExecutor]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NIGHTSHIFT_SITE", str(site))
        connected = ProcessExecutor(lambda: start_instrument(Plugin(type="site"), site.parent))
    yield connected
    connected.close()


def asked(trial: int) -> MeasureRequest:
    point = {"pitch": 3.28}
    return MeasureRequest(
        campaign="night", trial=trial, attempt=1, kind=TrialKind.AGENT, point=point, signals=("current",), seed=0, token=1
    )


def test_a_safe_stop_stops_the_axes_past_the_queueserver_and_the_queue_does_not_go_on(
    executor: ProcessExecutor, site: Path, running: Queueserver, ioc: SoftIoc
):
    waits = {"item_type": "plan", "name": "scan", "args": [["current"], "pitch", 2.75, 2.75], "kwargs": {"num": 1}}
    running.ask("queue_item_add", item=waits, user="Ada", user_group="primary")
    settled: list[Any] = []
    trial = threading.Thread(target=lambda: settled.append(executor.settle(asked(1))), daemon=True)
    trial.start()
    pitch = channel(ioc, "MIR:PITCH.DMOV")
    running.wait_until(lambda: pitch.get() == 0 or settled)
    assert not settled

    sentinel = Outside(read_site(site))
    try:
        sentinel.halt()
        said = sentinel.secure("smoke")
    finally:
        sentinel.close()
    assert "stopped all axes" in said
    assert {channel(ioc, f"MIR:{axis}.DMOV").get() for axis in ("PITCH", "ROLL")} == {1}

    trial.join(30.0)
    assert isinstance(settled[0], NotMeasured), settled
    running.wait_until(lambda: running.status()["manager_state"] == "idle")
    assert running.status()["items_in_queue"] == 1, "Ada's plan still waits"
    motions = [line for line in read_journal(ioc.log) if line["what"] == "motion"]
    assert len(motions) == 1, "nothing moved after it was stopped"


def test_no_trial_begins_while_an_interlock_that_is_watched_past_the_queueserver_is_lost(
    executor: ProcessExecutor, running: Queueserver, ioc: SoftIoc
):
    assert not executor.status().lost
    write_from_elsewhere(ioc, "SHUTTER", 0)
    running.wait_until(lambda: "front_end" in executor.status().lost)
    before = len(running.history())
    settled = executor.settle(asked(2))
    assert isinstance(settled, Refused)
    assert settled.breaches[0].interlock == "front_end"
    assert len(running.history()) == before
