"""Slices, reports and tables are made by processes of their own, which may die, hang or be asked twice."""

import csv
import io
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agents.bayesian import BayesianAgent
from orchestrator.api.app import build_app
from orchestrator.api.querying.questions import AskReport, AskTable
from orchestrator.api.querying.worker import QueryWorker, start_query_worker
from orchestrator.api.security.keys import new_key
from orchestrator.api.services import Services
from orchestrator.bootstrap import Workplace, open_workplace
from orchestrator.domain.access import Role
from orchestrator.domain.errors import NightshiftError, Overloaded, UnknownCampaign
from orchestrator.domain.space import Continuous, Space
from orchestrator.queries import slices
from tests.builders import campaign_events, flux
from tests.modelled import AXES, POINTS, history, modelled_night
from tests.night import CAMPAIGN, FLUX, Night
from tests.unit.api.conftest import Api, ApiClock, store

BASE = f"/api/v1/campaigns/{CAMPAIGN}"


@pytest.fixture(scope="module")
def night() -> Night:
    return modelled_night()


@pytest.fixture(scope="module")
def nightly(tmp_path_factory: pytest.TempPathFactory, night: Night) -> Iterator[Api]:
    """An application whose ledger holds that night, and one of an agent without a model; its workers are started once."""
    with open_workplace(f"sqlite:///{tmp_path_factory.mktemp('nightly') / 'ledger.db'}") as opened:
        store(opened, night.ledger(), CAMPAIGN)
        store(opened, campaign_events(5, n_initial=99, agent="random"), "random-1")
        key, secret = new_key("ann", Role.OBSERVER, created_by="human:test", now=datetime.now(UTC), days=1)
        opened.access.add_key(key)
        services = Services(opened, opened.access, b"s" * 32)
        yield Api(build_app(services), opened, ApiClock(), {Role.OBSERVER: secret})
        services.queries.close()


def expected(night: Night, trial: int, point: dict[str, float]) -> tuple[float, float]:
    """Return what the agent itself says of a point, shown what came before a trial."""
    before = Night(night.spec, drafts=night.drafts[: night.state().trial(trial).based_on])
    beliefs = BayesianAgent(BayesianAgent.Settings()).posterior(history(before), night.state().trial(trial).evidence)
    mean, sd = beliefs.predict([point])["flux"]
    return mean[0], sd[0]


def test_a_slice_shows_what_the_model_of_that_trial_believed(nightly: Api, night: Night) -> None:
    for trial in (6, 9, 7):  # later, then earlier again: each from the history before it
        answer = nightly.client().get(f"{BASE}/posterior", params={"x": "slit_centre", "n": 9, "trial": trial, "held_at": "suggested"})
        assert answer.status_code == 200, answer.text
        drawn = answer.json()
        assert drawn["trial"] == trial
        assert (drawn["x"][0], drawn["x"][-1]) == (-2.0, 2.0)
        assert drawn["others"] == {name: night.points[trial][name] for name in AXES[:2]}
        for index in (0, 4, 8):
            at = {**night.points[trial], "slit_centre": drawn["x"][index]}
            assert (drawn["mean"][index], drawn["sd"][index]) == pytest.approx(expected(night, trial, at))


def test_a_map_is_laid_out_row_by_row_of_y_and_held_at_the_best_point_then(nightly: Api, night: Night) -> None:
    drawn = nightly.client().get(f"{BASE}/posterior", params={"x": "mirror_pitch", "y": "mirror_roll", "n": 4}).json()
    assert drawn["trial"] == 9
    best = max(range(1, 9), key=lambda number: flux(night.points[number]))
    assert drawn["others"] == {"slit_centre": night.points[best]["slit_centre"]}
    at = {"mirror_pitch": drawn["x"][3], "mirror_roll": drawn["y"][1], "slit_centre": drawn["others"]["slit_centre"]}
    assert drawn["mean"][1 * 4 + 3] == pytest.approx(expected(night, 9, at)[0])
    assert len(drawn["sd"]) == 16


