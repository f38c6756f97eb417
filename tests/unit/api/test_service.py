"""Health, metrics and the log of requests."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog
from prometheus_client.parser import text_string_to_metric_families

from orchestrator import telemetry
from orchestrator.domain.access import Role
from orchestrator.domain.errors import LedgerUnusable
from orchestrator.domain.ports import Command
from tests.builders import campaign_events
from tests.night import CAMPAIGN
from tests.unit.api.conftest import Api

ROOT = Path(__file__).resolve().parents[3]


def samples(api: Api) -> dict[tuple[str, ...], float]:
    """Return every sample by its name and its labels' values, labels in alphabetical order."""
    answer = api.client(Role.OBSERVER).get("/metrics")
    assert answer.status_code == 200, answer.text
    families = text_string_to_metric_families(answer.text)
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


@pytest.fixture
def api_tonight(api: Api) -> Api:
    """The same ledger, seen in the night its campaign was recorded."""
    api.clock.shift = campaign_events(12)[-1].at + timedelta(minutes=5) - datetime.now(UTC)
    return api


def test_a_process_that_lives_says_so_to_anybody_and_is_ready_while_its_ledger_answers(api: Api, monkeypatch) -> None:
    anybody = api.client(None)
    assert anybody.get("/healthz").json() == anybody.get("/readyz").json() == {"status": "ok"}

    def unreachable(_stream: str) -> int:
        raise LedgerUnusable("the database does not answer; start it")

    monkeypatch.setattr(api.workplace.ledger, "last_seq", unreachable)
    assert anybody.get("/healthz").status_code == 200
    refused = anybody.get("/readyz")
    assert (refused.status_code, refused.json()["type"]) == (503, "/problems/ledger-unusable")


def test_metrics_take_a_key(api: Api) -> None:
    assert api.client(None).get("/metrics").status_code == 401


def test_metrics_tell_how_the_campaigns_of_the_last_day_stand(api_tonight: Api) -> None:
    api_tonight.workplace.ledger.send(Command(id=0, campaign=CAMPAIGN, at=datetime.now(UTC), actor="human:a", verb="note"))
    found = samples(api_tonight)
    assert found["nightshift_trials", CAMPAIGN, "scored"] == 12
    assert found["nightshift_trials", CAMPAIGN, "vetoed"] == 1
    assert found["nightshift_campaign_status", CAMPAIGN, "beamline-alignment", "completed"] == 1
    assert found["nightshift_campaign_status", CAMPAIGN, "beamline-alignment", "running"] == 0
    assert found["nightshift_runner_alive", CAMPAIGN] == 0
    assert found["nightshift_commands_waiting", CAMPAIGN] == 1
    assert found["nightshift_verdicts_total", "veto", CAMPAIGN, "step-size"] == 1
    assert found["nightshift_repeated_attempts_total", CAMPAIGN] == 1
    assert found["nightshift_interlock_holds", CAMPAIGN, "beam"] == 1
    assert found["nightshift_budget_spent_ratio", "trials", CAMPAIGN] == 1
    assert found["nightshift_instrument_lease_held", CAMPAIGN, "SIM:BL"] == 0
    assert found["nightshift_ask_seconds", CAMPAIGN] == pytest.approx(0.33)
    assert found["nightshift_dead_seconds", CAMPAIGN] > 0
    assert found["nightshift_stream_viewers",] == 0


def test_campaigns_of_other_days_have_no_series(api: Api) -> None:
    assert not [key for key in samples(api) if CAMPAIGN in key]


def test_requests_are_measured_by_route_and_not_by_address(api: Api) -> None:
    client = api.client()
    client.get(f"/api/v1/campaigns/{CAMPAIGN}")
    client.get("/api/v1/campaigns/no-such-campaign")
    client.get("/wp-login.php")
    found = samples(api)
    counted = {key[1:]: value for key, value in found.items() if key[0] == "nightshift_request_seconds_count"}
    assert counted["GET", "/api/v1/campaigns/{campaign}", "200"] == 1
    assert counted["GET", "/api/v1/campaigns/{campaign}", "404"] == 1
    assert counted["GET", "none", "404"] == 1


def test_every_figure_of_the_dashboard_and_of_the_rules_is_exported(api_tonight: Api) -> None:
    api_tonight.client(None).get("/healthz")
    exported = {key[0] for key in samples(api_tonight)}
    for file in ("deploy/grafana/nightshift.json", "docs/how-to/monitor-with-grafana.md"):
        named = set(re.findall(r"\b(?:nightshift|process)_[a-z0-9_]+", (ROOT / file).read_text(encoding="utf-8")))
        assert named
        assert named <= exported, file


@pytest.fixture
def json_lines(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Log as a service does, and return what was logged since."""
    before = structlog.get_config()
    monkeypatch.setenv("NIGHTSHIFT_LOG", "json")
    telemetry.log_to_stderr()
    yield lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    structlog.contextvars.clear_contextvars()
    structlog.configure(**before)


def test_a_request_is_one_line_with_its_route_caller_and_campaign_and_without_secrets(api: Api, json_lines) -> None:
    api.client().get(f"/api/v1/campaigns/{CAMPAIGN}/trials/3?token=hush")
    (line,) = [line for line in json_lines() if line["event"] == "request"]
    assert line["route"] == "/api/v1/campaigns/{campaign}/trials/{trial}"
    assert (line["method"], line["status"], line["caller"]) == ("GET", 422, "the-observer")
    assert (line["campaign"], line["trial"]) == (CAMPAIGN, "3")
    assert line["ms"] > 0
    assert "hush" not in json.dumps(line)
    assert api.secrets[Role.OBSERVER] not in json.dumps(line)


def test_what_an_engine_records_is_logged_with_campaign_and_trial(json_lines) -> None:
    events = campaign_events(2)
    telemetry.log_recorded(events)
    assert json_lines() == [], "a person at a terminal is shown it already"
    telemetry.begin_campaign(CAMPAIGN)
    telemetry.log_recorded(events)
    structlog.get_logger().warning("the disk is slow")
    lines = json_lines()
    assert [line["event"] for line in lines[:-1]] == [event.type for event in events]
    assert {line["campaign"] for line in lines} == {CAMPAIGN}
    assert lines[-1]["trial"] == 2


def test_on_a_terminal_routine_is_left_out(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    before = structlog.get_config()
    monkeypatch.setenv("NIGHTSHIFT_LOG", "text")
    telemetry.log_to_stderr()
    try:
        telemetry.begin_campaign(CAMPAIGN)
        telemetry.log_recorded(campaign_events(2))
        said = capsys.readouterr().err
    finally:
        structlog.contextvars.clear_contextvars()
        structlog.configure(**before)
    assert "campaign-completed" in said
    assert "trial-measured" not in said
