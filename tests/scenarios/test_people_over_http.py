"""A person steers a living campaign through the API alone; the ledger says who did what and why, and nothing is missed."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from orchestrator import bootstrap
from orchestrator.bootstrap import Workplace
from orchestrator.cli.app import app
from orchestrator.client import NightshiftClient
from orchestrator.domain import events as ev
from orchestrator.domain.access import Role
from orchestrator.domain.campaign import CampaignState, TrialStatus
from orchestrator.domain.changes import FixParameter, ReleaseParameter, SetLimits, SwitchAgent
from orchestrator.domain.events import LedgerEvent
from orchestrator.domain.records import Answer
from orchestrator.domain.spec import AgentPlugin
from orchestrator.wire.campaigns import CampaignStatus
from orchestrator.wire.waiting import WaitingApproval
from tests.served import client_for, make_key, served

SECONDS = 60.0
ANNA = "human:anna"
SPEC = """
name: steered
instrument: {type: simulated-beamline, axes: [mirror_pitch, mirror_roll], time_scale: 0.01}
space:
  mirror_pitch: {limits: [2.8, 3.2], unit: mrad}
  mirror_roll: {limits: [-1.0, 1.0], unit: mrad}
measure: {exposure: 100 ms}
reward: {signal: flux, goal: maximise}
agent: random
guardians: [{type: forbidden-region, boxes: [{name: the beam stop, within: {mirror_roll: [0.8, 1.0]}}]}]
approval: {first: 3}
budget: {trials: 500}
"""


@contextmanager
def engine(url: str, campaign: str) -> Iterator[subprocess.Popen[str]]:
    """Run a campaign in a process of its own, as the supervisor does."""
    command = [sys.executable, "-c", "from orchestrator.cli import main; main()", "--ledger", url, "resume", campaign]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("EPICS_")}
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL) as runner:
        try:
            yield runner
        finally:
            runner.terminate()


def waits(client: NightshiftClient, campaign: str, trial: int) -> WaitingApproval:
    status = client.wait_until(campaign, lambda status: status.waiting is not None and status.waiting.trial >= trial, SECONDS, poll=0.2)
    assert status.waiting is not None
    return status.waiting


def goes_on(client: NightshiftClient, campaign: str, more: int = 2) -> CampaignStatus:
    """Wait until some more trials are scored than now."""
    n_scored = client.status(campaign).n_scored
    return client.wait_until(campaign, lambda status: status.n_scored >= n_scored + more, SECONDS, poll=0.2)


def test_a_campaign_is_steered_over_http_and_every_order_is_an_event_with_who_and_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    ledger = f"sqlite:///{tmp_path / 'ledger.db'}"
    heard: list[int] = []
    with bootstrap.open_workplace(ledger) as workplace, served(workplace) as url, client_for(workplace, url) as anna:
        campaign = anna.create(SPEC, start=False).campaign
        follower = threading.Thread(target=lambda: heard.extend(event.seq for event in anna.follow(campaign)), daemon=True)
        follower.start()
        with engine(ledger, campaign):
            decide(anna, campaign)
            change(anna, campaign)
            from_a_terminal(campaign, url, make_key(workplace, Role.OPERATOR, "ben"), monkeypatch)
            status = anna.wait_until(campaign, lambda status: status.succeeded is not None, SECONDS)
        assert status.succeeded
        follower.join(SECONDS)
        check_ledger(workplace, campaign, heard)


def decide(anna: NightshiftClient, campaign: str) -> None:
    """Approve the first, edit the second into the beam stop, which a guardian refuses, and the next to somewhere else."""
    anna.approve(waits(anna, campaign, 1), "looks fine")
    anna.edit(waits(anna, campaign, 2), {"mirror_pitch": 3.0, "mirror_roll": 0.9}, "nearer to the old optimum")
    is_taken(anna, campaign)
    goes_on(anna, campaign)


def change(anna: NightshiftClient, campaign: str) -> None:
    """Each order is taken before the next one is given, so that the ledger's order is known."""
    anna.suggest(campaign, {"mirror_pitch": 3.05, "mirror_roll": -0.25}, "last week's best")
    is_taken(anna, campaign)
    anna.change(campaign, SetLimits(parameter="mirror_pitch", lower=2.9, upper=3.1), "the edge scatters")
    is_taken(anna, campaign)
    goes_on(anna, campaign)
    anna.change(campaign, FixParameter(parameter="mirror_roll", value=0.125), "it drifts")
    is_taken(anna, campaign)
    goes_on(anna, campaign)
    anna.change(campaign, ReleaseParameter(parameter="mirror_roll"), "it is steady again")
    is_taken(anna, campaign)
    anna.change(campaign, SwitchAgent(agent=AgentPlugin(type="sobol")), "random is too slow")
    is_taken(anna, campaign)
    goes_on(anna, campaign)


