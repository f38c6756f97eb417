"""Documents to a real Tiled server on this machine, which is away, slow to know us, or killed half-way."""

import contextlib
import gc
import json
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from orchestrator import bootstrap
from orchestrator.bootstrap import Switch, Workplace, sending
from orchestrator.bootstrap.from_tiled import csv_from_tiled, events_from_tiled
from orchestrator.bootstrap.reading import csv_text
from orchestrator.campaign_file import load, load_text
from orchestrator.domain.analysis import awaited
from orchestrator.domain.documents import DocumentPlaces, TiledPlace
from orchestrator.domain.errors import BadInput, LedgerCorrupt, UnknownCampaign
from orchestrator.domain.events import Draft, NoteLeft
from orchestrator.outbox.decisions import run_uid
from orchestrator.outbox.targets import Decisions, Unreachable
from orchestrator.outbox.tiled import TiledTarget
from orchestrator.outbox.tiled_answers import Results
from orchestrator.outbox.tiled_connection import connected
from orchestrator.outbox.tiled_reading import campaigns_in, read_decisions
from orchestrator.serving.engine_process import Silent
from orchestrator.store.chain import seal
from orchestrator.testing.fakes import EVENING
from tests.needing import skip_file_without
from tests.tiled_server import TiledServer

os.environ.setdefault("TILED_RETRY_ATTEMPTS", "1")  # as the sender does, before Tiled's client is imported
skip_file_without("tiled", "duckdb", "bluesky_tiled_plugins")  # Tiled's own server keeps its tables in DuckDB
# Tiled and the libraries under it warn of each other's ways; nothing that we could mend.
pytestmark = [pytest.mark.timeout(300), pytest.mark.filterwarnings("ignore")]

KEY = "NIGHTSHIFT_TEST_TILED"
RUN = [
    ("start", {"uid": "11111111-0000-4000-8000-000000000000", "time": 1.0, "nightshift": {"campaign": "night-1"}}),
    (
        "descriptor",
        {
            "uid": "d1",
            "run_start": "11111111-0000-4000-8000-000000000000",
            "time": 1.0,
            "name": "primary",
            "data_keys": {
                "diode": {"dtype": "number", "shape": [], "source": "x"},
                "camera": {"dtype": "array", "shape": [4, 5], "source": "x"},
            },
            "object_keys": {},
            "configuration": {},
            "hints": {},
        },
    ),
    (
        "event",
        {
            "uid": "e1",
            "descriptor": "d1",
            "seq_num": 1,
            "time": 2.0,
            "data": {"diode": 1.5, "camera": np.arange(20.0).reshape(4, 5)},
            "timestamps": {"diode": 2.0, "camera": 2.0},
            "filled": {},
        },
    ),
    ("stop", {"uid": "s1", "run_start": "11111111-0000-4000-8000-000000000000", "time": 3.0, "exit_status": "success", "num_events": {}}),
]
UID = RUN[0][1]["uid"]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TiledServer]:
    started = TiledServer(tmp_path_factory.mktemp("tiled"))
    started.start()
    yield started
    started.kill()


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """Let go of what Tiled's client leaves open when it is not let in, while its warnings are still passed over."""
    yield
    gc.collect()


@pytest.fixture
def place(server: TiledServer, monkeypatch: pytest.MonkeyPatch) -> TiledPlace:
    monkeypatch.setenv(KEY, server.key)
    server.wait()
    return TiledPlace(uri=server.uri, api_key_env=KEY, path="bl99/raw")


@pytest.fixture
def target(place: TiledPlace) -> Iterator[TiledTarget]:
    opened = TiledTarget(place)
    yield opened
    opened.close()


def write_site(folder: Path, monkeypatch: pytest.MonkeyPatch, **says: Any) -> None:
    site = folder / "site.yaml"
    site.write_text(json.dumps({"name": "bl99", "profile": {"module": "nothing"}, **says}))
    site.chmod(0o600)
    monkeypatch.setenv("NIGHTSHIFT_SITE", str(site))


