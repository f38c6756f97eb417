"""A campaign's state is a fold over its ledger events: what each event does to it."""

from datetime import timedelta

import pytest

from orchestrator.domain import events as ev
from orchestrator.domain.campaign import Status
from orchestrator.domain.folding import create, evolve, fold
from tests.builders import BEAM_SIZE, FLUX, Night, campaign_events, make_spec

POINT = {"mirror_pitch": 3.0}


def night() -> Night:
    return Night(make_spec(("mirror_pitch",))).begin()


@pytest.mark.parametrize("objectives", [(FLUX,), (BEAM_SIZE,), ()])
def test_folding_everything_is_the_same_as_one_event_after_another(objectives):
    events = campaign_events(objectives=(FLUX, BEAM_SIZE))
    state = create(events[0], objectives)
    for event in events[1:]:
        state = evolve(state, event)
        assert state.seq == event.seq
    assert state == fold(events, objectives)


def test_a_state_is_never_changed_in_place():
    events = campaign_events(4)
    before = fold(events[:-1], (FLUX,))
    copy = fold(events[:-1], (FLUX,))
    evolve(before, events[-1])
    assert before == copy


def test_a_long_campaign_folds_to_the_right_counts():
    long_night = night()
    for number in range(2000):
        long_night.whole_trial(POINT, float(number % 97))
    state = long_night.state()
    assert (state.n_counted, state.n_scored, len(state.trials), state.best) == (2000, 2000, 2000, 97)


def test_a_stream_begins_with_campaign_created_and_has_only_one():
    begun = night()
    with pytest.raises(ValueError, match="first ledger event must be campaign-created, not campaign-started"):
        fold(begun.drafts[1:])
    with pytest.raises(ValueError, match="only be a stream's first event"):
        fold([*begun.drafts, begun.drafts[0]])


def test_a_created_campaign_has_not_started():
    state = fold(night().drafts[:1], (FLUX,))
    assert (state.status, state.seq, state.started_at, state.current) == (Status.CREATED, 1, None, None)


def test_a_started_campaign_knows_when_it_ends_and_where_it_began():
    begun = Night(make_spec(("mirror_pitch",)))
    begun.begin()
    ends_at = begun.now + timedelta(hours=8)
    begun.drafts[-1] = begun.drafts[-1].model_copy(
        update={"data": ev.CampaignStarted(ends_at=ends_at, start_positions={"mirror_pitch": 2.9})}
    )
    state = begun.state()
    assert (state.status, state.ends_at, state.start_positions) == (Status.RUNNING, ends_at, {"mirror_pitch": 2.9})


@pytest.mark.parametrize(
    ("data", "status", "is_final"),
    [
        (ev.CampaignPaused(reason="lunch"), Status.PAUSED, False),
        (ev.CampaignHeld(reason="lunch"), Status.HELD, False),
        (ev.CampaignStopped(reason="lunch"), Status.STOPPED, False),
        (ev.CampaignFailed(reason="lunch"), Status.FAILED, False),
        (ev.CampaignAborted(reason="lunch"), Status.ABORTED, True),
        (ev.CampaignCompleted(reason="lunch"), Status.COMPLETED, True),
    ],
)
def test_a_campaign_ends_or_waits_and_says_why(data, status, is_final):
    over = night()
    over.record(data)
    state = over.state()
    assert (state.status, state.reason, state.status.is_final) == (status, "lunch", is_final)


def test_an_amendment_replaces_the_spec_and_keeps_everything_else():
    amended = night()
    amended.whole_trial(POINT, 1.0)
    before = amended.state()
    spec = make_spec(("mirror_pitch",), budget={"trials": 80})
    amended.record(ev.CampaignAmended(spec=spec, reason="more beam time"), "human:jdoe")
    after = amended.state()
    assert after.spec.budget.trials == 80
    assert (after.status, after.trials) == (before.status, before.trials)


def test_a_resumed_campaign_runs_and_forgets_what_a_person_has_acknowledged():
    resumed = night()
    for _ in range(5):
        resumed.veto(resumed.suggest(POINT), "too far")
    resumed.record(ev.CampaignPaused(reason="five vetoes"))
    assert resumed.state().n_vetoed_in_a_row == 5
    resumed.record(ev.CampaignResumed(reason="limits widened"), "human:jdoe")
    state = resumed.state()
    assert (state.status, state.n_vetoed_in_a_row) == (Status.RUNNING, 0)


def test_positions_survive_a_pause_but_not_a_hold_nor_devices_that_died():
    measured = night()
    measured.whole_trial(POINT, 1.0)
    known = measured.state().last_positions
    assert known is not None

    def after(stop: ev.LedgerData, *, keeps_positions: bool = True):
        return fold([*measured.drafts, *(draft(stop), draft(ev.CampaignResumed(keeps_positions=keeps_positions)))]).last_positions

    def draft(data: ev.LedgerData) -> ev.Draft:
        return ev.Draft(at=measured.now, actor="engine", data=data)

    assert after(ev.CampaignPaused()) == known
    assert after(ev.CampaignHeld(reason="moved by another")) is None
    assert after(ev.CampaignPaused(), keeps_positions=False) is None


def test_interlocks_are_lost_until_they_return():
    dark = night()
    dark.record(ev.InterlockLost(interlock="beam", value=0.0))
    dark.record(ev.InterlockLost(interlock="vacuum"))
    dark.record(ev.InterlockReturned(interlock="beam"))
    assert dark.state().lost_interlocks == {"vacuum"}


@pytest.mark.parametrize(
    "data",
    [
        ev.NoteLeft(text="tea"),
        ev.AgentFailed(agent="bayesian", trial=1, reason="slow"),
        ev.InstrumentSecured(cause="recovery"),
        ev.LeaseTaken(lease="campaign", token=2, holder="process 1"),
    ],
)
def test_a_remark_changes_nothing_but_the_sequence(data):
    begun = night()
    before = begun.state()
    begun.record(data)
    after = begun.state()
    assert after.seq == before.seq + 1
    assert (after.status, after.trials, after.n_counted) == (before.status, before.trials, before.n_counted)
