"""People in the loop from any terminal, on a ledger: each order is an event with who and why."""

import getpass
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestrator import bootstrap
from orchestrator.bootstrap import Workplace
from orchestrator.domain import events as ev
from orchestrator.domain.campaign import TrialStatus
from tests.night import CAMPAIGN, Night
from tests.recorded import record
from tests.terminal import nightshift, refusal

WHO = f"human:{getpass.getuser()}"
POINT = {"mirror_pitch": 3.1, "mirror_roll": 0.5, "crystal_pitch": 10.0, "slit_centre": 0.0}


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workplace]:
    """A paused campaign that nobody runs, in a ledger of the test's own."""
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    monkeypatch.setenv("NIGHTSHIFT_LEDGER", url)
    monkeypatch.delenv("NIGHTSHIFT_SERVER", raising=False)
    with bootstrap.open_workplace(url) as place:
        yield place


@pytest.fixture
def night(workplace: Workplace) -> Night:
    made = Night().begin()
    made.whole_trial(POINT, 12.0)
    record(workplace, made)
    return made


@pytest.fixture
def held(workplace: Workplace) -> Night:
    made = Night().begin()
    made.review(made.suggest(POINT), needs_approval=True)
    record(workplace, made)
    return made


def latest(workplace: Workplace) -> ev.LedgerEvent:
    return bootstrap.load_events(workplace, CAMPAIGN)[-1]


@pytest.mark.usefixtures("night")
class TestChanges:
    def test_a_parameter_is_fixed_and_released_with_who_and_why(self, workplace: Workplace):
        nightshift("fix", "last", "mirror_roll=0.5", "--note", "it drifts")
        amended = latest(workplace)
        assert isinstance(amended.data, ev.CampaignAmended)
        assert amended.data.spec.fixed == {"mirror_roll": 0.5}
        assert (amended.actor, amended.data.reason, amended.data.change) == (WHO, "it drifts", "mirror_roll fixed at 0.5 mrad")
        nightshift("release", "last", "mirror_roll")
        assert bootstrap.load_state(workplace, "last").spec.fixed == {}

    def test_limits_are_narrowed_below_zero_too(self, workplace: Workplace):
        nightshift("limits", "last", "mirror_roll", "--", "-1", "1.25")
        assert bootstrap.load_state(workplace, "last").spec.space["mirror_roll"].limits == (-1.0, 1.25)  # type: ignore[union-attr]

    def test_a_budget_changes_where_it_was_told_to_and_nowhere_else(self, workplace: Workplace):
        nightshift("budget", "last", "exposure=2 h")
        nightshift("budget", "last", "trials=80", "until=07:30")
        budget = bootstrap.load_state(workplace, "last").spec.budget
        assert (budget.trials, budget.exposure, budget.until) == (80, 7200.0, "07:30")
        nightshift("budget", "last", "exposure=null")
        assert bootstrap.load_state(workplace, "last").spec.budget.exposure is None

    def test_another_agent_takes_over_with_its_settings(self, workplace: Workplace):
        nightshift("switch", "last", "bayesian", "n_initial=8", "timeout=30 s")
        agent = bootstrap.load_state(workplace, "last").spec.agent
        assert (agent.type, agent.settings, agent.timeout) == ("bayesian", {"n_initial": 8}, 30.0)

    def test_a_point_is_suggested_and_fixed_parameters_may_be_left_out(self, workplace: Workplace):
        nightshift("fix", "last", "slit_centre=0.25")
        nightshift("suggest", "last", "mirror_pitch=3", "mirror_roll=-0.5", "crystal_pitch=10", "--note", "the old optimum")
        suggested = latest(workplace)
        assert isinstance(suggested.data, ev.TrialSuggested)
        point = {"mirror_pitch": 3.0, "mirror_roll": -0.5, "crystal_pitch": 10.0, "slit_centre": 0.25}
        assert (suggested.data.point, suggested.actor) == (point, WHO)

    def test_a_note_is_an_event(self, workplace: Workplace):
        result = nightshift("note", "last", "the beam looks odd", "--json")
        note = latest(workplace)
        assert isinstance(note.data, ev.NoteLeft)
        assert (note.data.text, note.actor) == ("the beam looks odd", WHO)
        assert json.loads(result.stdout)["verb"] == "note"

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (["fix", "last", "mirror_roll"], "'mirror_roll' is no NAME=VALUE; write it as nightshift fix last x=1.5"),
            (["fix", "last", "mirror_rol=1"], "no parameter 'mirror_rol'"),
            (["fix", "last", "mirror_roll=9"], "mirror_roll"),
            (["limits", "last", "mirror_roll", "2", "1"], "reversed"),
            (["budget", "last", "until=25:00"], "HH:MM"),
            (["budget", "last", "trails=3"], "budget.trails: unknown key; did you mean 'trials'?"),
            (["budget", "last", "trials=many"], 'budget.trials = "many": must be a whole number'),
            (["switch", "last", "bayesain"], "did you mean 'bayesian'"),
            (["suggest", "last", "mirror_pitch=3"], "mirror_roll"),
            (["edit", "last", "1", "mirror_pitch=3"], "no suggestion waiting for approval"),
        ],
        ids=lambda value: " ".join(value) if isinstance(value, list) else "",
    )
    def test_what_cannot_be_done_is_refused_with_the_way_out_and_not_recorded(self, workplace: Workplace, arguments: list[str], words: str):
        before = latest(workplace).seq
        assert words in refusal(*arguments)
        assert latest(workplace).seq == before


