"""What people want to know of a running campaign."""

from datetime import timedelta

import pytest

from orchestrator.cli.progress import progress_of, shown_duration, shown_number, time_left
from orchestrator.domain import events as ev
from orchestrator.domain.ports import LiveState
from orchestrator.domain.records import TrialKind
from tests.night import Night, make_spec


def test_a_campaign_without_a_score_says_so():
    night = Night().begin()
    progress = progress_of(LiveState("asking bayesian", night.state()), night.now)

    assert (progress.trial, progress.n_trials, progress.best, progress.time_left) == (0, 60, "nothing scored yet", None)


def test_the_best_point_is_named_with_value_unit_and_trial():
    night = Night(make_spec(("mirror_pitch",))).begin()
    night.whole_trial({"mirror_pitch": 3.0}, 50.0)
    night.whole_trial({"mirror_pitch": 3.1}, 40.0)
    progress = progress_of(LiveState("measuring", night.state(), "trial 3, attempt 1"), night.now)

    assert progress.best == "flux = 50 nA at mirror_pitch = 3 mrad (trial 1)"
    assert progress.doing == "measuring: trial 3, attempt 1"


@pytest.fixture
def night() -> Night:
    """Two trials, and a third that has been suggested."""
    night = Night(make_spec(("mirror_pitch",), budget={"trials": 10})).begin()
    for value in (1.0, 2.0):
        night.whole_trial({"mirror_pitch": 3.0}, value)
    night.suggest({"mirror_pitch": 3.1})
    return night


def _seconds_left(night: Night) -> float:
    left = time_left(night.state(), night.now)
    assert left is not None
    return left.total_seconds()


def test_time_left_follows_the_pace_of_the_trials_so_far(night: Night):
    first, second = night.state().trials[:2]

    assert _seconds_left(night) == pytest.approx((second.suggested_at - first.suggested_at).total_seconds() * 8)


def test_time_left_is_no_longer_after_a_pause_or_a_crash(night: Night):
    before_s = _seconds_left(night)
    night.record(ev.CampaignResumed(reason="the runner before ended without a word"), after=3600.0)
    night.start(3)
    night.measure(3, {"ion_chamber": 3.0})
    night.score(3, flux=3.0)
    night.suggest({"mirror_pitch": 3.2})

    assert _seconds_left(night) == pytest.approx(before_s * 7 / 8)


def test_time_left_does_not_grow_while_somebody_looks(night: Night):
    assert time_left(night.state(), night.now + timedelta(hours=1)) == time_left(night.state(), night.now)


def test_nothing_is_said_of_time_left_before_two_trials_tell_or_once_it_is_stopped(night: Night):
    assert time_left(Night(make_spec(("mirror_pitch",), budget={"trials": 10})).begin().state(), night.now) is None
    night.record(ev.CampaignStopped(reason="stop by jdoe"))

    assert time_left(night.state(), night.now) is None


def test_nothing_is_left_after_the_last_trial():
    night = Night(make_spec(("mirror_pitch",), budget={"trials": 2})).begin()
    for value in (1.0, 2.0):
        night.whole_trial({"mirror_pitch": 3.0}, value)

    assert time_left(night.state(), night.now) is None


def test_a_suggestion_in_progress_is_not_counted_as_done(night: Night):
    progress = progress_of(LiveState("measuring", night.state()), night.now)

    assert (progress.trial, progress.n_counted, progress.n_done) == (3, 3, 2)


def test_a_dark_in_progress_takes_no_trial_off_what_is_done(night: Night):
    night.veto(3, "too large a step")
    night.suggest({}, kind=TrialKind.DARK, agent="dark", role="engine")
    progress = progress_of(LiveState("carrying out", night.state()), night.now)

    assert (progress.trial, progress.n_counted, progress.n_done) == (4, 2, 2)


_NUMBERED = [(9, 9, 25, "trial 9 of 25"), (9, 7, 25, "trial 9 (7 of 25)"), (9, 7, None, "trial 9")]


@pytest.mark.parametrize(("number", "n_counted", "n_trials", "shown"), _NUMBERED)
def test_a_trial_is_shown_with_the_budget_beside_its_number(number: int, n_counted: int, n_trials: int | None, shown: str):
    assert shown_number(number, n_counted, n_trials) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0.4, "0 s"), (99, "99 s"), (100, "2 min"), (5900, "98 min"), (6000, "1 h 40 min"), (30_000, "8 h 20 min")]
)
def test_durations_are_shown_as_people_say_them(seconds: float, shown: str):
    assert shown_duration(timedelta(seconds=seconds)) == shown
