"""What can be read, through the real application."""

from pathlib import Path

import numpy as np
import pytest

from orchestrator.domain import events as ev
from orchestrator.domain.access import Role
from orchestrator.domain.frames import FrameRef
from orchestrator.domain.ports import Command
from orchestrator.store.holders import this_holder
from tests.builders import campaign_events
from tests.night import BEAM_SIZE, CAMPAIGN, FLUX, Night
from tests.unit.api.conftest import Api, store

BASE = f"/api/v1/campaigns/{CAMPAIGN}"


def read(api: Api, path: str, **query: object) -> dict:
    answer = api.client(Role.OBSERVER).get(path, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_one_call_tells_how_a_campaign_stands(api: Api) -> None:
    status = read(api, BASE)
    assert (status["status"], status["succeeded"], status["is_run"]) == ("completed", True, False)
    assert status["standing"]["word"] == "done"
    assert [parameter["name"] for parameter in status["space"]] == list(api.workplace.ledger.read(CAMPAIGN)[0].data.spec.space)  # type: ignore[union-attr]
    assert status["seq"] == api.workplace.ledger.last_seq(CAMPAIGN)


def test_what_has_not_changed_is_not_sent_again(api: Api) -> None:
    client = api.client(Role.OBSERVER)
    tag = client.get(BASE).headers["etag"]
    again = client.get(BASE, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    store(api.workplace, campaign_events(4), "another-1")
    assert client.get(BASE, headers={"If-None-Match": tag}).status_code == 304


def test_campaigns_are_paged_and_one_made_meanwhile_does_not_disturb(api: Api) -> None:
    for number in range(5):
        store(api.workplace, campaign_events(2), f"night-{number}")
    first = read(api, "/api/v1/campaigns", limit=4)
    store(api.workplace, campaign_events(2), "night-late")
    second = read(api, "/api/v1/campaigns", limit=4, cursor=first["next"])
    listed = [each["campaign"] for page in (first, second) for each in page["campaigns"]]
    assert len(listed) == len(set(listed))
    assert {f"night-{number}" for number in range(5)} <= set(listed)
    assert second["next"] is None
    assert read(api, "/api/v1/campaigns", name="nosuch")["campaigns"] == []
    assert all(each["status"] == "completed" for each in read(api, "/api/v1/campaigns", status="completed")["campaigns"])


def test_a_cursor_that_is_none_of_ours_is_refused_by_value(api: Api) -> None:
    answer = api.client().get("/api/v1/campaigns", params={"cursor": "drop table"})
    assert answer.status_code == 422
    assert "drop table" in answer.json()["detail"]


def test_trials_are_paged_in_order(api: Api) -> None:
    first = read(api, f"{BASE}/trials", limit=5)
    assert [trial["trial"] for trial in first["trials"]] == [1, 2, 3, 4, 5]
    rest = read(api, f"{BASE}/trials", after=first["next"], limit=500)
    assert [trial["trial"] for trial in rest["trials"]] == list(range(6, 14))
    assert rest["next"] is None


def test_a_trial_tells_its_attempts_its_evidence_and_why(api: Api) -> None:
    detail = read(api, f"{BASE}/trials/5")
    assert [attempt["outcome"] for attempt in detail["attempts"]] == ["repeated", "counts"]
    assert detail["evidence"]["predicted"]
    assert "bayesian" in detail["explanation"]
    assert read(api, f"{BASE}/trials/5/explanation")["text"] == detail["explanation"]
    assert detail["units"]["point"]["mirror_pitch"] == "mrad"
    assert detail["units"]["readings"] == {"ion_chamber": "nA", "beam_width": "µm"}
    assert detail["units"]["scores"] == {"flux": "nA"}


def test_an_unknown_trial_is_refused_with_those_there_are(api: Api) -> None:
    unknown = api.client().get(f"{BASE}/trials/99")
    assert unknown.status_code == 404
    assert (
        unknown.json()["detail"]
        == f"campaign {CAMPAIGN} has no trial 99; it has trials 1 to 13; nightshift show {CAMPAIGN} lists the latest"
    )
    assert api.client().get(f"{BASE}/trials/0").status_code == 422


@pytest.mark.parametrize("kind", ["decisions", "observations", "scores", "verdicts", "trials", "events"])
def test_long_lists_are_bounded_and_paged_to_their_end(api: Api, kind: str) -> None:
    assert api.client().get(f"{BASE}/{kind}", params={"limit": 100000}).status_code == 422
    found, after = [], 0
    while after is not None:
        page = read(api, f"{BASE}/{kind}", after=after, limit=7)
        found += page[kind]
        after = page["next"]
    expected = {"decisions": 13, "observations": 12, "scores": 12, "trials": 13, "events": api.workplace.ledger.last_seq(CAMPAIGN)}
    assert len(found) == expected.get(kind, len(found))
    assert found


def test_the_best_come_first(api: Api) -> None:
    best = read(api, f"{BASE}/best", n=3)
    values = [trial["scores"]["flux"]["value"] for trial in best["trials"]]
    assert values == sorted(values, reverse=True)
    assert best["trials"][0]["trial"] == read(api, BASE)["best"]["trial"]


def test_the_pareto_front_of_two_objectives(api: Api) -> None:
    store(api.workplace, campaign_events(10, objectives=(FLUX, BEAM_SIZE)), "two-goals", (FLUX, BEAM_SIZE))
    front = read(api, "/api/v1/campaigns/two-goals/pareto")
    assert front["objectives"] == ["flux", "beam_size"]
    assert 1 <= len(front["trials"]) <= 10


def test_progress_never_gets_worse(api: Api) -> None:
    points = read(api, f"{BASE}/progress")["points"]
    best = [point["best"] for point in points]
    assert best == sorted(best)
    assert len(points) == 12


def test_the_timeline_tells_what_happened_besides_measuring(api: Api) -> None:
    events = read(api, f"{BASE}/timeline")["events"]
    types = [event["type"] for event in events]
    assert types[:2] == ["campaign-created", "campaign-started"]
    assert types[-1] == "campaign-completed"
    assert {"trial-remeasured", "interlock-lost", "interlock-returned", "trial-reviewed"} <= set(types)
    assert not {"trial-suggested", "trial-measured", "trial-scored"} & set(types)
    assert [event["type"] for event in read(api, f"{BASE}/timeline", limit=2)["events"]] == types[-2:]


def test_the_spec_comes_back_as_a_campaign_file(api: Api) -> None:
    answer = api.client().get(f"{BASE}/spec")
    assert answer.headers["content-type"].startswith("text/yaml")
    assert "mirror_pitch" in answer.text
    assert answer.text.startswith("name: beamline-alignment")


def test_the_fleet_shows_the_worst_first(api: Api) -> None:
    store(api.workplace, campaign_events(4, is_finished=False), "deserted-1")
    api.clock.shift = api.workplace.ledger.summaries()[0].updated_at - api.clock()
    fleet = read(api, "/api/v1/fleet")
    assert [card["campaign"] for card in fleet["campaigns"]] == ["deserted-1", CAMPAIGN]
    assert fleet["campaigns"][0]["standing"]["word"] == "nobody runs it"
    assert len(fleet["campaigns"][1]["best_so_far"]) == 12


def test_campaigns_are_compared_side_by_side(api: Api) -> None:
    store(api.workplace, campaign_events(6, seed=3), "other-1")
    compared = read(api, "/api/v1/compare", campaign=[CAMPAIGN, "other-1"])["campaigns"]
    assert [len(each["best_so_far"]) for each in compared] == [12, 6]
    assert api.client().get("/api/v1/compare", params={"campaign": ["x"] * 11}).status_code == 422
    assert api.client().get("/api/v1/compare", params={"campaign": "never-seen"}).status_code == 404


def test_an_image_is_thinned_and_what_was_not_finite_is_left_out(api: Api) -> None:
    image = np.arange(200.0 * 300).reshape(200, 300)
    image[:2] = np.nan
    ref = api.workplace.artefacts.put_array(image)
    night = Night().begin()
    trial = night.suggest({"mirror_pitch": 3.0, "mirror_roll": 0.1, "crystal_pitch": 2.0, "slit_centre": 0.0})
    night.review(trial)
    night.start(trial)
    night.record(ev.TrialMeasured(trial=trial, observation=night.observe(trial, {"ion_chamber": 1.0}, arrays={"camera": ref})))
    store(api.workplace, night.ledger(), "with-image")
    shown = read(api, "/api/v1/campaigns/with-image/trials/1/arrays/camera")
    assert (shown["shape"], shown["shown"]) == ([200, 300], [100, 100])
    assert shown["values"][:100] == [None] * 100
    assert shown["high"] == pytest.approx(image[198:, 297:].mean())
    assert read(api, "/api/v1/campaigns/with-image/trials/1")["trial"]["arrays"] == {"camera": [200, 300]}
    answer = api.client().get("/api/v1/campaigns/with-image/trials/1/arrays/spectrum")
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/unknown-array")
    assert "it has camera" in answer.json()["detail"]
    assert api.client().get("/api/v1/campaigns/with-image/trials/1/arrays/..%2f..%2fetc").status_code in (404, 422)


def test_an_image_in_a_detectors_own_file_is_read_from_there(api: Api, tmp_path: Path) -> None:
    np.save(tmp_path / "cam_0.npy", np.arange(12.0).reshape(3, 4))
    sequence = {"uri": f"file://localhost{tmp_path}", "template": "cam_{:d}.npy", "media_type": "multipart/related;type=application/x-npy"}
    files = {name: (FrameRef(frames=frames, shape=(3, 4), **sequence),) for name, frames in {"cam": (0, 9), "gone": (9, 10)}.items()}
    night = Night().begin()
    trial = night.suggest({"mirror_pitch": 3.0, "mirror_roll": 0.1, "crystal_pitch": 2.0, "slit_centre": 0.0})
    night.review(trial)
    night.start(trial)
    night.record(ev.TrialMeasured(trial=trial, observation=night.observe(trial, {"ion_chamber": 1.0}, files=files)))
    store(api.workplace, night.ledger(), "with-files")
    shown = read(api, "/api/v1/campaigns/with-files/trials/1/arrays/cam")
    assert (shown["shape"], shown["high"], shown["artefact"]) == ([3, 4], 11.0, None)
    assert shown["files"][0]["template"] == "cam_{:d}.npy"
    answer = api.client().get("/api/v1/campaigns/with-files/trials/1/arrays/gone")
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/unknown-array")
    assert "there is no file" in answer.json()["detail"]
    api.workplace.frames.close()


def test_a_command_in_the_inbox_and_a_runner_that_dies_are_news(api: Api) -> None:
    store(api.workplace, campaign_events(4, is_finished=False), "running-1")
    client, path = api.client(), "/api/v1/campaigns/running-1"
    lease = api.workplace.ledger.acquire("campaign:running-1", this_holder(), ttl=60.0)
    first = client.get(path)
    assert first.json()["is_run"]
    assert client.get(path, headers={"If-None-Match": f'"older", {first.headers["etag"]}'}).status_code == 304
    api.workplace.ledger.send(Command(id=0, campaign="running-1", at=api.clock(), actor="human:ann", verb="pause"))
    second = client.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (second.status_code, second.json()["n_commands"]) == (200, 1)
    api.workplace.ledger.release(lease)
    api.app.state.services.runners._known.clear()  # half a second later
    third = client.get(path, headers={"If-None-Match": second.headers["etag"]})
    assert third.json()["standing"]["word"] == "nobody runs it"


def test_ids_that_could_be_paths_are_no_ids(api: Api) -> None:
    for odd in ("..%2f..%2fetc%2fpasswd", "%00", "a" * 200, "night one", "-rf"):
        assert api.client().get(f"/api/v1/campaigns/{odd}").status_code in (404, 422)
    answer = api.client().get("/api/v1/campaigns/never-seen")
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/unknown-campaign")
    assert answer.json()["detail"] == "no campaign is called 'never-seen' here; see nightshift list, or GET /api/v1/campaigns"


def test_an_address_that_is_none_and_a_body_that_is_none_are_named_in_plain_words(api: Api) -> None:
    client = api.client(Role.OPERATOR)
    nowhere = client.get("/api/v1/nowhere").json()
    assert (nowhere["type"], nowhere["detail"]) == ("/problems/not-found", "there is no GET /api/v1/nowhere; see /api/docs")
    assert client.delete("/api/v1/fleet").json()["type"] == "/problems/method-not-allowed"
    torn = client.post("/api/v1/campaigns", content="{", headers={"Content-Type": "application/json"}).json()
    assert torn["detail"] == "body.1: no JSON: Expecting property name enclosed in double quotes"
    typo = client.post("/api/v1/campaigns", json={"spce": "name: x"}).json()
    assert typo["problems"] == ["body.spec: required and missing; add it", 'body.spce: unknown key; correct or remove it, not "name: x"']
    assert client.get("/api/v1/campaigns?limit=0").json()["detail"] == 'query.limit: must be at least 1; write a larger value, not "0"'
