"""The lives a trial can have."""

from datetime import timedelta

import pytest

from orchestrator.domain import events as ev
from orchestrator.domain.campaign import Status, TrialStatus
from orchestrator.domain.dose import DoseRule
from orchestrator.domain.records import Answer, Evidence, TrialKind, Verdict
from tests.builders import Night, make_instrument, make_spec

POINT = {"mirror_pitch": 3.0}
ELSEWHERE = {"mirror_pitch": 3.1}


def night() -> Night:
    return Night(make_spec(("mirror_pitch",))).begin()


def statuses(living: Night) -> list[TrialStatus]:
    return [trial.status for trial in living.state().trials]


def test_an_undisturbed_trial_is_suggested_reviewed_started_measured_and_scored():
    calm = night()
    seen = []
    trial = calm.suggest(POINT, Evidence(reason="first"))
    for step in (
        lambda: None,
        lambda: calm.review(trial),
        lambda: calm.start(trial),
        lambda: calm.measure(trial, {"ion_chamber": 2.0}),
        lambda: calm.score(trial, flux=2.0),
    ):
        step()
        state = calm.state()
        seen.append((str(state.trial(1).status), state.open_trial))
    assert seen == [("suggested", 1), ("ready", 1), ("started", 1), ("measured", 1), ("scored", None)]
    done = calm.state().trial(1)
    assert (done.attempt, done.evidence.reason, done.is_pending) == (1, "first", False)
    assert done.verdicts == (), "verdicts that simply allow stay in the ledger"


def test_trials_are_numbered_without_gaps():
    gap = night()
    gap.n_trials = 4
    gap.suggest(POINT)
    with pytest.raises(ValueError, match="trial 5 was suggested but trial 1 comes next"):
        gap.state()


@pytest.mark.parametrize("answer", [Answer.VETO, Answer.PAUSE, Answer.STOP])
def test_a_refused_suggestion_is_never_measured_and_keeps_the_reason(answer):
    refused = night()
    verdicts = (Verdict(guardian="limits", answer=Answer.ALLOW), Verdict(guardian="step-size", answer=answer, reason="too far"))
    refused.review(refused.suggest(POINT), *verdicts)
    state = refused.state()
    assert (state.trial(1).status, state.trial(1).note, state.current) == (TrialStatus.VETOED, "too far", None)
    assert state.n_counted == 0


def test_five_vetoes_in_a_row_are_counted_and_a_start_ends_the_row():
    refused = night()
    counts = []
    for number in range(6):
        trial = refused.suggest(POINT)
        if number == 4:
            refused.review(trial)
            refused.start(trial)
            counts.append(refused.state().n_vetoed_in_a_row)
            refused.measure(trial, {"ion_chamber": 1.0})
            refused.score(trial, flux=1.0)
        else:
            refused.veto(trial, "too far")
            counts.append(refused.state().n_vetoed_in_a_row)
    assert counts == [1, 2, 3, 4, 0, 1]


@pytest.mark.parametrize("because", ["approval", "guardian"])
def test_a_held_suggestion_waits_for_a_person_and_the_campaign_shows_it(because):
    held = night()
    trial = held.suggest(POINT)
    if because == "approval":
        held.review(trial, needs_approval=True)
    else:
        held.review(trial, Verdict(guardian="step-size", answer=Answer.HOLD, reason="a long way"))
    state = held.state()
    assert state.is_waiting_for_approval
    assert (state.status, state.shown_status, state.trial(1).waiting_since) == (Status.RUNNING, Status.HELD, held.now)
    held.record(ev.TrialApproved(trial=trial, note="go on"), "human:jdoe", after=60)
    state = held.state()
    assert (state.trial(1).status, state.trial(1).note, state.shown_status) == (TrialStatus.READY, "go on", Status.RUNNING)


def test_a_person_may_veto_and_ask_for_the_fallback_once():
    refused = night()
    trial = refused.suggest(POINT)
    refused.review(trial, needs_approval=True)
    refused.record(ev.TrialVetoed(trial=trial, note="near the edge", use_fallback=True), "human:jdoe")
    state = refused.state()
    assert (state.trial(1).status, state.fallback_next, state.n_counted, state.n_vetoed_in_a_row) == (TrialStatus.VETOED, True, 0, 1)
    refused.suggest(ELSEWHERE, agent="sobol", role="fallback")
    assert not refused.state().fallback_next


def test_a_contaminated_attempt_is_repeated_on_record_and_its_exposure_counts():
    dumped = night()
    trial = dumped.suggest(POINT)
    dumped.review(trial)
    dumped.start(trial)
    dumped.dump_beam(trial, {"ion_chamber": 0.1})
    state = dumped.state()
    assert (state.trial(1).status, state.trial(1).attempt, state.trial(1).n_rejected, state.trial(1).n_tries) == (
        TrialStatus.STARTED,
        2,
        1,
        2,
    )
    assert state.trial(1).observation is None
    dumped.measure(trial, {"ion_chamber": 5.0})
    dumped.score(trial, flux=5.0)
    state = dumped.state()
    assert state.trial(1).observation.attempt == 2
    assert state.exposure_s == 2 * dumped.spec.measure.exposure
    assert len(state.trials) == 1