def is_taken(anna: NightshiftClient, campaign: str) -> None:
    """Wait until the engine has taken everything from the inbox."""
    anna.wait_until(campaign, lambda status: status.n_commands == 0, SECONDS, poll=0.2)


def from_a_terminal(campaign: str, url: str, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ben notes, looks, and ends it soon, with the command line and the server's address."""
    monkeypatch.setenv("NIGHTSHIFT_SERVER", url)
    monkeypatch.setenv("NIGHTSHIFT_KEY", key)

    def nightshift(*arguments: str) -> str:
        result = CliRunner().invoke(app, arguments, catch_exceptions=False)
        assert result.exit_code == 0, result.stderr
        return result.stdout

    nightshift("note", "steered", "ring current is low")
    shown = json.loads(nightshift("show", "last", "--json"))
    assert (shown["campaign"], shown["status"], shown["agent"]) == (campaign, "running", "sobol")
    nightshift("watch", "last", "--once")
    nightshift("budget", "last", f"trials={shown['trials'] + 8}", "--note", "enough is enough")
    assert json.loads(nightshift("log", "last", "--json").splitlines()[0])["type"] == "campaign-created"


def check_ledger(workplace: Workplace, campaign: str, heard: list[int]) -> None:
    events, state = bootstrap.load_events(workplace, campaign), bootstrap.load_state(workplace, campaign)
    assert heard == list(range(1, len(events) + 1)), "a follower misses nothing and hears nothing twice"
    by_people = [told(event) for event in events if event.actor.startswith("human:")]
    assert by_people == [
        (ANNA, "campaign-created", ""),
        (ANNA, "trial-approved", "looks fine"),
        (ANNA, "trial-vetoed", "edited by human:anna: trial 3 takes its place"),
        (ANNA, "trial-suggested", by_people[3][2]),
        (ANNA, "trial-suggested", "last week's best"),
        (ANNA, "campaign-amended", "limits of mirror_pitch narrowed from [2.8, 3.2] to [2.9, 3.1] mrad: the edge scatters"),
        (ANNA, "campaign-amended", "mirror_roll fixed at 0.125 mrad: it drifts"),
        (ANNA, "campaign-amended", "mirror_roll released: it is steady again"),
        (ANNA, "campaign-amended", "agent switched from random to sobol: random is too slow"),
        ("human:ben", "note-left", "ring current is low"),
        ("human:ben", "campaign-amended", by_people[10][2]),
    ]
    assert by_people[3][2].endswith("nearer to the old optimum")
    assert by_people[10][2].endswith("enough is enough")
    check_edit(state)
    check_changes(state, events)


def told(event: LedgerEvent) -> tuple[str, str, str]:
    match event.data:
        case ev.CampaignAmended(change=change, reason=reason):
            why = f"{change}: {reason}"
        case ev.TrialSuggested(evidence=evidence):
            why = evidence.reason
        case ev.TrialApproved(note=why) | ev.TrialVetoed(note=why) | ev.NoteLeft(text=why):
            pass
        case _:
            why = ""
    return event.actor, event.type, why


def check_edit(state: CampaignState) -> None:
    """The edited point went past the guardians again, and one of them refused it."""
    edited = state.trial(3)
    assert (edited.point, edited.role, edited.status) == ({"mirror_pitch": 3.0, "mirror_roll": 0.9}, "human", TrialStatus.VETOED)
    assert any(verdict.guardian == "forbidden-region" and verdict.answer is Answer.VETO for verdict in edited.verdicts)
    assert edited.attempt == 0


def check_changes(state: CampaignState, events: tuple[LedgerEvent, ...]) -> None:
    """Each change holds from its own event on, for every suggestion an agent made."""
    by_person = [trial for trial in state.trials if trial.role == "human" and trial.status is TrialStatus.SCORED]
    assert [trial.point for trial in by_person] == [{"mirror_pitch": 3.05, "mirror_roll": -0.25}]
    spec, n_checked = None, 0
    for event in events:
        if isinstance(event.data, ev.CampaignAmended | ev.CampaignCreated):
            spec = event.data.spec
        elif isinstance(event.data, ev.TrialSuggested) and event.data.role == "agent" and spec is not None:
            low, high = spec.space["mirror_pitch"].limits  # type: ignore[union-attr]
            assert low <= float(event.data.point["mirror_pitch"]) <= high
            assert event.data.point["mirror_roll"] == spec.fixed.get("mirror_roll", event.data.point["mirror_roll"])
            assert event.data.agent == spec.agent.type
            n_checked += 1
    assert n_checked > 10
    [scored_since] = [
        sum(isinstance(later.data, ev.TrialScored) for later in events[event.seq :])
        for event in events
        if event.actor == "human:ben" and event.type == "campaign-amended"
    ]
    assert scored_since <= 8, "it ends when the budget is used, or at once where more was used already"
    assert state.n_counted >= (state.spec.budget.trials or 0) > 8
