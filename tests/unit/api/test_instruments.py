"""Instruments over HTTP: where they stand, who holds them, and safe-stop."""

import json
import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest

from orchestrator.domain import events as ev
from orchestrator.domain.access import Role
from orchestrator.execution.sentinel_address import address_of
from orchestrator.execution.sentinel_socket import SentinelSocket
from orchestrator.store.holders import this_holder
from tests.night import CAMPAIGN, Night, make_instrument
from tests.recorded import record
from tests.served import make_key, served
from tests.unit.api.conftest import Api

INSTRUMENT = "SIM-BL"
BASE = f"/api/v1/instruments/{INSTRUMENT}"
RUNNING = "night-2"


class Devices:
    """What a sentinel holds: one axis that moves on whenever somebody looks."""

    def __init__(self) -> None:
        self.n_looks = 0
        self.n_halts = 0

    def live(self) -> Mapping[str, Any]:
        self.n_looks += 1
        return {"positions": {"mirror_pitch": float(self.n_looks)}, "interlocks": {"beam": True}, "shutter": "closed", "is_moving": True}

    def halt(self) -> None:
        self.n_halts += 1

    def secure(self, cause: str) -> tuple[str, ...]:
        return ("stopped all axes",)


@pytest.fixture
def running(api: Api) -> None:
    """A campaign on the same instrument, with a living runner."""
    instrument = make_instrument().model_copy(update={"has_second_connection": True})
    record(api.workplace, Night(instrument=instrument).begin(), RUNNING)
    for lease in (f"campaign:{RUNNING}", "instrument:SIM:BL"):
        api.workplace.ledger.acquire(lease, this_holder(), ttl=60.0)


@pytest.fixture
def devices(api: Api, running: None) -> Iterator[Devices]:
    devices = Devices()
    sentinel = SentinelSocket(devices, devices.secure, address_of(api.workplace.folder, RUNNING))  # type: ignore[arg-type]
    sentinel.start()
    yield devices
    sentinel.close()


def read(api: Api, path: str) -> dict[str, Any]:
    answer = api.client(Role.OBSERVER).get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_an_instrument_nobody_holds_stands_where_its_last_campaign_left_it(api: Api):
    shown = read(api, BASE)
    assert (shown["identity"], shown["campaign"], shown["is_held"], shown["holder"]) == ("SIM:BL", CAMPAIGN, False, "")
    assert shown["live"] is None
    assert shown["positions"]
    assert shown["positions_at"]
    assert shown["axes"]["mirror_pitch"] == "mrad"
    assert shown["interlocks"]["beam"]


def test_an_instrument_is_listed_once_with_the_campaign_that_runs_on_it(api: Api, devices: Devices):
    (shown,) = read(api, "/api/v1/instruments")["instruments"]
    assert (shown["id"], shown["campaign"], shown["is_held"]) == (INSTRUMENT, RUNNING, True)
    assert shown["holder"] == str(this_holder())
    assert shown["live"]["shutter"] == "closed"
    assert 0 <= shown["live_age_s"] < 10


def test_an_instrument_whose_sentinel_does_not_answer_has_no_live_values(api: Api, running: None):
    assert read(api, BASE)["live"] is None


def test_a_private_instrument_is_listed_while_its_campaign_is_not_over(api: Api):
    private = make_instrument().model_copy(update={"identity": ""})
    record(api.workplace, Night(instrument=private).begin(), "night-3")
    listed = {shown["id"] for shown in read(api, "/api/v1/instruments")["instruments"]}
    assert listed == {INSTRUMENT, "night-3"}


def test_an_unknown_instrument_is_a_problem_with_the_way_out(api: Api):
    answer = api.client().get("/api/v1/instruments/nosuch")
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/unknown-instrument")
    assert "GET /api/v1/instruments lists them" in answer.json()["detail"]


def test_live_values_are_streamed_over_one_connection_however_many_watch(api: Api, devices: Devices):
    key = make_key(api.workplace, Role.OBSERVER)
    seen: list[list[float]] = [[], []]

    def watch(url: str, heard: list[float]) -> None:
        with httpx.stream("GET", f"{url}{BASE}/stream", headers={"Authorization": f"Bearer {key}"}, timeout=20.0) as answer:
            for line in answer.iter_lines():
                if line.startswith("data: ") and "positions" in line:
                    heard.append(json.loads(line.removeprefix("data: "))["positions"]["mirror_pitch"])
                if len(heard) == 6:
                    return

    with served(api.workplace) as url:
        viewers = [threading.Thread(target=watch, args=(url, heard)) for heard in seen]
        began = time.monotonic()
        for viewer in viewers:
            viewer.start()
        for viewer in viewers:
            viewer.join(20.0)
        seconds = time.monotonic() - began
    assert all(len(heard) == 6 and heard == sorted(set(heard)) for heard in seen)
    assert devices.n_looks <= 10 * seconds + 5, "two viewers must not make the sentinel look twice as often"


@pytest.mark.parametrize("path", [f"{BASE}/safe-stop", f"/api/v1/campaigns/{RUNNING}/safe-stop"])
def test_a_safe_stop_halts_at_once_orders_the_engine_to_stop_and_is_on_record(api: Api, devices: Devices, path: str):
    answer = api.client(Role.OPERATOR).post(path, json={"note": "smoke"})
    assert answer.status_code == 200, answer.text
    done = answer.json()
    assert devices.n_halts == 1
    assert done["campaign"] == RUNNING
    assert done["actions"] == ["sent stop to everything that moves or exposes", "ordered the engine to stop", "stopped all axes"]
    assert 0 <= done["seconds_to_command"] <= done["seconds_to_still"]
    (stop,) = api.workplace.ledger.commands(RUNNING)
    assert (stop.verb, stop.actor, stop.note) == ("stop", "human:the-operator", "safe-stop by human:the-operator: smoke")
    event = api.workplace.ledger.read("system")[-1]
    assert isinstance(event.data, ev.SafeStopped)
    assert (event.actor, event.data.note) == ("human:the-operator", "smoke")


def test_pressed_twice_it_stops_twice_and_orders_once(api: Api, devices: Devices):
    for _ in range(2):
        assert api.client(Role.OPERATOR).post(f"{BASE}/safe-stop").status_code == 200
    assert devices.n_halts == 2
    assert len(api.workplace.ledger.commands(RUNNING)) == 1


def test_what_does_not_run_cannot_be_stopped_and_nothing_else_is(api: Api, devices: Devices):
    answer = api.client(Role.OPERATOR).post(f"/api/v1/campaigns/{CAMPAIGN}/safe-stop")
    assert answer.status_code == 409
    assert "is completed, so nothing of it moves" in answer.json()["detail"]
    assert devices.n_halts == 0
    for unknown in ("last", "night"):
        assert api.client(Role.OPERATOR).post(f"/api/v1/campaigns/{unknown}/safe-stop").status_code == 404


def test_a_campaign_whose_instrument_another_one_drives_does_not_disturb_it(api: Api, devices: Devices):
    shared = make_instrument().model_copy(update={"has_second_connection": True})
    record(api.workplace, Night(instrument=shared).begin(), "night-4")
    answer = api.client(Role.OPERATOR).post("/api/v1/campaigns/night-4/safe-stop")
    assert answer.status_code == 409
    assert "SIM:BL is driven by" in answer.json()["detail"]
    assert devices.n_halts == 0


def test_observers_may_look_and_not_stop(api: Api, devices: Devices):
    assert api.client(Role.OBSERVER).post(f"{BASE}/safe-stop").status_code == 403
    assert devices.n_halts == 0
