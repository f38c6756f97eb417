"""``kill -9`` of each part of ``nightshift serve``: campaigns go on, pages miss nothing, the ledger says what happened."""

import json
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from orchestrator import bootstrap
from orchestrator.bootstrap import Workplace, sending
from orchestrator.campaign_file import load_text
from orchestrator.domain import events as ev
from orchestrator.domain.access import Role
from orchestrator.domain.events import LedgerEvent
from tests.recovery import checks
from tests.recovery.killing import spec_text
from tests.recovery.serving import SECONDS, Server, serving, viewing, wait_for
from tests.served import make_key


def begin(place: Workplace, folder: Path, n_trials: int) -> str:
    """Create a campaign and have the server start it."""
    spec = load_text(spec_text(folder / "journal", n_trials, "random", seconds_per_trial=0.2), "kill.yaml", folder, {}, None)
    campaign = bootstrap.create(place, spec, actor="human:ada")
    assert bootstrap.order(place, "start", campaign, actor="human:ada", patience=SECONDS).is_taken
    return campaign


def wait_for_event(place: Workplace, campaign: str, is_it: Callable[[LedgerEvent], bool], what: str) -> LedgerEvent:
    return wait_for(lambda: next(filter(is_it, place.ledger.read(campaign)), None), what)


def wait_for_trial(place: Workplace, campaign: str, number: int) -> None:
    wait_for_event(place, campaign, lambda event: isinstance(event.data, ev.TrialScored) and event.data.trial == number, f"trial {number}")


def resumed(events: tuple[LedgerEvent, ...]) -> list[str]:
    return [event.data.reason for event in events if isinstance(event.data, ev.CampaignResumed)]


def check_everything(ledger: str, folder: Path) -> None:
    events = checks.events_of(ledger)
    checks.check_repeats_are_declared(events)
    checks.check_devices(events, folder / "journal", ["n"])
    checks.check_ledger(ledger, events)


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have documents go to a Tiled server that nobody has the key of."""
    site = tmp_path / "site.yaml"
    documents = {"simulated": True, "tiled": {"uri": "http://127.0.0.1:9", "api_key_env": "NOBODY_HAS_SET_IT"}}
    site.write_text(json.dumps({"name": "bl99", "profile": {"module": "nothing"}, "documents": documents}))
    site.chmod(0o600)
    monkeypatch.setenv("NIGHTSHIFT_SITE", str(site))


def test_killing_the_api_and_then_the_engine(tmp_path: Path) -> None:
    """The API: the campaign goes on, the page reconnects and misses nothing. The engine: another one goes on and says why.

    The sender: another one sends what waits.
    """
    ledger = f"sqlite:///{tmp_path / 'ledger.db'}"
    with serving(ledger, tmp_path / "said") as server, bootstrap.open_workplace(ledger) as place:
        key = make_key(place, Role.OBSERVER)
        campaign = begin(place, tmp_path, n_trials=500)
        engine = server.child("engine").pid
        with viewing(server, key, campaign) as viewer:
            wait_for(lambda: viewer.seen or None, "event on the page")
            server.kill("api")
            sender = server.kill("sender")
            n_before = len(place.ledger.read(campaign))
            wait_for(lambda: len(viewer.connected_at) > 1 or None, "second connection of the page")
            assert server.child("engine").pid == engine
            wait_for(lambda: len(place.ledger.read(campaign)) > n_before or None, "campaign that goes on without its API")
            assert resumed(place.ledger.read(campaign)) == []

            assert server.child("sender").pid != sender
            assert "the sender of documents ended (code -9) and is started again; campaigns are not affected" in server.lines()
            assert [standing.n_behind > 0 for standing in sending.document_standings(place, campaign)] == [True]

            assert server.kill("engine") == engine
            wait_for(lambda: resumed(place.ledger.read(campaign)) or None, "resumption")
            bootstrap.order(place, "abort", campaign, actor="human:ada", patience=SECONDS)
            wait_for(lambda: server.child_or_none("engine") is None or None, "end of the engine")
            events = place.ledger.read(campaign)
            wait_for(lambda: viewer.seen[-1] == events[-1].seq or None, "last event on the page")
        assert resumed(events) == ["the runner before was killed (signal 9); the supervisor started another"]
        assert viewer.seen == [event.seq for event in events]
    check_everything(ledger, tmp_path)


def test_killing_the_supervisor_and_then_telling_its_successor_to_end(tmp_path: Path) -> None:
    """Killed: its children end, and a new one goes on. Told to end: it warns, then stops the campaign safely."""
    ledger = f"sqlite:///{tmp_path / 'ledger.db'}"
    with bootstrap.open_workplace(ledger) as place:
        with serving(ledger, tmp_path / "said") as server:
            campaign = begin(place, tmp_path, n_trials=500)
            wait_for_trial(place, campaign, 1)
            children = [server.child("api"), server.child("engine"), server.child("sender")]
            server.process.kill()
            for child in children:
                child.wait(SECONDS)
        with serving(ledger, tmp_path / "said") as server:
            wait_for(lambda: resumed(place.ledger.read(campaign)) or None, "resumption")
            n_before = len(place.ledger.read(campaign))
            wait_for(lambda: len(place.ledger.read(campaign)) > n_before + 6 or None, "campaign that goes on")
            end_with_ctrl_c(server)
        events = place.ledger.read(campaign)
        state = bootstrap.load_state(place, campaign)
    assert resumed(events) == ["the server before ended without a word; another one went on"]
    assert (state.status, state.reason) == ("stopped", "the server was ended")
    assert isinstance(events[-1].data, ev.InstrumentSecured)
    check_everything(ledger, tmp_path)


def end_with_ctrl_c(server: Server) -> None:
    """Press it once, be warned, press it again."""
    server.process.send_signal(signal.SIGINT)
    wait_for(lambda: "Ctrl-C again within 5 s stops it safely" in server.lines() or None, "warning")
    assert server.process.poll() is None
    server.process.send_signal(signal.SIGINT)
    assert server.process.wait(SECONDS) == 0
