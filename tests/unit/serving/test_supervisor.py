"""Which campaigns a supervisor looks after."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from orchestrator import bootstrap
from orchestrator.bootstrap import Workplace, supervising
from orchestrator.domain import events as ev
from orchestrator.domain.ports import Command
from orchestrator.serving.setups import StopNow
from orchestrator.serving.supervisor import Supervisor
from orchestrator.store.holders import this_holder
from tests.unit.serving.conftest import Engines

Tell = Callable[[str], None]
DEAD = replace(this_holder(), pid=4_000_000)


@pytest.fixture
def supervisor(place: Workplace, engines: Engines, tell: Tell) -> Supervisor:
    return Supervisor(place, engines.start, tell)


def send(place: Workplace, campaign: str, verb: str) -> Command:
    return place.ledger.send(Command(0, campaign, datetime.now(UTC), "human:ada", verb))  # type: ignore[arg-type]


def test_a_start_begins_one_engine_and_is_left_for_it_to_finish(place: Workplace, campaign: str, supervisor: Supervisor, engines: Engines):
    send(place, campaign, "start")
    for _ in range(3):
        supervisor.step()
    assert engines.begun == [(campaign, "")]
    assert supervisor.running == (campaign,)
    assert len(place.ledger.commands(campaign)) == 1


def test_of_two_supervisors_one_takes_the_start_and_the_other_leaves_it_alone(
    place: Workplace, campaign: str, supervisor: Supervisor, engines: Engines, tell: Tell, said: list[str]
):
    second = Supervisor(place, engines.start, tell)
    send(place, campaign, "start")
    supervisor.step()
    n_said = len(said)
    second.step()
    assert len(engines.begun) == 1
    assert second.running == ()
    assert len(said) == n_said


def test_a_campaign_with_a_living_runner_is_left_to_it(place: Workplace, campaign: str, supervisor: Supervisor, engines: Engines):
    place.ledger.acquire(f"campaign:{campaign}", this_holder(), ttl=60.0)
    send(place, campaign, "resume")
    supervisor.step()
    assert engines.begun == []


def test_a_start_of_a_campaign_that_is_over_is_done_with(place: Workplace, campaign: str, supervisor: Supervisor, engines: Engines):
    bootstrap.order(place, "abort", campaign, actor="human:ada")
    send(place, campaign, "start")
    supervisor.step()
    assert place.ledger.commands(campaign) == ()
    assert engines.begun == []


def test_a_campaign_whose_supervisor_died_is_adopted(place: Workplace, campaign: str, supervisor: Supervisor, engines: Engines):
    supervising._append(place, campaign, ev.CampaignStarted(), "engine")
    supervisor.step()
    assert engines.begun == [], "nobody looked after it, so nobody is asked to go on"
    place.ledger.acquire(f"supervise:{campaign}", DEAD, ttl=60.0)
    Supervisor(place, engines.start, print).step()
    assert engines.begun == [(campaign, "the server before ended without a word; another one went on")]


def test_stopping_tells_every_engine_and_leaves_the_order_in_the_inbox(
    place: Workplace, campaign: str, supervisor: Supervisor, engines: Engines
):
    send(place, campaign, "start")
    supervisor.step()
    place.ledger.acquire(f"campaign:{campaign}", replace(this_holder(), pid=engines.children[0].process.pid), ttl=60.0)
    supervisor.begin_to_stop()
    assert isinstance(engines.theirs[0].recv(), StopNow)
    engines.kill()
    supervisor.step()
    assert supervisor.running == ()
    assert len(engines.begun) == 1, "no other is started while the server ends"


def test_a_safe_stop_in_the_inbox_is_carried_out_and_recorded(place: Workplace, campaign: str, supervisor: Supervisor):
    supervising._append(place, campaign, ev.CampaignStarted(), "engine")
    send(place, campaign, "safe-stop")
    supervisor.step()
    for thread in supervisor._safe_stops.values():
        thread.join(20.0)
    assert place.ledger.commands(campaign) == ()
    assert bootstrap.load_state(place, campaign).status == "stopped"
    stopped = place.ledger.read("system")[-1]
    assert stopped.actor == "human:ada"
    assert isinstance(stopped.data, ev.SafeStopped)
    assert stopped.data.campaign == campaign
