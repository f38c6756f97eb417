"""Campaigns over samples, as the page and scripts see them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from instruments.sample_changer import SampleChanger, SampleChangerSettings
from orchestrator.domain import events as ev
from orchestrator.domain.access import Role
from orchestrator.domain.parts import SampleSkipped, StageEnded, StageStarted
from orchestrator.engine.book import Book
from orchestrator.store.holders import this_holder
from orchestrator.testing.fakes import FakeClock
from tests.night import EVENING, FLUX, Night, chain, make_spec
from tests.unit.api.conftest import Api, store
from tests.unit.samples.words import spec

WHOLE = "holder-1"
PATH = f"/api/v1/campaigns/{WHOLE}"
POINT = {"mirror_pitch": 3.0, "mirror_roll": 0.1, "crystal_pitch": 2.0, "slit_centre": 0.0}


@pytest.fixture
def api(make_api: Callable[..., Api]) -> Api:
    made = make_api()
    described = SampleChanger(SampleChangerSettings()).describe()
    told = (
        ev.CampaignCreated(spec=spec(), instrument=described),
        ev.CampaignStarted(),
        StageStarted(sample="A1", stage="load", part=f"{WHOLE}~A1~load"),
        StageEnded(sample="A1", stage="load", outcome="failed", reason="no sample at position 1", trials=1),
        SampleSkipped(sample="A1", reason="load failed: no sample at position 1"),
        StageStarted(sample="A2", stage="load", part=f"{WHOLE}~A2~load"),
    )
    store(made.workplace, chain([ev.Draft(at=EVENING, actor="engine", data=data) for data in told]), WHOLE, objectives=())
    return made


def test_the_status_tells_what_became_of_every_sample(api: Api):
    status = api.client().get(PATH).json()
    first, second, third = status["samples"]
    assert first["why"] == "load failed: no sample at position 1"
    assert [cell["outcome"] for cell in first["stages"]] == ["failed", "not run", "not run"]
    assert [cell["outcome"] for cell in second["stages"]] == ["running", "to come", "to come"]
    assert (third["sample"], third["position"], third["why"]) == ("A3", "3", "")
    assert "skip" in status["allowed"]
    assert status["budget"] is None


@pytest.mark.parametrize("page", ["progress", "best", "timeline", "trials", "awaiting", "spec", "table", "report", "decisions", "pareto"])
def test_every_page_of_it_can_be_read(api: Api, page: str):
    assert api.client().get(f"{PATH}/{page}").status_code == 200


def test_a_sample_is_skipped_by_an_operator_and_not_twice(api: Api):
    answer = api.client(Role.OPERATOR).post(f"{PATH}/samples/A3/skip", json={"note": "cracked"})
    assert answer.status_code == 200
    assert api.client().get(PATH).json()["samples"][2]["why"] == "cracked"
    again = api.client(Role.OPERATOR).post(f"{PATH}/samples/A3/skip", json={})
    assert (again.status_code, again.json()["detail"]) == (409, "A3 was left already: cracked")
    assert api.client(Role.OBSERVER).post(f"{PATH}/samples/A2/skip", json={}).status_code == 403


PART = f"{WHOLE}~A2~load"


@contextmanager
def driven(api: Api, part: Night) -> Iterator[Any]:
    """Have the second sample's part be what somebody drives, and yield the whole's status."""
    store(api.workplace, part.ledger(), PART)
    lease = api.workplace.ledger.acquire(f"campaign:{WHOLE}", this_holder(), ttl=60.0)
    yield api.client().get(PATH).json()
    api.workplace.ledger.release(lease)


def test_a_suggestion_of_a_part_that_waits_for_a_person_waits_on_the_page_of_the_whole_and_on_the_start_page(api: Api):
    part = Night(make_spec(approval={"mode": "always"})).begin()
    part.review(part.suggest(POINT), needs_approval=True)
    with driven(api, part) as status:
        [card] = api.client().get("/api/v1/fleet").json()["campaigns"]
    assert (status["standing"]["level"], status["waiting"]["campaign"]) == ("attention", PART)
    assert status["standing"]["sentence"] == "A2 is in load, sample 2 of 3. Trial 1 waits for your approval."
    assert (card["waiting"], card["standing"]) == (True, status["standing"])
    assert card["night"]["part"]["sample"] == "A2"


def test_a_beam_that_a_part_has_lost_is_lost_on_the_page_of_the_whole(api: Api):
    part = Night(make_spec()).begin()
    part.record(ev.InterlockLost(interlock="beam", value=3.1), "instrument")
    with driven(api, part) as status:
        pass
    assert (status["standing"]["word"], status["interlocks"]) == ("beam lost", {"beam": False})


def test_whoever_asks_again_is_told_anew_once_the_part_did_something(api: Api):
    part = Night(make_spec()).begin()
    with driven(api, part):
        tag = api.client().get(PATH).headers["ETag"]
        assert api.client().get(PATH, headers={"If-None-Match": tag}).status_code == 304
        lease = api.workplace.ledger.acquire(f"campaign:{PART}", this_holder(), ttl=60.0)
        book = Book(PART, api.workplace.ledger, lease, FakeClock(), (FLUX,))
        book.reload()
        book.record(ev.NoteLeft(text="looks fine"))
        book.flush()
        assert api.client().get(PATH, headers={"If-None-Match": tag}).status_code == 200


def test_the_night_is_told_in_numbers_before_its_part_has_begun_to_write(api: Api):
    night = api.client().get(PATH).json()["night"]
    assert (night["n_samples"], night["n_skipped"], night["n_parts"], night["n_ended"], night["part"]) == (3, 1, 7, 1, None)
    assert api.client().get(PATH).json()["samples"][1]["best"] is None