def test_an_attempt_whose_fate_is_unknown_is_a_try_but_no_rejected_reading():
    lost = night()
    trial = lost.suggest(POINT)
    lost.review(trial)
    lost.start(trial)
    lost.record(ev.TrialRemeasured(trial=trial, attempt=1, reason="the runner died"))
    state = lost.state()
    assert (state.trial(1).status, state.trial(1).n_rejected, state.trial(1).n_tries) == (TrialStatus.READY, 0, 1)
    lost.record(ev.CampaignHeld(reason="look at it"))
    lost.record(ev.CampaignResumed())
    assert lost.state().trial(1).n_tries == 0


def test_an_attempt_that_broke_counts_as_exposed_to_its_end():
    dosed = make_instrument().model_copy(update={"dose": DoseRule(factor=4.0, unit="kGy")})
    lost = Night(make_spec(("mirror_pitch",)), instrument=dosed).begin()
    trial = lost.suggest(POINT)
    lost.review(trial)
    lost.start(trial)
    lost.record(ev.TrialRemeasured(trial=trial, attempt=1, reason="the detector did not answer"))
    exposure = lost.spec.measure.exposure
    assert (lost.state().exposure_s, lost.state().dose) == (exposure, 4.0 * exposure), "the sample may have had all of it"
    lost.start(trial)
    lost.record(ev.TrialRemeasured(trial=trial, attempt=2, reason="the beam is gone", is_refused=True))
    assert lost.state().dose == 4.0 * exposure, "refused, nothing moved"


def test_while_an_attempt_moves_nobody_knows_where_the_axes_are():
    moving = night()
    moving.whole_trial(POINT, 1.0)
    assert moving.state().last_positions == moving.state().trial(1).observation.readback
    trial = moving.suggest(ELSEWHERE)
    moving.review(trial)
    moving.start(trial)
    assert moving.state().last_positions is None


def test_analysis_may_answer_late_and_in_any_order():
    late = night()
    for point in (POINT, ELSEWHERE, POINT):
        trial = late.suggest(point)
        late.review(trial)
        late.start(trial)
        late.measure(trial, {"ion_chamber": 1.0})
        late.record(ev.TrialAwaiting(trial=trial), "rewards")
    state = late.state()
    assert (state.awaiting, state.current, state.n_scored) == ({1, 2, 3}, None, 0)
    assert all(trial.is_pending for trial in state.trials)
    late.score(3, flux=1.0)
    late.score(1, flux=7.0)
    state = late.state()
    assert (state.awaiting, state.best, state.n_scored) == ({2}, 1, 2)


def test_an_answer_that_comes_while_another_trial_is_busy_leaves_it_busy():
    late = night()
    first = late.suggest(POINT)
    late.review(first)
    late.start(first)
    late.measure(first, {"ion_chamber": 1.0})
    late.record(ev.TrialAwaiting(trial=first), "rewards")
    second = late.suggest(ELSEWHERE)
    late.score(first, flux=1.0)
    assert late.state().open_trial == second


def test_an_analysis_that_never_answers_fails_its_trial_and_leaves_the_busy_one_busy():
    late = night()
    first = late.suggest(POINT)
    late.review(first)
    late.start(first)
    late.measure(first, {"ion_chamber": 1.0})
    late.record(ev.TrialAwaiting(trial=first), "rewards")
    second = late.suggest(ELSEWHERE)
    late.record(ev.TrialFailed(trial=first, reason="no answer in 600 s"), "rewards")
    state = late.state()
    assert (state.open_trial, state.awaiting, state.trial(first).status) == (second, frozenset(), TrialStatus.FAILED)
    assert state.n_counted == 2


def test_a_trial_given_up_before_its_start_does_not_count_against_the_budget():
    given_up = night()
    trial = given_up.suggest(POINT)
    given_up.review(trial)
    given_up.record(ev.TrialFailed(trial=trial, reason="the time was over"))
    assert (given_up.state().n_counted, statuses(given_up)) == (0, [TrialStatus.FAILED])


@pytest.mark.parametrize("kind", [kind for kind in TrialKind if not (kind.is_scored or kind is TrialKind.REFERENCE)])
def test_a_trial_nobody_scores_counts_exposure_but_is_done_once_measured(kind):
    tonight = night()
    trial = tonight.suggest(POINT, kind=kind, agent="engine", role="engine")
    tonight.review(trial)
    tonight.start(trial)
    tonight.measure(trial, {"ion_chamber": 99.0})
    state = tonight.state()
    assert (state.open_trial, state.n_counted, state.best) == (None, 0, None)
    assert state.trial(trial).status is TrialStatus.DONE
    assert state.exposure_s == tonight.spec.measure.exposure


def test_a_reference_is_judged_but_never_the_best():
    tonight = night()
    trial = tonight.suggest(POINT, kind=TrialKind.REFERENCE, agent="engine", role="engine")
    tonight.review(trial)
    tonight.start(trial)
    tonight.measure(trial, {"ion_chamber": 99.0})
    assert tonight.state().open_trial == trial
    tonight.score(trial, **{tonight.state().objectives[0].name: 99.0})
    state = tonight.state()
    assert (state.open_trial, state.n_counted, state.n_scored, state.best) == (None, 0, 0, None)


def test_times_are_those_of_the_events():
    timed = night()
    timed.now += timedelta(hours=1)
    timed.suggest(POINT)
    assert timed.state().trial(1).suggested_at == timed.now
    assert timed.state().updated_at == timed.now
