"""Campaigns over samples, as the page and scripts see them."""

from collections.abc import Callable

import pytest

from instruments.sample_changer import SampleChanger, SampleChangerSettings
from orchestrator.domain import events as ev
from orchestrator.domain.access import Role
from orchestrator.domain.parts import SampleSkipped, StageEnded, StageStarted
from tests.night import EVENING, chain
from tests.unit.api.conftest import Api, store
from tests.unit.samples.words import spec

WHOLE = "holder-1"
PATH = f"/api/v1/campaigns/{WHOLE}"


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
