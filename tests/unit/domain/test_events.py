"""Ledger events: canonical JSON, hashes over every column, every name readable again."""

import json
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from orchestrator.domain import events as ev
from orchestrator.domain.access import Role
from orchestrator.domain.records import ObjectiveScore, Score
from tests.builders import AXES, BEAM_SIZE, FLUX, campaign_events, make_instrument, make_spec
from tests.night import EVENING

COLUMNS = {
    "stream": "focus-1",
    "seq": 3,
    "at": "2025-11-20T21:30:00+00:00",
    "actor": "engine",
    "type": "note-left",
    "schema_version": 1,
    "token": 7,
    "data": '{"text":"tea"}',
    "prev_hash": ev.GENESIS,
}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def test_the_hash_covers_every_stored_column_but_itself():
    stored = (set(ev.LedgerEvent.model_fields) | {"type"}) - {"hash"}
    assert set(ev.LedgerEvent.HASHED) == stored


@pytest.mark.parametrize("column", ev.LedgerEvent.HASHED)
def test_a_changed_column_changes_the_hash(column):
    changed = COLUMNS[column] + 1 if isinstance(COLUMNS[column], int) else COLUMNS[column].replace("0", "1") + " "
    assert ev.chain_hash({**COLUMNS, column: changed}) != ev.chain_hash(COLUMNS)


def test_the_hash_does_not_depend_on_the_order_of_columns():
    assert ev.chain_hash(dict(reversed(COLUMNS.items()))) == ev.chain_hash(COLUMNS)


def test_a_hash_never_changes_between_versions():
    assert ev.chain_hash(COLUMNS) == "d7450186808488c169f61be4edb21e610fabd6bdeda152ebebe9314f4edc8330"


def test_the_order_of_a_spaces_parameters_survives_the_ledger():
    names = tuple(sorted(AXES, reverse=True))
    created = ev.CampaignCreated(spec=make_spec(names), instrument=make_instrument(names))
    read_back = ev.decode_data(created.type, ev.encode_data(created))
    assert isinstance(read_back, ev.CampaignCreated)
    assert tuple(read_back.spec.space) == names


@given(json_values)
def test_canonical_json_reads_back_and_is_written_the_same_way_again(content):
    written = ev.canonical_json(content)
    assert json.loads(written) == content
    assert ev.canonical_json(json.loads(written)) == written


def test_canonical_json_sorts_keys_keeps_units_readable_and_refuses_infinities():
    assert ev.canonical_json({"b": 1, "a": "µrad"}) == '{"a":"µrad","b":1}'
    with pytest.raises(ValueError, match="not JSON compliant"):
        ev.canonical_json(float("inf"))


OTHERS = (
    ev.TrialKnown(trial=1, point={"x": 1.0}, score=Score(objectives={"flux": ObjectiveScore(value=3.0)}), source="night.csv, line 2"),
    ev.CampaignAmended(spec=make_spec(budget={"trials": 80}), reason="more beam time"),
    ev.CampaignPaused(reason="lunch"),
    ev.CampaignResumed(reason="back", keeps_positions=False),
    ev.CampaignHeld(reason="mirror_pitch moved from 3.0 to 3.1 mrad outside a trial"),
    ev.CampaignStopped(),
    ev.CampaignAborted(reason="fire drill"),
    ev.CampaignFailed(reason="AgentError: no memory"),
    ev.TrialApproved(trial=1, suggestion_hash="ab", note="go on"),
    ev.TrialVetoed(trial=1, note="nobody answered", is_timeout=True, use_fallback=True),
    ev.TrialAwaiting(trial=1),
    ev.TrialFailed(trial=1, reason="the analysis never answered"),
    ev.StageStarted(sample="A1", stage="align", part="night-1~A1~align"),
    ev.StageEnded(
        sample="A1", stage="align", outcome="succeeded", reason="enough", trials=15, best_point={"x": 0.3}, best_score=7.0, head="ab"
    ),
    ev.SampleSkipped(sample="A4", reason="load failed: no sample at position 4"),
    ev.AgentFailed(agent="bayesian", trial=2, reason="took longer than 120 s"),
    ev.InstrumentSecured(cause="recovery", actions=("closed the shutter",)),
    ev.LeaseTaken(lease="campaign:focus-1", token=2, holder="process 12 on beamline", taken_from="process 11, dead"),
    ev.NoteLeft(text="tea"),
    ev.LoggedIn(name="ada", role=Role.ADMIN, via="link", address="10.0.0.7"),
    ev.LoginRefused(address="10.0.0.8", reason="a key that is unknown", count=3),
    ev.KeyCreated(key_id="abcd2345", name="phone", role=Role.OBSERVER),
    ev.KeyRevoked(key_id="abcd2345", name="phone"),
    ev.AlertSent(campaign="night", rule="held", incident=17, targets=("anna",), ok=True),
    ev.RequestRefused(name="phone", method="POST", path="/api/v1/campaigns/x/stop", reason="needs operator"),
    ev.SafeStopped(campaign="x-1", note="smoke", actions=("stopped all axes",), seconds_to_command=0.1, seconds_to_still=0.4),
)


