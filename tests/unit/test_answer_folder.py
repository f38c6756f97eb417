"""A folder in which an analysis answers: what is taken, what is set aside and why, and what is left alone."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from orchestrator.bootstrap import answer_doors
from orchestrator.bootstrap.answer_doors import watched
from orchestrator.bootstrap.answer_files import FileAnswer, Incomplete, read_answers
from orchestrator.bootstrap.answer_folder import AnswerFolder
from orchestrator.bootstrap.answer_orders import AnswerDesk
from orchestrator.bootstrap.answer_places import answer_folders
from orchestrator.domain import events as ev
from orchestrator.domain.errors import BadInput, SpecError
from orchestrator.domain.ports import Command
from orchestrator.domain.records import Later, ObjectiveScore
from orchestrator.preflight import check_spec
from orchestrator.testing.fakes import EVENING
from rewards.external import ExternalReward
from tests.night import CAMPAIGN, FLUX, Night, make_instrument, make_spec

POINT = {"mirror_pitch": 3.1, "mirror_roll": 0.5, "crystal_pitch": 10.0, "slit_centre": 0.0}
GOOD = {"campaign": CAMPAIGN, "trial": 1, "value": 0.83, "sd": 0.02}


def awaiting(n_trials: int = 2) -> Night:
    night = Night(make_spec(), objectives=(FLUX.model_copy(update={"later": Later()}),)).begin()
    for _ in range(n_trials):
        trial = night.suggest(POINT)
        night.review(trial)
        night.start(trial)
        night.measure(trial, {"ion_chamber": 1.0})
        night.record(ev.TrialAwaiting(trial=trial), "rewards")
    return night


class Inbox:
    """Keeps what is sent."""

    def __init__(self) -> None:
        self.orders: list[Command] = []

    def send(self, command: Command) -> None:
        self.orders.append(command)

    @property
    def scored(self) -> list[tuple[str, int | None]]:
        return [(order.actor, order.trial) for order in self.orders if order.verb == "score"]

    @property
    def notes(self) -> list[str]:
        return [str(order.content["text"]) for order in self.orders if order.verb == "note"]


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def folder(tmp_path: Path, inbox: Inbox) -> AnswerFolder:
    night = awaiting()
    return AnswerFolder(tmp_path, AnswerDesk(CAMPAIGN, night.state, inbox.send, lambda: EVENING))


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def make(name: str, content: Any) -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else (content if isinstance(content, str) else json.dumps(content)).encode())
        return path

    return make


def names(where: Path) -> set[str]:
    return {path.name for path in where.iterdir()} if where.exists() else set()


def test_a_file_is_read_once_it_stands_still_and_then_put_away(folder: AnswerFolder, inbox: Inbox, write: Callable[..., Path]):
    written = write("trial-1.json", GOOD)
    folder.look()
    assert inbox.orders == [], "it may still be being written"
    written.write_text(json.dumps(GOOD | {"value": 0.835}))
    folder.look()
    assert inbox.orders == [], "it has changed since"
    folder.look()
    (order,) = inbox.orders
    assert (order.verb, order.trial, order.actor, order.campaign) == ("score", 1, "analysis:trial-1.json", CAMPAIGN)
    assert order.content["scores"] == {"": {"value": 0.835, "sd": 0.02, "parts": {}}}
    folder.look()
    assert len(inbox.orders) == 1
    assert names(folder.folder / "taken") == {"trial-1.json"}


def test_answers_come_in_any_order_and_a_csv_may_hold_several(folder: AnswerFolder, inbox: Inbox, write: Callable[..., Path]):
    write("batch.CSV", f"campaign,trial,value,sd,correct,note\n{CAMPAIGN},2,0.5,0.1,,\n{CAMPAIGN},1,0.4,,yes,dark subtracted\n")
    folder.look()
    folder.look()
    assert inbox.scored == [("analysis:batch.CSV", 2), ("analysis:batch.CSV", 1)]
    assert (inbox.orders[1].content["is_correction"], inbox.orders[1].note) == (True, "dark subtracted")


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.json", {"trial": 1, "value": 1.0}, "campaign is missing"),
        ("a.json", GOOD | {"trial": 7}, f"campaign {CAMPAIGN} has no trial 7; it has 2"),
        ("a.json", GOOD | {"value": float("nan")}, "value = nan: Input should be a finite number"),
        ("a.json", GOOD | {"sd": -1}, "sd = -1"),
        ("a.json", GOOD | {"vaule": 1}, "vaule = 1: Extra inputs are not permitted"),
        ("a.json", {"campaign": CAMPAIGN, "trial": 1}, "give value, scores or failed"),
        ("a.json", GOOD | {"run_uid": "another"}, "run another is not the one that counts for trial 1: run-0001-1"),
        ("a.json", "[1, 2]", "it holds a list"),
        ("a.json", b"\xff\xfe\x00", "not UTF-8"),
        ("a.json", " " * 70_000, "larger than 64 kB"),
        ("a.csv", "campaign,trial,value\n", "no row beneath its header"),
        ("a.csv", f"campaign,trial,value\n{CAMPAIGN},1,0.5,7\n", "more cells than the header"),
        ("a.csv", f"campaign,trial,value\n{CAMPAIGN},one,0.5\n", "trial = 'one'"),
    ],
)
def test_what_is_no_answer_is_set_aside_with_the_reason_and_noted(
    folder: AnswerFolder, inbox: Inbox, write: Callable[..., Path], name: str, content: Any, reason: str
):
    write(name, content)
    folder.look()
    folder.look()
    assert inbox.scored == []
    assert reason in (folder.folder / "refused" / f"{name}.reason.txt").read_text()
    assert names(folder.folder / "refused") == {name, f"{name}.reason.txt"}
    assert inbox.notes[0].startswith(f"the analysis's file {name} was refused: ")


@pytest.mark.parametrize(("name", "half"), [("a.json", json.dumps(GOOD)[:-1]), ("a.csv", f"campaign,trial,value\n{CAMPAIGN},1,0.8")])
def test_half_a_file_is_waited_for_before_it_is_set_aside(
    folder: AnswerFolder, inbox: Inbox, write: Callable[..., Path], name: str, half: str
):
    path = write(name, half)
    for _ in range(9):
        folder.look()
    assert names(folder.folder) == {name}
    path.write_text(half + ("}" if name.endswith("json") else "3\n"))
    folder.look()
    folder.look()
    assert inbox.scored == [(f"analysis:{name}", 1)]
    write(name, half)
    for _ in range(11):
        folder.look()
    assert name in names(folder.folder / "refused")


def test_what_is_not_ours_is_left_alone(folder: AnswerFolder, inbox: Inbox, write: Callable[..., Path]):
    write("tonight.json", GOOD | {"campaign": "another-night"})
    write(".hidden.json", GOOD)
    write("_half.json", GOOD)
    write("trial-1.json.part", GOOD)
    os.mkfifo(folder.folder / "pipe.json")
    before = names(folder.folder)
    folder.look()
    folder.look()
    assert names(folder.folder) == before
    assert inbox.orders == []


def test_a_second_file_of_the_same_name_hides_no_earlier_one(folder: AnswerFolder, inbox: Inbox, write: Callable[..., Path]):
    for _ in range(2):
        write("trial-1.json", GOOD)
        folder.look()
        folder.look()
    assert names(folder.folder / "taken") == {"trial-1.json", "trial-1.2.json"}
    assert len(inbox.scored) == 2, "twice the same is once: the engine sees to it"


def test_a_file_that_cannot_be_moved_away_is_read_once(
    folder: AnswerFolder, inbox: Inbox, write: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
):
    write("trial-1.json", GOOD)

    def refuse(*_: object) -> None:
        raise PermissionError("read-only folder")

    monkeypatch.setattr(Path, "replace", refuse)
    for _ in range(4):
        folder.look()
    assert len(inbox.orders) == 1


def test_a_crash_before_the_file_was_moved_sends_it_again(folder: AnswerFolder, inbox: Inbox, write: Callable[..., Path]):
    write("trial-1.json", GOOD)
    twin = AnswerFolder(folder.folder, AnswerDesk(CAMPAIGN, folder.desk.state, inbox.send, folder.desk.now))
    folder.look()
    twin.look()

    def crash(command: Command) -> None:
        inbox.send(command)
        raise KeyboardInterrupt

    folder.desk.send = crash
    with pytest.raises(KeyboardInterrupt):
        folder.look()
    twin.look()
    assert inbox.scored == [("analysis:trial-1.json", 1)] * 2


def test_an_answer_for_the_trial_that_is_still_measured_is_sent_on(tmp_path: Path, inbox: Inbox, write: Callable[..., Path]):
    night = awaiting()
    trial = night.suggest(POINT)
    night.review(trial)
    night.start(trial)
    folder = AnswerFolder(tmp_path, AnswerDesk(CAMPAIGN, night.state, inbox.send, lambda: EVENING))
    write("early.json", GOOD | {"trial": 3})
    folder.look()
    folder.look()
    assert inbox.scored == [("analysis:early.json", 3)]


def test_several_objectives_stand_in_columns_of_their_own_name(write: Callable[..., Path]):
    path = write("a.csv", "campaign,trial,purity,purity_sd,strain\nnight,1,0.9,0.1,0.01\n")
    (answer,) = read_answers(path)
    assert answer.scores == {"purity": ObjectiveScore(value=0.9, sd=0.1), "strain": ObjectiveScore(value=0.01)}
    (failed,) = read_answers(write("b.json", {"campaign": "night", "trial": 2, "failed": "no peak"}))
    assert failed == FileAnswer(campaign="night", trial=2, failed="no peak")
    with pytest.raises(Incomplete):
        read_answers(write("c.json", ""))
    with pytest.raises(BadInput):
        read_answers(write("d.csv", "trial\n1\n"))


def test_folders_are_watched_by_threads_that_end(folder: AnswerFolder, inbox: Inbox, write: Callable[..., Path], monkeypatch: Any):
    monkeypatch.setattr(answer_doors, "LOOK_SECONDS", 0.01)
    looked = answer_doors.threading.Event()
    folder.desk.send = lambda command: (inbox.send(command), looked.set())
    write("trial-1.json", GOOD)
    with watched([folder]):
        assert looked.wait(20.0)
    assert inbox.scored == [("analysis:trial-1.json", 1)]


def test_a_folder_that_is_not_there_refuses_the_campaign(tmp_path: Path):
    written = ExternalReward.Settings.model_validate({"answers": {"folder": "nowhere"}}).relative_to(tmp_path)
    rewards = {"purity": ExternalReward(written)}
    assert answer_folders(rewards) == (tmp_path / "nowhere",)
    with pytest.raises(SpecError, match=r"rewards.0.answers.folder = .*nowhere: no such folder.*mkdir -p"):
        check_spec(make_spec(), make_instrument(), rewards)
    (tmp_path / "nowhere").mkdir()
    check_spec(make_spec(), make_instrument(), rewards)
