"""What an analysis found, told on the ledger and through a server: the same words, the same events."""

import getpass
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from orchestrator import bootstrap
from orchestrator.bootstrap import Workplace
from orchestrator.domain import events as ev
from orchestrator.domain.access import Role
from orchestrator.domain.campaign import TrialStatus
from orchestrator.domain.errors import BadInput
from orchestrator.domain.records import ObjectiveScore
from tests.night import Night, make_spec
from tests.recorded import record
from tests.served import client_for, make_key
from tests.terminal import nightshift, refusal

POINT = {"mirror_pitch": 3.1, "mirror_roll": 0.5, "crystal_pitch": 10.0, "slit_centre": 0.0}


@pytest.fixture(params=["ledger", "server"])
def who(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, workplace: Workplace, url: str) -> str:
    """A shell where the ledger is, or one on a cluster with a key that may only answer; returns who it is."""
    if request.param == "ledger":
        monkeypatch.setenv("NIGHTSHIFT_LEDGER", workplace.address)
        monkeypatch.delenv("NIGHTSHIFT_SERVER", raising=False)
        return f"human:{getpass.getuser()}"
    monkeypatch.setenv("NIGHTSHIFT_SERVER", url)
    monkeypatch.setenv("NIGHTSHIFT_KEY", make_key(workplace, Role.ANALYST, "cluster"))
    return "human:cluster"


@pytest.fixture
def awaiting(workplace: Workplace) -> Callable[..., str]:
    """Makes campaigns of which two trials are measured, and their analysis is awaited."""

    def make(*names: str) -> str:
        rewards = [{"type": "external", "name": name, "goal": "maximise", "max_pending": 2} for name in names or ("purity",)]
        night = Night(make_spec(rewards=rewards)).begin()
        for _ in (1, 2):
            trial = night.suggest(POINT)
            night.review(trial)
            night.start(trial)
            night.measure(trial, {"ion_chamber": 2.0})
            night.record(ev.TrialAwaiting(trial=trial), "rewards")
        return record(workplace, night, f"night-{len(workplace.ledger.summaries()) + 1}")

    return make


def test_a_score_its_correction_and_a_failure_are_events_with_who_and_why(workplace: Workplace, who: str, awaiting: Callable[..., str]):
    campaign = awaiting()
    told = nightshift("score", campaign, "2", "-0.5", "--sd", "0.1", "--run", "run-0002-1", "--note", "job 4711").stderr
    assert "score of trial 2 recorded; nobody runs it: nightshift resume" in told
    assert "is recorded of trial 2 already" in nightshift("score", campaign, "2", "-0.5+-0.1").stderr
    assert "to replace it, correct it" in refusal("score", campaign, "2", "0.4")
    nightshift("score", campaign, "2", "0.4", "--correct", "--note", "dark was not subtracted")
    nightshift("score", campaign, "1", "--failed", "no peak above the background")
    first, again, failed = (event for event in bootstrap.load_events(workplace, campaign)[-3:])
    assert {event.actor for event in (first, again, failed)} == {who}
    assert isinstance(first.data, ev.TrialScored)
    assert (first.data.score.objectives, first.data.note) == ({"purity": ObjectiveScore(value=-0.5, sd=0.1)}, "job 4711")
    assert isinstance(again.data, ev.TrialScored)
    assert again.data.reason == "purity = -0.5 ± 0.1 was corrected: dark was not subtracted"
    assert isinstance(failed.data, ev.TrialFailed)
    assert failed.data.reason == "its analysis failed: no peak above the background"


def test_several_objectives_may_be_told_one_after_the_other(workplace: Workplace, who: str, awaiting: Callable[..., str]):
    campaign = awaiting("purity", "strain")
    assert "awaits purity, strain; say which one" in refusal("score", campaign, "1", "0.4")
    nightshift("score", campaign, "1", "strain=0.1±0.02")
    assert bootstrap.load_state(workplace, campaign).awaiting == {1, 2}
    nightshift("score", campaign, "1", "purity=0.9")
    nightshift("score", campaign, "2", "purity=0.8", "strain=0.2")
    state = bootstrap.load_state(workplace, campaign)
    assert (state.awaiting, state.n_scored, state.best) == (frozenset(), 2, 1)
    assert state.trial(1).score is not None
    assert state.trial(1).score.objectives["strain"] == ObjectiveScore(value=0.1, sd=0.02)