@pytest.mark.parametrize("data", OTHERS, ids=lambda data: data.type)
def test_an_event_reads_back_and_is_written_the_same_way_again(data):
    payload = ev.encode_data(data)
    assert ev.decode_data(data.type, payload) == data
    assert ev.encode_data(ev.decode_data(data.type, payload)) == payload


def test_every_event_of_a_campaign_reads_back_and_is_written_the_same_way_again():
    for event in campaign_events(objectives=(FLUX, BEAM_SIZE)):
        payload = ev.encode_data(event.data)
        again = ev.decode_data(event.type, payload)
        assert again == event.data
        assert ev.encode_data(again) == payload


def test_the_examples_here_cover_every_event_there_is():
    union, _ = get_args(ev.LedgerData)
    covered = {data.type for data in OTHERS} | {event.type for event in campaign_events()}
    assert covered == {cls.model_fields["type"].default for cls in get_args(union)}


def test_a_ledger_event_survives_its_json():
    for event in campaign_events(6):
        assert ev.LedgerEvent.model_validate_json(event.model_dump_json()) == event


def test_every_event_has_a_name_of_its_own_that_its_class_repeats():
    union, _ = get_args(ev.LedgerData)
    names = [cls.model_fields["type"].default for cls in get_args(union)]
    assert len(set(names)) == len(names)
    for cls, name in zip(get_args(union), names, strict=True):
        assert name.replace("-", "") == cls.__name__.lower()


def test_an_unknown_event_or_field_is_refused():
    with pytest.raises(ValidationError, match="does not match any of the expected tags"):
        ev.decode_data("trial-forgotten", "{}")
    with pytest.raises(ValidationError, match="Extra inputs"):
        ev.decode_data("note-left", '{"text": "tea", "sugar": 2}')


def test_an_observation_with_an_infinite_reading_cannot_become_an_event():
    (measured, *_) = [event.data for event in campaign_events(1) if event.type == "trial-measured"]
    changed = measured.model_dump()
    changed["observation"]["readings"]["ion_chamber"] = float("inf")
    with pytest.raises(ValidationError, match="finite number"):
        ev.TrialMeasured.model_validate(changed)


def test_an_approval_is_bound_to_the_trial_and_to_every_setting():
    bound = ev.suggestion_hash(3, {"x": 1.0, "y": 2.0})
    assert bound == ev.suggestion_hash(3, {"y": 2.0, "x": 1.0})
    assert bound != ev.suggestion_hash(4, {"x": 1.0, "y": 2.0})
    assert bound != ev.suggestion_hash(3, {"x": 1.0, "y": 2.0000001})


def test_a_draft_knows_its_time_in_utc():
    draft = ev.Draft(at=EVENING, actor="engine", data=ev.NoteLeft(text="tea"))
    assert ev.Draft.model_validate_json(draft.model_dump_json()) == draft
    with pytest.raises(ValidationError, match="no time zone"):
        ev.Draft(at=EVENING.replace(tzinfo=None), actor="engine", data=ev.NoteLeft(text="tea"))