def told(*arguments: str) -> str:
    return nightshift(*arguments, "--json").stdout


GOES_ON = f"; nobody runs it: nightshift resume {CAMPAIGN} goes on"


@pytest.mark.usefixtures("night")
@pytest.mark.parametrize(
    ("arguments", "became"),
    [
        (["budget", "last", "trials=80"], "budget changed from trials 60 to trials 80"),
        (["fix", "last", "mirror_roll=0.5"], "mirror_roll fixed at 0.5 mrad"),
        (["note", "last", "the beam looks odd"], "note left"),
        (["suggest", "last", *(f"{name}={value}" for name, value in POINT.items())], "trial 2 suggested: mirror_pitch = 3.1"),
        (["stop", "last"], "stopped"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_an_order_that_nobody_ran_says_what_changed_and_how_to_go_on(arguments: list[str], became: str):
    answer = json.loads(told(*arguments))["answer"]
    assert answer.startswith(f"{CAMPAIGN}: {became}")
    assert answer.endswith(GOES_ON)


@pytest.mark.usefixtures("held")
def test_a_suggestion_that_still_waits_is_named_before_going_on():
    assert json.loads(told("note", "last", "asleep"))["answer"].endswith(
        f"nobody runs it: approve or veto trial 1, then nightshift resume {CAMPAIGN}"
    )
    assert json.loads(told("veto", "last"))["answer"] == f"{CAMPAIGN}: trial 1 vetoed{GOES_ON}"


@pytest.mark.usefixtures("night")
def test_a_campaign_that_was_ended_for_good_is_not_gone_on_with():
    assert json.loads(told("abort", "last"))["answer"] == f"{CAMPAIGN}: aborted"


@pytest.mark.usefixtures("night")
@pytest.mark.parametrize("arguments", [["budget", "last", "trials=80"], ["switch", "last", "random"]], ids=lambda each: each[0])
def test_a_campaign_that_is_over_cannot_be_changed_and_says_what_to_do_instead(workplace: Workplace, arguments: list[str]):
    nightshift("abort", "last")
    campaign = bootstrap.find(workplace, "last")
    assert f"it cannot be changed any more; run its file again, changed, with --set earlier={campaign}" in refusal(*arguments)


@pytest.mark.usefixtures("held")
def test_an_edited_point_keeps_what_was_not_named_and_the_ledger_says_who_and_why(workplace: Workplace):
    nightshift("edit", "last", "1", "mirror_pitch=2.9", "--note", "clear of the beam stop")
    state = bootstrap.load_state(workplace, "last")
    assert state.trial(1).status is TrialStatus.VETOED
    assert state.trial(2).point == {**POINT, "mirror_pitch": 2.9}
    assert "clear of the beam stop" in state.trial(2).evidence.reason
    assert [event.actor for event in bootstrap.load_events(workplace, "last")[-2:]] == [WHO, WHO]
