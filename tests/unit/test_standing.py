"""The one line a tired person reads first."""

from orchestrator.domain import events as ev
from orchestrator.domain.records import Answer, Later, Verdict
from orchestrator.queries.instruments import instrument_id
from orchestrator.queries.standing import Standing, standing
from tests.night import FLUX, Night, make_spec

POINT = {"mirror_pitch": 3.0, "mirror_roll": 0.1, "crystal_pitch": 2.0, "slit_centre": 0.0}


def line(night: Night, *, has_runner: bool = True) -> Standing:
    return standing(night.state(), has_runner=has_runner)


def started() -> Night:
    return Night().begin()


def test_before_the_first_trial_the_agent_thinks() -> None:
    told = line(started())
    assert (told.level, told.word) == ("ok", "thinking")
    assert told.sentence == "Nothing has been measured yet; bayesian chooses trial 1."


def test_while_the_instrument_measures_it_says_which_trial_and_attempt() -> None:
    night = started()
    trial = night.suggest(POINT)
    night.review(trial)
    night.start(trial)
    assert line(night).sentence == "Measuring trial 1."
    night.dump_beam(trial, {"ion_chamber": 1.0})
    assert line(night).sentence == "Measuring trial 1, attempt 2."


def test_a_lost_interlock_is_named_with_what_it_means_and_nobody_has_to_act() -> None:
    night = started()
    night.record(ev.InterlockLost(interlock="beam", value=3.1), "instrument")
    told = line(night)
    assert (told.level, told.word) == ("waiting", "beam lost")
    assert "electrons in the ring" in told.sentence
    assert "by itself" in told.next


def test_a_held_suggestion_says_why_and_what_silence_does() -> None:
    night = Night(make_spec(approval={"mode": "always", "timeout": 600, "on_timeout": "skip"})).begin()
    trial = night.suggest(POINT)
    night.review(trial, Verdict(guardian="travel", answer=Answer.HOLD, reason="40 mm is a long way"), needs_approval=True)
    told = line(night)
    assert (told.level, told.word) == ("attention", "held")
    assert told.sentence == "Trial 1 waits for your approval. travel: 40 mm is a long way."
    assert told.next == "Approve, edit or veto it within 10 min; otherwise it is skipped."


def test_a_runner_that_left_for_an_approval_is_not_told_as_a_crash() -> None:
    night = started()
    trial = night.suggest(POINT)
    night.review(trial, needs_approval=True)
    told = line(night, has_runner=False)
    assert (told.level, told.word) == ("attention", "nobody runs it")
    assert told.sentence == "Trial 1 waits for your approval, and nobody runs the campaign meanwhile."
    assert told.next == "Approve, edit or veto it, then resume."


def test_while_the_analysis_is_waited_for_it_says_for_how_many_trials_and_since_when() -> None:
    later = FLUX.model_copy(update={"later": Later(max_pending=2)})
    night = Night(make_spec(budget={"trials": 3}), objectives=(later,)).begin()
    since = None
    for number in (1, 2, 3):
        trial = night.suggest(POINT)
        night.review(trial)
        night.start(trial)
        night.measure(trial, {"ion_chamber": 1.0})
        night.record(ev.TrialAwaiting(trial=trial), "rewards")
        since = since or night.now
        if number == 1:
            assert line(night).word == "thinking", "there is room for another"
        if number == 2:
            told = line(night)
            assert (told.level, told.word, told.since) == ("waiting", "waiting for analysis", since)
            assert told.sentence == "The analysis of 2 trials has not answered yet, and no more than 2 may wait for it."
            night.score(1, flux=1.0)
    assert line(night).sentence == "Everything is measured; the analysis of 2 trials has not answered yet."


def test_a_campaign_whose_process_is_gone_says_so_and_what_becomes_of_it() -> None:
    night = started()
    trial = night.suggest(POINT)
    night.review(trial)
    night.start(trial)
    told = line(night, has_runner=False)
    assert (told.level, told.word) == ("bad", "nobody runs it")
    assert "during trial 1" in told.sentence


def test_an_ambiguous_attempt_asks_whether_to_measure_again() -> None:
    night = started()
    trial = night.suggest(POINT)
    night.review(trial)
    night.start(trial)
    night.record(ev.CampaignHeld(reason="trial 1, attempt 1: the fate is unknown"))
    told = line(night)
    assert (told.level, told.word) == ("attention", "held")
    assert told.next == "Approve to measure trial 1 again, or veto it."


def test_every_end_gives_its_reason() -> None:
    ends = {
        "done": ev.CampaignCompleted(reason="the target was reached"),
        "stopped": ev.CampaignStopped(reason="the target was reached"),
        "aborted": ev.CampaignAborted(reason="the target was reached"),
        "failed": ev.CampaignFailed(reason="the target was reached"),
        "paused": ev.CampaignPaused(reason="the target was reached"),
    }
    for word, end in ends.items():
        night = started()
        night.record(end)
        told = line(night, has_runner=False)
        assert told.word == word
        assert "the target was reached" in told.sentence


def test_a_created_campaign_can_be_started_or_is_starting() -> None:
    night = Night()
    night.begin()
    night.drafts = night.drafts[:1]
    assert line(night, has_runner=False).word == "not started"
    assert line(night, has_runner=True).word == "starting"


def test_instruments_have_names_that_fit_into_an_address() -> None:
    assert instrument_id("epics:BL99:", "night-1") == "epics-BL99"
    assert instrument_id("", "night-1") == "night-1"
    assert instrument_id("../../etc", "night-1") == "..-..-etc"


def test_a_note_does_not_make_what_goes_on_any_younger() -> None:
    night = started()
    night.record(ev.CampaignPaused(reason="lunch"))
    paused_at = night.now
    night.record(ev.NoteLeft(text="still hungry"), "human:ann", after=600.0)
    assert standing(night.state(), has_runner=True, since=paused_at).since == paused_at


def test_a_campaign_that_nobody_runs_was_last_heard_of_at_its_last_event() -> None:
    night = started()
    assert standing(night.state(), has_runner=False, since=night.now.replace(hour=1)).since == night.now
