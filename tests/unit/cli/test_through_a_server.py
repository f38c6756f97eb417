"""The same commands with a server's address: what they say, what they change, and how they are refused."""

import json
from pathlib import Path

import pytest

from orchestrator import bootstrap
from orchestrator.bootstrap import Workplace
from orchestrator.cli.showing import document_of_state
from orchestrator.domain import events as ev
from orchestrator.domain.access import Role
from orchestrator.domain.campaign import Status, TrialStatus
from tests.night import Night
from tests.recorded import record
from tests.served import make_key
from tests.terminal import nightshift, refusal

POINT = {"mirror_pitch": 3.1, "mirror_roll": 0.5, "crystal_pitch": 10.0, "slit_centre": 0.0}


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, workplace: Workplace, url: str) -> None:
    """A shell on another machine, with a ledger of its own that nothing may touch."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NIGHTSHIFT_LEDGER", f"sqlite:///{tmp_path / 'never.db'}")
    monkeypatch.setenv("NIGHTSHIFT_SERVER", url)
    monkeypatch.setenv("NIGHTSHIFT_KEY", make_key(workplace, Role.OPERATOR, "ben"))


@pytest.fixture
def running(workplace: Workplace) -> str:
    night = Night().begin()
    night.whole_trial(POINT, 12.0)
    return record(workplace, night, f"night-{len(workplace.ledger.summaries()) + 1}")


@pytest.fixture
def held(workplace: Workplace) -> str:
    night = Night().begin()
    night.whole_trial(POINT, 12.0)
    night.review(night.suggest(POINT), needs_approval=True)
    return record(workplace, night, f"night-{len(workplace.ledger.summaries()) + 1}")


def latest(workplace: Workplace, campaign: str) -> ev.LedgerEvent:
    return bootstrap.load_events(workplace, campaign)[-1]


def test_list_show_and_log_say_what_they_say_on_the_ledger(workplace: Workplace, running: str):
    listed = [json.loads(line) for line in nightshift("list", "--json").stdout.splitlines()]
    assert next(each for each in listed if each["campaign"] == running)["best"] == {"point": POINT, "score": 12.0}
    shown = json.loads(nightshift("show", running, "--json").stdout)
    assert (shown["status"], shown["trials"], shown["best"]["score"]) == ("running", 1, 12.0)
    on_the_ledger = document_of_state(running, bootstrap.load_state(workplace, running))
    assert shown == on_the_ledger | {"identity": shown["identity"], "latest": shown["latest"]}
    assert set(shown["latest"][0]) == set(on_the_ledger["latest"][0])
    assert "flux = 12 nA" in nightshift("show", running).stdout
    logged = [json.loads(line) for line in nightshift("log", running, "--json", "--after", "2").stdout.splitlines()]
    stored = bootstrap.load_events(workplace, running)[2:]
    assert [(event["seq"], event["hash"]) for event in logged] == [(event.seq, event.hash) for event in stored]
    assert "trial 1: mirror_pitch = 3.1" in nightshift("log", running).stdout


def test_a_beginning_that_is_unique_is_enough(workplace: Workplace, running: str):
    assert json.loads(nightshift("show", "last", "--json").stdout)["campaign"]
    assert "no campaign is called 'nigth'" in refusal("show", "nigth")


def test_orders_are_given_in_the_name_of_the_key(workplace: Workplace, running: str):
    for verb, status in (("pause", Status.PAUSED), ("stop", Status.STOPPED), ("abort", Status.ABORTED)):
        nightshift(verb, running, "--note", "beam dump")
        assert latest(workplace, running).actor == "human:ben"
        assert bootstrap.load_state(workplace, running).status is status
    assert "it cannot stop any more" in refusal("stop", running)


def test_resume_is_left_to_the_supervisor(workplace: Workplace, running: str):
    nightshift("stop", running)
    assert "nightshift serve" in nightshift("resume", running).stderr
    assert [command.verb for command in workplace.ledger.commands(running)] == ["resume"]


def test_what_waits_is_approved_vetoed_or_edited(workplace: Workplace, held: str):
    assert "trial 1 does not wait for approval; trial 2 does" in refusal("approve", held, "1")
    nightshift("edit", held, "2", "mirror_roll=-0.5", "--note", "clear of the beam stop")
    state = bootstrap.load_state(workplace, held)
    assert state.trial(2).status is TrialStatus.VETOED
    assert state.trial(3).point == {**POINT, "mirror_roll": -0.5}
    assert "no suggestion waiting for approval" in refusal("approve", held)
    assert "no suggestion waiting for approval" in refusal("veto", held, "2")


def test_an_approval_needs_no_number(workplace: Workplace, held: str):
    nightshift("approve", held, "--note", "looks fine")
    approved = latest(workplace, held)
    assert isinstance(approved.data, ev.TrialApproved)
    assert (approved.data.trial, approved.data.note, approved.actor) == (2, "looks fine", "human:ben")


def test_changes_go_through_too_and_an_operator_may_not_widen(workplace: Workplace, running: str):
    nightshift("budget", running, "exposure=1 h")
    nightshift("fix", running, "slit_centre=0.5")
    nightshift("suggest", running, "mirror_pitch=3", "mirror_roll=0", "crystal_pitch=1")
    suggested = latest(workplace, running)
    assert isinstance(suggested.data, ev.TrialSuggested)
    assert suggested.data.point["slit_centre"] == 0.5
    budget = bootstrap.load_state(workplace, running).spec.budget
    assert (budget.trials, budget.exposure) == (60, 3600.0)
    nightshift("limits", running, "mirror_roll", "--", "-1", "1")
    assert "takes an admin" in refusal("limits", running, "mirror_roll", "--", "-1.5", "1")


def test_files_are_written_here(running: str, tmp_path: Path):
    nightshift("export", running)
    assert (tmp_path / f"{running}.csv").read_text().startswith("trial,")
    assert "a server sends CSV alone; end it in .csv" in refusal("export", running, "-o", "night.jsonl")
    nightshift("report", running, "-o", "night.html")
    assert (tmp_path / "night.html").read_text().startswith("<!")
    assert "cannot be written" in refusal("report", running, "-o", "no/such/folder.html")


@pytest.mark.usefixtures("running")
class TestRefusals:
    def test_without_a_key_it_says_how_to_get_one(self, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.delenv("NIGHTSHIFT_KEY")
        assert "nightshift keys create NAME --role operator" in refusal("list")

    def test_a_wrong_key_is_refused(self, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setenv("NIGHTSHIFT_KEY", "ns_abcdefgh_wrong")
        assert "key" in refusal("list")

    def test_the_system_log_takes_an_admin(self, workplace: Workplace, monkeypatch: pytest.MonkeyPatch):
        assert "admin" in refusal("log", "system")

    def test_nobody_at_the_address(self):
        assert "does not answer" in refusal("--server", "http://127.0.0.1:9", "list", code=1)

    def test_a_server_and_a_ledger_at_once(self, url: str):
        assert "keep one" in refusal("--server", url, "--ledger", "sqlite:///x.db", "list")

    def test_a_ledger_on_the_command_line_beats_the_servers_variable(self, tmp_path: Path):
        assert "no campaigns in sqlite" in nightshift("list", "--ledger", f"sqlite:///{tmp_path / 'mine.db'}").stderr

    def test_what_only_works_on_the_ledger_does_not_quietly_take_another(self, url: str):
        assert "verify works where the ledger is" in refusal("--server", url, "verify", "last")
