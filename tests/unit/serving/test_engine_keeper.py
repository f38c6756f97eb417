"""What becomes of a campaign when its engine ends."""

from collections.abc import Callable

import pytest

from orchestrator import bootstrap
from orchestrator.bootstrap import Workplace, supervising
from orchestrator.domain import events as ev
from orchestrator.domain.ports import Command
from orchestrator.serving import engine_keeper
from orchestrator.serving.restarts import Patience
from orchestrator.serving.setups import Ended
from orchestrator.serving.supervisor import Supervisor
from tests.unit.serving.conftest import Engines

Tell = Callable[[str], None]


@pytest.fixture
def supervisor(place: Workplace, engines: Engines, tell: Tell) -> Supervisor:
    return Supervisor(place, engines.start, tell)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_keeper, "ENGINE", Patience(limit=2, pauses_s=(0.0,)))


def start(place: Workplace, campaign: str) -> Command:
    bootstrap.order(place, "start", campaign, actor="human:ada", patience=0.0)
    (command,) = place.ledger.commands(campaign)
    return command


def run_campaign(place: Workplace, campaign: str) -> None:
    """Record that the campaign runs, as its engine would."""
    supervising._append(place, campaign, ev.CampaignStarted(), "engine")


def test_an_engine_that_was_killed_is_followed_by_another_that_knows_why(
    place: Workplace, campaign: str, supervisor: Supervisor, engines: Engines
):
    start(place, campaign)
    supervisor.step()
    engines.kill()
    supervisor.step()
    supervisor.step()
    why = "the runner before was killed (signal 9); the supervisor started another"
    assert engines.begun == [(campaign, ""), (campaign, why)]


def test_an_engine_that_ended_in_good_order_is_not_started_again(
    place: Workplace, campaign: str, supervisor: Supervisor, engines: Engines, said: list[str]
):
    place.ledger.finish(start(place, campaign))
    supervisor.keep(campaign)
    engines.end(Ended("done", "completed"))
    supervisor.step()
    assert len(engines.begun) == 1
    assert supervisor.keeper(campaign) is None
    assert place.ledger.holder(f"supervise:{campaign}") is None
    assert any("engine ended, done: completed" in line for line in said)


def test_a_start_that_was_refused_leaves_the_inbox_and_says_why(place: Workplace, campaign: str, supervisor: Supervisor, engines: Engines):
    start(place, campaign)
    supervisor.step()
    engines.end(Ended("refused", "no detector answers; plug it in"))
    supervisor.step()
    assert place.ledger.commands(campaign) == ()
    note = place.ledger.read(campaign)[-1]
    assert note.actor == "human:ada"
    assert note.data == ev.NoteLeft(text="start was not carried out: no detector answers; plug it in")
    assert len(engines.begun) == 1


def test_an_engine_that_cannot_reach_its_instrument_is_tried_again_only_once_the_campaign_is_under_way(
    place: Workplace, campaign: str, supervisor: Supervisor, engines: Engines
):
    start(place, campaign)
    supervisor.step()
    engines.end(Ended("failed", "no answer from NS:M1"))
    supervisor.step()
    assert len(engines.begun) == 1
    run_campaign(place, campaign)
    supervisor.keep(campaign)
    engines.end(Ended("failed", "no answer from NS:M1"))
    supervisor.step()
    supervisor.step()
    assert engines.begun[-1][1] == "the runner before could not go on (no answer from NS:M1); the supervisor started another"


def test_an_engine_that_dies_again_and_again_is_given_up_and_the_campaign_waits_for_a_person(
    place: Workplace, campaign: str, supervisor: Supervisor, engines: Engines
):
    run_campaign(place, campaign)
    supervisor.keep(campaign)
    for _ in range(3):
        engines.kill()
        supervisor.step()
        supervisor.step()
    assert len(engines.begun) == 3
    state = bootstrap.load_state(place, campaign)
    assert state.status == "held"
    assert "was killed (signal 9); it was started again 2 times within 10 min and is not any more" in state.reason
    assert place.ledger.read("system")[-1].data == ev.NoteLeft(text=state.reason, campaign=campaign)
    assert supervisor.keeper(campaign) is None


def test_a_resume_gives_an_engine_that_was_given_up_another_chance(
    place: Workplace, campaign: str, supervisor: Supervisor, engines: Engines
):
    run_campaign(place, campaign)
    supervisor.keep(campaign)
    for _ in range(3):
        engines.kill()
        supervisor.step()
        supervisor.step()
    bootstrap.order(place, "resume", campaign, actor="human:ada", patience=0.0)
    supervisor.step()
    assert engines.begun[-1] == (campaign, "")