@pytest.mark.parametrize(
    ("written", "words"),
    [
        (("9", "0.5"), "has no trial 9; it has 2"),
        (("1", "nan"), "finite number"),
        (("1", "0.5", "--run", "run-of-last-night"), "run-of-last-night is not the one that counts for trial 1: run-0001-1"),
        (("1", "resolution=0.5"), "'resolution' is nothing that an analysis tells here; awaited are purity"),
        (("1", "much"), "'much' is no value; write it as 0.83"),
        (("1", "0.5", "0.6"), "one objective is given twice"),
        (("1", "0.5", "--failed", "no"), "give one of the two"),
        (("1",), "gives scores, or says why"),
    ],
)
def test_what_is_no_answer_is_refused_and_nothing_is_recorded(
    workplace: Workplace, who: str, awaiting: Callable[..., str], written: tuple[str, ...], words: str
):
    campaign = awaiting()
    assert words in refusal("score", campaign, *written)
    assert bootstrap.load_state(workplace, campaign).awaiting == {1, 2}
    assert workplace.ledger.commands(campaign) == ()


def test_what_is_awaited_is_shown_to_people_and_to_programs(who: str, awaiting: Callable[..., str]):
    campaign = awaiting()
    shown = nightshift("show", campaign).stdout
    assert "analysis of trials 1 and 2 is awaited, the longest since" in shown
    assert json.loads(nightshift("show", campaign, "--json").stdout)["awaiting"] == [1, 2]
    told = nightshift("watch", campaign, "--once").stdout
    assert "analysis of trials 1 and 2 is awaited" in told


def test_a_program_asks_what_to_analyse_and_answers(workplace: Workplace, url: str, awaiting: Callable[..., str], tmp_path: Path):
    campaign = awaiting()
    with client_for(workplace, url, Role.ANALYST, "cluster") as client:
        status = client.status(campaign)
        assert status.analysis is not None
        assert (status.analysis.n, status.analysis.most, status.analysis.is_full) == (2, 2, True)
        assert status.standing.word == "nobody runs it"
        assert "score" in status.allowed
        first, second = client.awaiting(campaign)
        assert (first.trial, first.run_uid, first.objectives, first.on_timeout) == (1, "run-0001-1", ("purity",), "fail")
        assert first.expires_at is not None
        assert client.score(campaign, second.trial, 0.7, run_uid=second.run_uid).taken
        assert [trial.trial for trial in client.awaiting(campaign)] == [1]
        assert client.trial(campaign, 2).trial.status == TrialStatus.SCORED
        with pytest.raises(BadInput, match="trial 1: value = nan"):
            client.score(campaign, 1, float("nan"))
        with pytest.raises(BadInput, match="only one of them"):
            client.score(campaign, 1)


def test_an_answer_that_is_early_lies_in_the_inbox(workplace: Workplace, who: str):
    night = Night(make_spec(reward={"type": "external", "name": "purity"})).begin()
    trial = night.suggest(POINT)
    night.review(trial)
    night.start(trial)
    campaign = record(workplace, night, f"night-{len(workplace.ledger.summaries()) + 1}")
    assert "is in its inbox" in nightshift("score", campaign, "1", "0.5").stderr
    assert [(command.verb, command.trial, command.actor) for command in workplace.ledger.commands(campaign)] == [("score", 1, who)]


def test_after_the_end_an_answer_is_refused_and_says_what_to_do(workplace: Workplace, who: str):
    night = Night(make_spec(reward={"type": "external", "name": "purity"})).begin()
    campaign = record(workplace, night.finish(), f"night-{len(workplace.ledger.summaries()) + 1}")
    assert "trial 1, score = 0.5 is too late; leave it as a note" in refusal("score", campaign, "1", "0.5")