@pytest.mark.parametrize(
    ("query", "status", "named"),
    [
        ({"trial": 2}, 409, "without a model"),
        ({"trial": 99}, 404, "has no trial 99"),
        ({"objective": "speed"}, 422, "flux"),
        ({"x": "nosuch"}, 422, "mirror_pitch, mirror_roll, slit_centre"),
        ({"x": "mirror_pitch", "y": "mirror_pitch"}, 422, "name two parameters"),
        ({"x": "mirror_pitch", "y": "mirror_roll", "n": 61}, 422, "3600"),
        ({"n": 1}, 422, "n"),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_a_reason(nightly: Api, query: dict, status: int, named: str) -> None:
    answer = nightly.client().get(f"{BASE}/posterior", params=query)
    assert (answer.status_code, named in answer.json()["detail"]) == (status, True), answer.text


def test_an_agent_without_a_model_has_nothing_to_draw(nightly: Api) -> None:
    answer = nightly.client().get("/api/v1/campaigns/random-1/posterior")
    assert answer.status_code == 409
    assert "the random agent has recorded no model" in answer.json()["detail"]


def test_the_report_of_a_running_campaign_runs_nothing_and_is_sent_once(nightly: Api) -> None:
    client = nightly.client()
    answer = client.get(f"{BASE}/report")
    assert answer.status_code == 200, answer.text
    assert "beamline-alignment" in answer.text
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "script-src" not in policy
    assert client.get(f"{BASE}/report", headers={"If-None-Match": answer.headers["etag"]}).status_code == 304
    assert client.get("/api/v1/campaigns/never-seen/report").status_code == 404


def test_the_table_has_a_row_for_every_trial(nightly: Api) -> None:
    rows = list(csv.DictReader(io.StringIO(nightly.client().get(f"{BASE}/table").text)))
    assert [int(row["trial"]) for row in rows] == list(range(1, 10))
    assert float(rows[3]["score.flux [nA]"]) == pytest.approx(flux(POINTS[3]))


@pytest.fixture
def workplace(tmp_path: Path) -> Iterator[Workplace]:
    with open_workplace(f"sqlite:///{tmp_path / 'ledger.db'}") as opened:
        store(opened, campaign_events(3), CAMPAIGN, (FLUX,))
        yield opened


def test_a_worker_that_died_is_replaced_and_what_it_finds_wrong_is_passed_on(workplace: Workplace) -> None:
    started = []

    def start():
        started.append(start_query_worker(workplace.address))
        return started[-1]

    worker = QueryWorker(start, patience=30.0, n_kept=4)
    first = worker.ask(AskTable(CAMPAIGN, 20))
    started[0].process.kill()
    started[0].process.wait()
    assert worker.ask(AskTable(CAMPAIGN, 20)) is first
    assert len(started) == 1
    assert worker.ask(AskTable(CAMPAIGN, 8)) != first
    assert len(started) == 2
    with pytest.raises(UnknownCampaign, match="never-seen"):
        worker.ask(AskTable("never-seen", 5))
    assert len(started) == 2
    worker.close()
    assert not started[1].is_alive


def test_equal_questions_asked_at_once_are_answered_once(workplace: Workplace) -> None:
    worker = QueryWorker(lambda: start_query_worker(workplace.address), patience=30.0, n_kept=4)
    answers: list[object] = []
    threads = [threading.Thread(target=lambda: answers.append(worker.ask(AskTable(CAMPAIGN, 20)))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    worker.close()
    assert len(answers) == 4
    assert len({id(answer) for answer in answers}) == 1


def test_a_worker_that_hangs_is_given_up_and_ended(workplace: Workplace) -> None:
    child = start_query_worker(workplace.address)
    worker = QueryWorker(lambda: child, patience=0.01, n_kept=4)
    with pytest.raises(Overloaded, match=r"longer than 0\.01 s"):
        worker.ask(AskReport(CAMPAIGN, 20))
    assert not child.is_alive


def test_a_ledger_that_cannot_be_opened_is_named_to_whoever_asks(tmp_path: Path) -> None:
    worker = QueryWorker(lambda: start_query_worker(f"sqlite:///{tmp_path / 'nosuch.db'}"), patience=30.0, n_kept=4)
    with pytest.raises(NightshiftError, match="there is no ledger"):
        worker.ask(AskTable(CAMPAIGN, 5))
    worker.close()


def test_what_is_drawn_along_a_logarithmic_parameter_is_spread_over_its_decades():
    space = Space(parameters={"flow": Continuous(limits=(0.01, 100.0), scale="log")})
    assert slices._along(space, "flow", 5) == pytest.approx((0.01, 0.1, 1.0, 10.0, 100.0))
