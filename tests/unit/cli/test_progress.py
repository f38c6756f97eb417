"""What people want to know of a running campaign."""

from datetime import timedelta

import pytest

from orchestrator.cli.progress import progress_of, shown_duration, time_left
from orchestrator.domain.ports import LiveState
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


def test_time_left_follows_the_pace_of_the_trials_so_far():
    night = Night(make_spec(("mirror_pitch",), budget={"trials": 10})).begin()
    for value in (1.0, 2.0):
        night.whole_trial({"mirror_pitch": 3.0}, value)
    state = night.state()
    taken = night.now - state.trials[0].suggested_at

    assert time_left(state, night.now) == taken / 2 * 8


def test_a_suggestion_in_progress_is_not_counted_as_done():
    night = Night(make_spec(("mirror_pitch",), budget={"trials": 3})).begin()
    night.whole_trial({"mirror_pitch": 3.0}, 1.0)
    night.suggest({"mirror_pitch": 3.1})
    progress = progress_of(LiveState("measuring", night.state()), night.now)

    assert (progress.trial, progress.n_done) == (2, 1)
    assert progress.time_left == (night.now - night.state().trials[0].suggested_at) * 2


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0.4, "0 s"), (99, "99 s"), (100, "2 min"), (5900, "98 min"), (6000, "1 h 40 min"), (30_000, "8 h 20 min")]
)
def test_durations_are_shown_as_people_say_them(seconds: float, shown: str):
    assert shown_duration(timedelta(seconds=seconds)) == shown