def send_and_kill_on_the_way(workplace: Workplace, places: DocumentPlaces) -> None:
    """Start a sender, and kill -9 it once something has arrived and most has not."""
    assert places.tiled is not None
    sender = sending.start(workplace, places)
    deadline = time.monotonic() + 200
    with connected(places.tiled) as root:
        while not len(root) and time.monotonic() < deadline:
            time.sleep(0.1)  # each look is a request, which the server answers instead of writing
    sender.kill()


def test_a_night_that_tiled_missed_is_rebuilt_from_tiled_alone(server: TiledServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The first test, so that the server, which is slow to start, is away meanwhile. The sender is killed on its way, too."""
    monkeypatch.setenv(KEY, server.key)
    write_site(tmp_path, monkeypatch, documents={"simulated": True, "tiled": {"uri": server.uri, "api_key_env": KEY}})
    monkeypatch.setattr(sending, "FINISH_SECONDS", 0.0)
    with bootstrap.open_workplace(f"sqlite:///{tmp_path}/ledger.db") as workplace:
        file = load("crossed-barrel", {"budget.trials": "3", "agent": "random"})
        night = bootstrap.run(workplace, file, live=Silent(), switch=Switch(), writes_report=False)
        [amiss] = night.documents
        assert "Tiled lacks" in amiss
        server.wait()
        places = sending.places()
        assert places is not None
        assert places.tiled is not None
        send_and_kill_on_the_way(workplace, places)
        assert sending.documents_amiss(workplace, night.campaign) != (), "it was killed too late to show anything"
        sending.finish(sending.start(workplace, places), 200)
        assert sending.documents_amiss(workplace, night.campaign) == ()
        found, csv = csv_from_tiled(places.tiled, "crossed")
        assert (found, csv) == (night.campaign, csv_text(workplace, night.campaign))
        uids = {event.data.observation.run_uid for event in workplace.ledger.read(night.campaign) if event.type == "trial-measured"}
    with connected(places.tiled) as root:
        assert sorted(root) == sorted((*uids, run_uid(night.campaign)))
        assert all(root[uid].metadata["stop"]["exit_status"] == "success" for uid in root)
        assert all(len(root[uid]["primary"].read()["time"]) == 1 for uid in uids), "each reading is there once"


def test_a_run_that_was_cut_off_is_written_anew_and_only_once(place: TiledPlace, target: TiledTarget):
    from bluesky_tiled_plugins import TiledWriter

    with connected(place) as root:
        cut_off = TiledWriter(root)
        for name, document in RUN[:-1]:
            cut_off(name, document)
        assert "stop" not in root[UID].metadata
        for _twice in "ab":
            target.send_run(RUN)
            read = root[UID]["primary"].read()
            assert read["diode"].values.tolist() == [1.5]
            np.testing.assert_array_equal(read["camera"].values, RUN[2][1]["data"]["camera"][None])


def decisions(n: int, campaign: str = "night-7") -> tuple:
    return seal(
        campaign, [Draft(at=EVENING, actor="engine", data=NoteLeft(text=str(each))) for each in range(n)], after=0, head="0" * 64, token=1
    )


def test_decisions_told_again_are_not_there_twice(place: TiledPlace):
    rows = decisions(5)
    TiledTarget(place).send_decisions(Decisions(rows[0], rows[:3]))
    TiledTarget(place).send_decisions(Decisions(rows[0], rows[2:]))
    assert read_decisions(place, "night-7") == tuple(map(dict, rows))


@pytest.mark.parametrize(("change", "said"), [("missing", "event 2 is missing"), ("altered", "a column was changed")])
def test_decisions_that_are_not_the_ledgers_are_refused(place: TiledPlace, target: TiledTarget, change: str, said: str):
    rows = decisions(3, change)
    sent = (rows[0], rows[2]) if change == "missing" else (rows[0], {**rows[1], "actor": "somebody"}, rows[2])
    target.send_decisions(Decisions(rows[0], sent))
    with pytest.raises(LedgerCorrupt, match=said):
        events_from_tiled(place, change)
    target.send_decisions(Decisions(rows[0], rows, is_anew=True))
    assert read_decisions(place, change) == tuple(map(dict, rows)), "nightshift documents --resend mends it"


def test_who_asks_for_a_campaign_that_is_not_there_is_told_which_are(place: TiledPlace):
    with pytest.raises(UnknownCampaign, match="no decisions of a campaign called 'nix'"):
        events_from_tiled(place, "nix")


@pytest.mark.slow
def test_a_campaign_over_samples_is_found_again_with_every_part(place: TiledPlace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Nothing in it is special to samples: each part goes out as the night of the first test does."""
    own = place.model_copy(update={"path": "bl99/samples"})
    write_site(tmp_path, monkeypatch, documents={"simulated": True, "tiled": own.model_dump()})
    text = """
name: holder
instrument: {type: sample-changer, empty: [2]}
samples: [{id: A1, position: 1}, {id: A2, position: 2}]
reward: {signal: fluorescence, goal: maximise}
agent: random
stages:
  load: {plan: {name: mount, args: {position: $sample.position}}}
  measure: {space: {energy: {limits: [7115, 7140]}}, budget: {trials: 1}}
"""
    with bootstrap.open_workplace(f"sqlite:///{tmp_path}/ledger.db") as workplace:
        night = bootstrap.run(workplace, load_text(text, "holder.yaml", tmp_path), live=Silent(), switch=Switch(), writes_report=False)
        assert (night.status, night.documents) == ("completed", ())
        parts = [f"{night.campaign}~{part}" for part in ("A1~load", "A1~measure", "A2~load")]
        for campaign in parts:
            assert csv_from_tiled(own, campaign) == (campaign, csv_text(workplace, campaign))
        _id, events = events_from_tiled(own, night.campaign)
        assert events == workplace.ledger.read(night.campaign)
        ended = {(event.data.sample, event.data.stage): event.data.outcome for event in events if event.type == "stage-ended"}
        assert ended == {("A1", "load"): "succeeded", ("A1", "measure"): "succeeded", ("A2", "load"): "failed"}
        measured = [event for part in parts for event in workplace.ledger.read(part) if event.type == "trial-measured"]
    with connected(own) as root:
        assert sorted(campaigns_in(own)) == sorted([night.campaign, *parts])
        starts = {event.data.observation.run_uid: root[event.data.observation.run_uid].metadata["start"] for event in measured}
        assert sorted(start["nightshift"]["campaign"] for start in starts.values()) == parts[:2]


class Pipeline:
    """A facility's analysis: writes what it finds of each run into Tiled, as soon as it sees that the trial waits."""

    def __init__(self, workplace: Workplace, place: TiledPlace) -> None:
        self._workplace, self._place, self._ended = workplace, place, threading.Event()
        self._thread = threading.Thread(target=self._work)
        self.written: dict[int, float] = {}

    def __enter__(self) -> "Pipeline":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _work(self) -> None:
        with connected(self._place) as container:
            while not self._ended.wait(0.2):
                with contextlib.suppress(UnknownCampaign):
                    state = bootstrap.load_state(self._workplace, "last")
                    for trial in awaited(state):
                        if trial.number not in self.written and trial.observation is not None:
                            self._write(container, trial.number, trial.observation.run_uid, trial.observation.readings["toughness"])

    def _write(self, container: Any, trial: int, uid: str, found: float) -> None:
        """Write the first trial's as a table, all others as metadata."""
        import pandas

        if trial == 1:
            container.write_table(pandas.DataFrame({"purity": [found], "purity_sd": [0.1]}), key=f"fit-{trial}", metadata={"raw_uid": uid})
        else:
            container.create_container(key=f"fit-{trial}", metadata={"raw_uid": uid, "purity": found, "purity_sd": 0.1})
        self.written[trial] = found


def test_a_pipeline_that_writes_into_tiled_scores_a_campaign(place: TiledPlace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    write_site(tmp_path, monkeypatch, answers={"tiled": {"uri": place.uri, "api_key_env": KEY}})
    spec = tmp_path / "late.yaml"
    spec.write_text("""
name: late
instrument: {type: dataset, data: crossed-barrel}
reward: {type: external, name: purity, answers: {tiled: {path: bl99/processed, run: raw_uid, value: purity, sd: purity_sd}}}
agent: random
budget: {trials: 2}
""")
    [said] = [line for line in bootstrap.check(load(str(spec))).lines if "answers are read" in line]
    assert (
        said
        == f"answers are read from bl99/processed in Tiled at {place.uri}: raw_uid is the uid of its run; purity = purity, sd purity_sd"
    )
    results = place.model_copy(update={"path": "bl99/processed"})
    with bootstrap.open_workplace(f"sqlite:///{tmp_path}/ledger.db") as workplace, Pipeline(workplace, results) as pipeline:
        night = bootstrap.run(workplace, load(str(spec)), live=Silent(), switch=Switch(), writes_report=False)
        assert night.status == "completed"
        state = bootstrap.load_state(workplace, night.campaign)
        scored = {trial.number: trial.score.objectives["purity"] for trial in state.trials if trial.score is not None}
        assert {number: (score.value, score.sd) for number, score in scored.items()} == {n: (v, 0.1) for n, v in pipeline.written.items()}
        actors = [event.actor for event in workplace.ledger.read(night.campaign) if event.type == "trial-scored"]
        assert sorted(actors) == ["analysis:fit-1", "analysis:fit-2"]
        assert not list((workplace.folder / "answers").iterdir()), "nobody needs to know any more which were read"


def test_results_are_found_by_trial_in_the_order_they_were_written(place: TiledPlace):
    results = Results(lambda: place, "results")
    with pytest.raises(Unreachable, match="it has no container bl99/raw/results"):
        results.of_campaign("nightshift", "night-8")
    with connected(place.model_copy(update={"path": "bl99/raw/results"})) as container:
        for number in (2, 1, 3):
            container.create_container(key=f"a{number}", metadata={"nightshift": {"campaign": "night-8", "trial": number}, "value": np.nan})
        container.create_container(key="theirs", metadata={"nightshift": {"campaign": "another", "trial": 1}})
    assert [result.key for result in results.of_campaign("nightshift", "night-8")] == ["a2", "a1", "a3"]
    [last] = results.of_campaign("nightshift", "night-8", after=2)
    assert (last.key, last.metadata["value"]) == ("a3", None), "Tiled keeps a NaN as null"
    results.close()


def test_a_key_that_is_wrong_or_missing_keeps_documents_waiting(place: TiledPlace, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(KEY, "wrong")
    with pytest.raises(Unreachable, match="it answers 401"):
        TiledTarget(place).send_run(RUN)
    monkeypatch.delenv(KEY)
    with pytest.raises(Unreachable, match=f"{KEY} is not set"):
        TiledTarget(place).send_run(RUN)


def test_a_server_that_was_killed_keeps_documents_waiting_and_readers_are_told(place: TiledPlace, target: TiledTarget, server: TiledServer):
    """The last test: it ends the server."""
    target.send_run(RUN)
    results = Results(lambda: place, "results")
    results.of_runs("raw_uid", ["one"])
    server.kill()
    with pytest.raises(Unreachable, match="does not answer"):
        target.send_run(RUN)
    with pytest.raises(Unreachable, match="does not answer"):
        results.of_runs("raw_uid", ["one"])
    with pytest.raises(BadInput, match="cannot be read: it does not answer"):
        events_from_tiled(place, "night-7")
