"""A profile that a bluesky-queueserver has: the real one, with a real Redis, on loopback."""

import contextlib
import itertools
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from instruments.beamline.queued.server import Silent
from orchestrator import bootstrap
from orchestrator.bootstrap import Switch
from orchestrator.bootstrap.children import start_instrument
from orchestrator.campaign_file import load
from orchestrator.domain.campaign import CampaignState, Status
from orchestrator.domain.errors import InstrumentError
from orchestrator.domain.instrument import MeasureRequest
from orchestrator.domain.measuring import PlanCall, Reduced
from orchestrator.domain.ports import Measured, NotMeasured, Refused, Unknown
from orchestrator.domain.records import Observation, TrialKind
from orchestrator.domain.spec import Plugin
from orchestrator.execution.executor import ProcessExecutor
from orchestrator.testing.fakes import SilentLive
from tests.needing import skip_file_without
from tests.queueserver import Queueserver, queueserver

skip_file_without("bluesky_queueserver", reason="pip install -c constraints.txt -e '.[queueserver]'")

STARTUP = Path(__file__).parent / "profile_queue" / "startup"
SITE = """\
name: queued
profile: {{startup: {startup}}}
axes:
  stage_x: {{limits: [-10, 10], unit: mm, tolerance: 0.01}}
detectors:
  diode:
plans: [peak_scan, slow_count, broken]
queueserver: {queueserver}
"""

Settle = Callable[..., Any]


def write_site(folder: Path, running: Queueserver, **changes: str) -> Path:
    path = folder / "site.yaml"
    text = SITE.format(startup=STARTUP, queueserver=running.settings)
    for before, after in changes.items():
        text = text.replace(before, after)
    path.write_text(text)
    path.chmod(0o600)
    return path


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Queueserver]:
    with queueserver(tmp_path_factory.mktemp("queueserver"), STARTUP) as started:
        yield started


CLIMB = """\
name: climb
instrument: site
measure:
  plan: {name: slow_count, args: {detectors: [diode], motor: stage_x, position: $stage_x, seconds: 0.4}}
space: {stage_x: {limits: [-5, 5]}}
reward: {signal: diode, goal: maximise}
agent: hill-climb
budget: {trials: 5}
"""


