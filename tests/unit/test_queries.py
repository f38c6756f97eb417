"""What people ask of a campaign, answered from its ledger events."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain import events as ev
from orchestrator.domain.campaign import Status, TrialStatus
from orchestrator.domain.errors import UnknownCampaign
from orchestrator.domain.folding import fold
from orchestrator.domain.records import Later, Objective
from orchestrator.queries import (
    CampaignRecord,
    dead_figures,
    dead_times,
    overview,
    pareto_front,
    progress,
    read_campaign,
    record_of,
    show_dead,
    show_setting,
    spans,
    table,
    timeline,
)
from orchestrator.wording.numbers import show_number
from tests.builders import BEAM_SIZE, FLUX, Night, campaign_events, make_spec

POINT = {"mirror_pitch": 3.0}


@pytest.fixture(scope="module")
def record() -> CampaignRecord:
    return record_of(campaign_events(), (FLUX,))


def night(**spec: object) -> Night:
    return Night(make_spec(("mirror_pitch",), **spec)).begin()


def recorded(living: Night) -> CampaignRecord:
    return record_of(living.ledger(), living.objectives)


class OneCampaign:
    """A ledger that holds one campaign."""

    def read(self, stream: str) -> tuple[ev.LedgerEvent, ...]:
        events = campaign_events(2)
        return events if stream == events[0].stream else ()


def test_a_record_ends_in_the_folded_state_and_knows_the_head(record):
    assert record.state == fold(record.events, (FLUX,))
    assert record.head == record.events[-1].hash


def test_a_campaign_is_read_from_its_ledger_and_an_unknown_one_is_refused():
    assert read_campaign(OneCampaign(), "beamline-alignment-1", (FLUX,)).state.n_scored == 2
    with pytest.raises(UnknownCampaign, match="no campaign called 'focus-9'; see nightshift list"):
        read_campaign(OneCampaign(), "focus-9", (FLUX,))


def test_each_suggestion_is_kept_with_the_state_it_was_made_in(record):
    for trial in record.trials:
        before = record.state_before(trial.number)
        assert len(before.trials) == trial.number - 1
        assert before.seq == trial.based_on


def test_attempts_say_what_became_of_them(record):
    first, second = record.attempts_at(5)
    assert (first.outcome, second.outcome) == ("repeated", "counts")
    assert first.reason == "beam = 3.1 mA fell below 200 mA during the exposure"
    assert first.observation.breaches[0].interlock == "beam"
    assert record.attempts_at(8) == ()


def test_an_attempt_that_has_not_ended_is_running():
    moving = night()
    trial = moving.suggest(POINT)
    moving.review(trial)
    moving.start(trial)
    (attempt,) = recorded(moving).attempts
    assert (attempt.outcome, attempt.observation) == ("running", None)


def test_an_overview_counts_what_was_suggested_measured_repeated_and_refused(record):
    figures = overview(record)
    assert (figures.status, figures.n_trials, figures.n_counted, figures.n_scored) == (Status.COMPLETED, 13, 12, 12)
    assert (figures.n_vetoed, figures.n_failed, figures.n_attempts, figures.n_repeated) == (1, 0, 13, 1)
    assert figures.exposure_s == pytest.approx(13 * 0.5)
    assert figures.exposure_share == pytest.approx(6.5 / figures.wall_s)
    assert figures.best == record.state.best_trial


def test_wall_time_ends_when_the_campaign_does_whatever_is_noted_later():
    over = night()
    over.whole_trial(POINT, 1.0)
    over.finish()
    before = overview(recorded(over)).wall_s
    over.record(ev.NoteLeft(text="good morning"), "human:jdoe", after=36_000)
    assert overview(recorded(over)).wall_s == before == pytest.approx((over.drafts[-2].at - over.drafts[1].at).total_seconds())


def test_a_campaign_that_never_started_has_no_times():
    figures = overview(record_of(night().ledger()[:1], (FLUX,)))
    assert (figures.wall_s, figures.dead_s, figures.exposure_share, figures.status) == (0.0, None, None, Status.CREATED)


def test_a_held_suggestion_is_the_reason_people_read():
    held = night()
    held.review(held.suggest(POINT), needs_approval=True)
    figures = overview(recorded(held))
    assert (figures.status, figures.reason) == (Status.HELD, "trial 1 waits for approval")


def test_dead_time_runs_from_the_end_of_a_measurement_to_the_next_motion(record):
    gaps = dead_times(record.events)
    assert len(gaps) == 12
    for gap in gaps:
        ended = record.state.trial(gap.after).observation.finished_at
        began = record.state.trial(gap.before).observation.started_at
        if gap.after != gap.before and gap.after != 5 and gap.before != 5:
            assert gap.seconds == pytest.approx((began - ended).total_seconds())


def test_waiting_for_beam_is_no_dead_time_of_ours(record):
    (waited,) = [gap for gap in dead_times(record.events) if gap.seconds is None]
    assert (waited.after, waited.before) == (5, 5)
    assert waited.waited_s == pytest.approx(25.04)
    figures = overview(record)
    assert figures.waiting_s == pytest.approx(25.04)
    assert figures.dead_s == pytest.approx(0.39)


@pytest.mark.parametrize("answer", [ev.TrialApproved(trial=2), ev.TrialVetoed(trial=2)])
def test_waiting_for_a_person_is_no_dead_time_of_ours(answer):
    held = night()
    held.whole_trial(POINT, 1.0)
    held.review(held.suggest(POINT), needs_approval=True)
    held.record(answer, "human:jdoe", after=600)
    if isinstance(answer, ev.TrialApproved):
        held.start(2)
        held.measure(2, {"ion_chamber": 1.0})
    else:
        held.whole_trial(POINT, 1.0)
    (gap,) = dead_times(held.ledger())
    assert gap.seconds is None
    assert gap.waited_s > 600


def test_what_the_engine_recorded_of_a_gap_stands_and_the_rest_was_waiting():
    held = night()
    held.whole_trial(POINT, 1.0)
    held.review(held.suggest(POINT), needs_approval=True)
    held.record(ev.TrialApproved(trial=2), "human:jdoe", after=600)
    held.start(2)
    held.measure(2, {"ion_chamber": 1.0})
    last = held.drafts[-1]
    seen = last.data.observation.model_copy(update={"dead_s": 0.25})
    held.drafts[-1] = last.model_copy(update={"data": last.data.model_copy(update={"observation": seen})})
    (gap,) = dead_times(held.ledger())
    whole_s = (seen.started_at - recorded(held).state.trial(1).observation.finished_at).total_seconds()
    assert (gap.seconds, gap.waited_s) == (0.25, pytest.approx(whole_s - 0.25))
    figures = overview(recorded(held))
    assert (figures.dead_s, figures.dead_p95_s, figures.waiting_s) == (0.25, 0.25, gap.waited_s)
    assert table(recorded(held))[1]["dead [s]"] == 0.25


def test_nineteen_gaps_of_twenty_are_within_the_95_percent_figure():
    figures = dead_figures([0.01 * n for n in range(20, 0, -1)])
    assert (figures.median_s, figures.p95_s) == (pytest.approx(0.105), pytest.approx(0.19))
    assert dead_figures([]) is None
    assert show_dead(figures) == "110 ms, 95 % within 190 ms"
    assert [show_dead(dead_figures(seconds)) for seconds in ([1.44], [])] == ["1.4 s, 95 % within 1.4 s", "–"]


def test_progress_follows_the_best_in_the_goals_direction():
    rising = Night(make_spec(("mirror_pitch",)), (BEAM_SIZE,)).begin()
    for value in (30.0, 20.0, 25.0, 10.0):
        rising.whole_trial(POINT, value)
    points = progress(recorded(rising).trials, BEAM_SIZE)
    assert [point.best for point in points] == [30.0, 20.0, 20.0, 10.0]
    assert [point.is_new_best for point in points] == [True, True, False, True]


def test_progress_uses_the_latest_score_of_a_trial_scored_twice():
    twice = night()
    for value in (3.0, 9.0):
        twice.whole_trial(POINT, value)
    twice.score(2, "the dark current was wrong", flux=1.0)
    assert [point.best for point in progress(recorded(twice).trials, FLUX)] == [3.0, 3.0]


values = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=14)


@given(values)
def test_nothing_on_the_pareto_front_is_beaten_and_everything_else_is(pairs):
    both = Night(make_spec(("mirror_pitch",)), (FLUX, BEAM_SIZE)).begin()
    for high, low in pairs:
        trial = both.suggest(POINT)
        both.review(trial)
        both.start(trial)
        both.measure(trial, {})
        both.score(trial, flux=float(high), beam_size=float(low))
    front = pareto_front(recorded(both).trials, (FLUX, BEAM_SIZE))
    for number, (high, low) in enumerate(pairs, start=1):
        is_beaten = any(h >= high and s <= low and (h, s) != (high, low) for h, s in pairs)
        assert (number in front) != is_beaten


def test_a_front_of_nothing_is_empty():
    assert pareto_front((), (FLUX,)) == ()


def test_the_timeline_names_faults_refusals_and_people_and_skips_the_ordinary(record):
    entries = timeline(record.events)
    assert [(entry.kind, entry.trial) for entry in entries] == [
        ("person", None),
        ("life", None),
        ("repeat", 5),
        ("fault", None),
        ("fault", None),
        ("refusal", 8),
        ("life", None),
    ]
    assert entries[3].what == "interlock beam lost"
    assert entries[5].what == "step-size: veto"


@pytest.mark.parametrize(
    ("data", "kind", "what"),
    [
        (ev.CampaignPaused(reason="lunch"), "person", "paused"),
        (ev.AgentFailed(agent="bayesian", trial=1, reason="slow"), "agent", "agent bayesian failed"),
        (ev.LeaseTaken(lease="campaign", token=2, holder="b", taken_from="a, dead"), "fault", "lease campaign taken over"),
        (ev.InstrumentSecured(cause="recovery", actions=("closed the shutter",)), "fault", "safe state put in force: recovery"),
        (ev.NoteLeft(text="tea"), "person", "note"),
        (ev.TrialVetoed(trial=1, note="late", is_timeout=True), "person", "not approved in time"),
        (ev.TrialFailed(trial=1, reason="no answer"), "fault", "given up"),
    ],
)
def test_each_remarkable_event_has_its_line(data, kind, what):
    remarkable = night()
    remarkable.suggest(POINT)
    remarkable.record(data, "human:jdoe")
    entry = timeline(remarkable.ledger())[-1]
    assert (entry.kind, entry.what) == (kind, what)


def test_a_lease_that_was_free_is_nothing_remarkable():
    free = night()
    free.record(ev.LeaseTaken(lease="campaign", token=1, holder="a"))
    assert [entry.what for entry in timeline(free.ledger())] == ["created", "started"]


def test_spans_cover_measuring_lost_interlocks_and_waiting():
    paused = night()
    trial = paused.suggest(POINT)
    paused.review(trial)
    paused.start(trial)
    paused.dump_beam(trial, {"ion_chamber": 0.0})
    paused.measure(trial, {"ion_chamber": 1.0})
    paused.score(trial, flux=1.0)
    paused.record(ev.CampaignPaused(reason="lunch"))
    paused.record(ev.CampaignResumed(), after=1800)
    found = {span.kind: span.end - span.start for span in spans(recorded(paused))}
    assert found == {
        "repeated": timedelta(seconds=2),
        "measuring": timedelta(seconds=2),
        "interlock": timedelta(seconds=25),
        "waiting": timedelta(seconds=1800),
    }


def test_what_an_analysis_keeps_waiting_is_a_span_when_no_more_may_wait_and_at_the_end():
    later = FLUX.model_copy(update={"later": Later(max_pending=2)})
    slow = Night(make_spec(("mirror_pitch",)), objectives=(later,)).begin()
    for number in (1, 2, 3):
        trial = slow.suggest(POINT)
        slow.review(trial)
        slow.start(trial)
        slow.measure(trial, {"ion_chamber": 1.0})
        slow.record(ev.TrialAwaiting(trial=trial), "rewards")
        if number == 2:
            slow.now += timedelta(seconds=100)
            slow.score(2, flux=1.0)
    slow.now += timedelta(seconds=50)
    slow.score(1, flux=1.0)
    slow.score(3, "the background", flux=2.0)
    found = [(span.label, round((span.end - span.start).total_seconds())) for span in spans(recorded(slow)) if span.kind == "waiting"]
    assert found == [("analysis", 100), ("analysis", 50)]


def test_an_interlock_still_lost_spans_to_the_last_event():
    dark = night()
    dark.record(ev.InterlockLost(interlock="beam", value=0.0))
    dark.record(ev.NoteLeft(text="still dark"), after=60)
    (span,) = spans(recorded(dark))
    assert (span.kind, span.end - span.start) == ("interlock", timedelta(seconds=60))


def test_every_row_of_the_table_has_the_same_columns_in_groups(record):
    rows = table(record)
    columns = list(rows[0])
    assert all(list(row) == columns for row in rows)
    assert columns[:5] == ["trial", "kind", "status", "agent", "role"]
    assert columns.index("setpoint.slit_centre [mm]") < columns.index("readback.mirror_pitch [mrad]") < columns.index("score.flux [nA]")


def test_a_vetoed_row_has_no_readings_but_a_reason(record):
    row = table(record)[7]
    assert row["status"] == str(TrialStatus.VETOED)
    assert row["reading.ion_chamber [nA]"] is None
    assert "step-size: veto" in row["verdicts"]


def test_an_objective_without_a_unit_has_that_of_its_signal():
    bare = Objective(name="flux", goal="maximise")
    [objective] = record_of(campaign_events(2), (bare,)).state.objectives
    assert objective.unit == "nA"


@pytest.mark.parametrize(
    ("value", "sd", "shown"),
    [
        (120.0563, 1.2006, "120.1 ± 1.2 nA"),
        (0.0012345678, 0.000012, "0.001235 ± 0.000012 nA"),
        (1234.6, 250.4, "1230 ± 250 nA"),
        (671608.0, 143448.0, "670000 ± 140000 nA"),
        (3.2e9, 4.1e7, "3.2e+09 ± 4.1e+07 nA"),
        (99.53, 0.996, "99.53 ± 1.00 nA"),
        (3.14159, None, "3.142 nA"),
        (3.14159, 0.0, "3.142 nA"),
        (-1e-12, None, "-1e-12 nA"),
        (12000.0, None, "12000 nA"),
        (-999949.0, None, "-999900 nA"),
        (1.2e6, None, "1.2e+06 nA"),
        (-1e-3, 0.22, "0.00 ± 0.22 nA"),
        (-3.0, 180.0, "0 ± 180 nA"),
        (-0.0, None, "0 nA"),
        (-0.0, 1e-9, "0 ± 1e-09 nA"),
    ],
)
def test_a_number_has_the_digits_its_uncertainty_leaves(value, sd, shown):
    assert show_number(value, sd, "nA") == shown


def test_settings_are_shown_with_their_unit():
    assert show_setting(3.0400001, "mrad") == "3.04 mrad"
    assert show_setting("Al") == "Al"
    assert show_setting(7, "frames") == "7 frames"