@pytest.fixture(scope="module")
def folder(running: Queueserver, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("queued")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NIGHTSHIFT_SITE", str(write_site(folder, running)))
        yield folder


@pytest.fixture(scope="module")
def executor(folder: Path) -> Iterator[ProcessExecutor]:
    connected = ProcessExecutor(lambda: start_instrument(Plugin(type="site"), folder))
    yield connected
    connected.close()


trials = itertools.count(1)


@pytest.fixture
def trial() -> int:
    return next(trials)


def asked(trial: int, plan: PlanCall | None = None, **changes: Any) -> MeasureRequest:
    usual: dict[str, Any] = {"point": {"stage_x": 1.0}, "signals": ("diode",), "kind": TrialKind.AGENT, "seed": 0, "token": 1}
    return MeasureRequest(campaign="night", plan=plan, **{"trial": trial, "attempt": 1, **usual, **changes})


@pytest.fixture
def settle(executor: ProcessExecutor, trial: int) -> Settle:
    def settle(plan: PlanCall | None = None, *, is_retry: bool = False, interrupted: Any = None, **changes: Any) -> Any:
        return executor.settle(asked(trial, plan, **changes), is_retry=is_retry, interrupted=interrupted)

    return settle


def observed(settled: Any) -> Observation:
    assert isinstance(settled, Measured), settled
    return settled.observation


def slow_count(seconds: float) -> PlanCall:
    return PlanCall(name="slow_count", args={"detectors": ["diode"], "motor": "stage_x", "position": "$stage_x", "seconds": seconds})


def test_it_is_described_by_the_site_file_and_the_queueservers_plans(executor: ProcessExecutor):
    told = executor.describe()
    assert told.identity == "site:queued"
    assert told.axes["stage_x"].field == "stage_x"
    assert {parameter.name: parameter.kind for parameter in told.plans["peak_scan"].parameters} == {
        "detectors": "anything",
        "motor": "anything",
        "width": "number",
        "num": "integer",
    }
    assert "queueserver" in told.interlocks
    assert not executor.status().lost


def test_without_a_plan_the_axes_move_and_the_detectors_are_read(settle: Settle, running: Queueserver, trial: int):
    seen = observed(settle())
    assert seen.readings == {"diode": 990.0}
    assert seen.readback == {"stage_x": 1.0}
    said = running.history()[-1]
    assert said["meta"]["nightshift"]["trial"] == trial
    assert said["user"] == "nightshift"
    assert said["result"]["run_uids"] == [seen.run_uid]


def test_a_trial_is_one_call_of_a_plan_filled_from_the_point(settle: Settle):
    derive = {"peak": Reduced(take="max", of="diode"), "curve": Reduced(take="array", of="diode")}
    plan = PlanCall(name="peak_scan", args={"detectors": ["diode"], "motor": "stage_x", "width": "$width"})
    observed(settle(point={"stage_x": 1.0}))
    seen = observed(settle(plan, attempt=2, point={"width": 2.0}, signals=tuple(derive), derive=derive))
    assert seen.readings == {"peak": 1000.0}
    assert seen.arrays["curve"].shape == (11,)


def test_an_axis_that_no_argument_moves_is_refused_before_anything_moves(settle: Settle, running: Queueserver):
    before = len(running.history())
    settled = settle(PlanCall(name="peak_scan", args={"detectors": ["diode"], "motor": "stage_x", "width": 1.0}))
    assert isinstance(settled, NotMeasured)
    assert "peak_scan gets no stage_x" in settled.reason
    assert len(running.history()) == before


def test_a_plan_that_fails_says_why(settle: Settle):
    settled = settle(PlanCall(name="broken", args={"detectors": ["diode"]}), point={})
    assert isinstance(settled, NotMeasured)
    assert "the cryostat said no" in settled.reason


def test_a_person_ends_the_plan_that_runs(settle: Settle, running: Queueserver):
    settled = settle(slow_count(60.0), interrupted=lambda: running.status()["re_state"] == "running")
    assert isinstance(settled, NotMeasured)
    assert settled.is_interrupted
    running.wait_until(lambda: running.status()["manager_state"] == "idle")
    assert running.history()[-1]["result"]["exit_status"] == "aborted"


def test_while_somebody_else_runs_a_plan_no_trial_begins(settle: Settle, executor: ProcessExecutor, running: Queueserver):
    item = {"item_type": "plan", "name": "slow_count", "args": [["diode"], "stage_x", 0.0, 60.0]}
    running.ask("queue_item_execute", item=item, user="Ada", user_group="primary")
    running.wait_until(lambda: "queueserver" in executor.status().lost)
    refused = settle()
    assert isinstance(refused, Refused)
    assert "the queueserver runs the plan slow_count of Ada" in refused.breaches[0].detail
    assert "left the queueserver's plan slow_count of" in executor.secure("recovery")[0]
    running.ask("re_pause", option="immediate")
    running.wait_until(lambda: running.status()["manager_state"] == "paused")
    running.ask("re_abort")
    running.wait_until(lambda: not executor.status().lost)
    observed(settle(attempt=2))


def test_documents_that_do_not_arrive_are_declared(settle: Settle, running: Queueserver):
    running.kill("proxy")
    try:
        settled = settle()
        assert isinstance(settled, Unknown)
        assert f"its documents did not arrive at {running.documents}" in settled.reason
    finally:
        running.start_proxy()
    settled = settle(attempt=2)
    for attempt in range(3, 6):  # 0MQ finds the proxy again within a second
        settled = settled if isinstance(settled, Measured) else settle(attempt=attempt)
    observed(settled)


def test_the_manager_killed_and_started_again_by_its_watchdog_loses_nothing(settle: Settle, running: Queueserver):
    done: list[bool] = []

    def kill_once() -> bool:
        if not done and running.status()["re_state"] == "running":
            running.kill_manager_alone()
            done.append(True)
        return False

    seen = observed(settle(slow_count(3.0), interrupted=kill_once))
    assert done
    assert seen.readings == {"diode": 990.0}
    running.wait_until(lambda: running.status()["manager_state"] == "idle")


def test_redis_gone_between_two_trials_is_waited_for(settle: Settle, executor: ProcessExecutor, running: Queueserver):
    running.kill("redis")
    try:
        running.wait_until(lambda: "is its Redis running?" in executor.status().lost["queueserver"].detail)
        assert isinstance(settle(), Refused)
    finally:
        running.start_redis()
    running.wait_until(lambda: not executor.status().lost)
    observed(settle(attempt=2))


@pytest.mark.slow  # between two trials, above, is quick
def test_redis_gone_mid_plan_loses_no_measurement_and_the_night_waits_for_the_manager(
    settle: Settle, executor: ProcessExecutor, running: Queueserver
):
    killed: list[bool] = []

    def kill_once() -> bool:
        if not killed and running.status()["re_state"] == "running":
            running.kill("redis")
            running.start_redis()
            killed.append(True)
        return False

    assert observed(settle(slow_count(1.0), interrupted=kill_once)).readings == {"diode": 990.0}
    running.wait_until(lambda: "Redis was away while the plan ran" in executor.status().lost["queueserver"].detail)
    with contextlib.suppress(Silent):  # it ends before it can answer; its watchdog starts another
        running.ask("manager_kill")
    running.wait_until(lambda: not executor.status().lost)
    observed(settle(attempt=2))


@pytest.mark.slow  # killed mid-plan and back, below, ends declared too
def test_a_queueserver_gone_for_longer_than_patience_leaves_the_trial_unknown_and_the_night_waits(
    running: Queueserver, executor: ProcessExecutor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trial: int
):
    monkeypatch.setenv("NIGHTSHIFT_SITE", str(write_site(tmp_path, running, **{"patience: 20 s": "patience: 1 s"})))
    impatient = ProcessExecutor(lambda: start_instrument(Plugin(type="site"), tmp_path))
    killed: list[bool] = []

    def kill_once() -> bool:
        if not killed and running.status()["re_state"] == "running":
            running.kill("manager")
            killed.append(True)
        return False

    try:
        assert isinstance(unknown := impatient.settle(asked(trial, slow_count(60.0)), is_retry=False, interrupted=kill_once), Unknown)
        assert "It was silent for 1 s while the plan ran" in unknown.reason
        assert isinstance(refused := impatient.settle(asked(trial, attempt=2)), Refused)
        assert "is it running?" in refused.breaches[0].detail
        running.start_manager()
        running.wait_until(lambda: running.status()["manager_state"] == "idle")
        running.open()
        running.wait_until(lambda: not impatient.status().lost)
        assert isinstance(impatient.settle(asked(trial, attempt=1), is_retry=True), Unknown), "what was begun is never given twice"
        observed(impatient.settle(asked(trial, attempt=2), is_retry=True))
    finally:
        impatient.close()
    running.wait_until(lambda: not executor.status().lost)


def test_the_whole_queueserver_killed_mid_plan_ends_declared_and_the_night_goes_on(
    settle: Settle, executor: ProcessExecutor, running: Queueserver, folder: Path
):
    killed = threading.Event()

    def kill_and_start() -> bool:
        if not killed.is_set() and running.status()["re_state"] == "running":
            running.kill("manager")
            killed.set()
            running.start_manager()
        return False

    settled = settle(slow_count(60.0), interrupted=kill_and_start)
    assert isinstance(settled, Unknown)
    assert "Plan exit status was lost due to restart of the RE Manager process" in settled.reason
    running.wait_until(lambda: "closed" in executor.status().lost["queueserver"].detail)
    with pytest.raises(InstrumentError, match="environment is closed; open it: qserver environment open"):
        ProcessExecutor(lambda: start_instrument(Plugin(type="site"), folder))
    running.open()
    running.wait_until(lambda: not executor.status().lost)
    observed(settle(attempt=2))


def test_a_start_that_never_reached_the_queueserver_is_measured_and_one_that_did_is_declared(settle: Settle, folder: Path, trial: int):
    observed(settle())
    records = folder / "runs" / "night.jsonl"
    done = f'"night/{trial}/1","what":"done"'
    kept = [line for line in records.read_text().splitlines() if done not in line]
    records.write_text("\n".join([*kept, json.dumps({"attempt": f"night/{trial}/2", "what": "begun"})]) + "\n")

    known, unknown = settle(attempt=2, is_retry=True), settle(attempt=1, is_retry=True)
    assert isinstance(known, Measured), "nothing of it is in the queueserver's history, so nothing had moved"
    assert isinstance(unknown, Unknown)


def test_the_profile_is_not_run_here_while_the_queueserver_has_it_open(
    running: Queueserver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    settings = running.settings.replace("{", "{submit: false, ")
    monkeypatch.setenv("NIGHTSHIFT_SITE", str(write_site(tmp_path, running, **{running.settings: settings})))
    with pytest.raises(InstrumentError, match="has its environment open, and two RunEngines would move the same axes"):
        ProcessExecutor(lambda: start_instrument(Plugin(type="site"), tmp_path))


def run_campaign(folder: Path, site: Path) -> CampaignState:
    """Run the campaign in a ledger of its own; return what became of it."""
    folder.mkdir()
    (folder / "climb.yaml").write_text(CLIMB)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NIGHTSHIFT_SITE", str(site))
        patch.setenv("NIGHTSHIFT_DATA", str(folder))
        with bootstrap.open_workplace(f"sqlite:///{folder}/ledger.db") as workplace:
            file = load(str(folder / "climb.yaml"))
            outcome = bootstrap.run(workplace, file, live=SilentLive(), switch=Switch(), writes_report=False)
            assert outcome.status is Status.COMPLETED
            return bootstrap.load_state(workplace, outcome.campaign)


def readings(state: CampaignState) -> list[Any]:
    return [(trial.point, trial.observation and trial.observation.readings) for trial in state.trials]


def test_a_campaign_measures_the_same_points_as_here_though_the_queueserver_is_killed_and_comes_back(running: Queueserver, tmp_path: Path):
    local = tmp_path / "local.yaml"
    local.write_text(SITE.format(startup=STARTUP, queueserver="").replace("queueserver: ", ""))
    local.chmod(0o600)
    before = len(running.history())

    def kill_and_bring_back() -> None:
        running.wait_until(lambda: len(running.history()) >= before + 2 and running.status()["running_item_uid"])
        running.kill("manager")
        running.start_manager()
        running.wait_until(lambda: running.status()["manager_state"] == "idle")
        running.open()

    killer = threading.Thread(target=kill_and_bring_back, daemon=True)
    killer.start()
    there = run_campaign(tmp_path / "there", write_site(tmp_path, running))
    killer.join(60.0)
    here = run_campaign(tmp_path / "here", local)
    assert readings(there) == readings(here)
    assert sum(trial.attempt for trial in there.trials) > len(there.trials), "the repeat is on record"
