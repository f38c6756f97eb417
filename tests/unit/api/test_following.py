"""A campaign followed event by event gives what a walk through its whole ledger would."""

import numpy as np
import pytest

from orchestrator.api.following import Followed
from orchestrator.api.shown.arrays import thinned
from orchestrator.api.shown.progress import expected_best, shown_progress
from orchestrator.api.shown.status import shown_status
from orchestrator.domain import events as ev
from orchestrator.domain.events import LedgerEvent
from orchestrator.explanations import why_this_point
from orchestrator.queries import overview, pareto_front, progress, record_of
from tests.builders import campaign_events
from tests.night import EVENING, FLUX, Night, make_spec


def follow(events: tuple[LedgerEvent, ...]) -> Followed:
    followed = Followed.begin("night", events[0], (FLUX,))
    for event in events[1:]:
        followed.hear(event)
    return followed


EVENTS = campaign_events(20)


def test_figures_agree_with_those_of_the_whole_record() -> None:
    followed, whole = follow(EVENTS), overview(record_of(EVENTS, (FLUX,)))
    assert followed.n_repeated == whole.n_repeated
    assert followed.dead is not None
    assert (followed.dead.median_s, followed.dead.p95_s) == (pytest.approx(whole.dead_s), pytest.approx(whole.dead_p95_s))
    assert followed.n_agent_failures == whole.n_agent_failures


def test_the_best_so_far_agrees_with_the_query() -> None:
    followed = follow(EVENTS)
    expected = progress(followed.state.trials, FLUX)
    assert [(best.trial, best.best) for best in followed.bests] == [(point.trial, point.best) for point in expected]
    assert [number for number in range(1, 22) if followed.trial(number).is_best] == [point.trial for point in expected if point.is_new_best]


def test_a_score_that_is_corrected_changes_who_was_best() -> None:
    night = Night().begin()
    point = {"mirror_pitch": 3.0, "mirror_roll": 0.1, "crystal_pitch": 2.0, "slit_centre": 0.0}
    for value in (5.0, 9.0, 7.0):
        night.whole_trial(point, value)
    night.score(2, reason="the dark was wrong", flux=6.0)
    followed = follow(night.ledger())
    assert [best.best for best in followed.bests] == [5.0, 6.0, 7.0]
    assert followed.trial(3).is_best


def test_a_trial_is_shown_as_it_stands_after_each_of_its_events() -> None:
    night = Night().begin()
    point = {"mirror_pitch": 3.0, "mirror_roll": 0.1, "crystal_pitch": 2.0, "slit_centre": 0.0}
    night.whole_trial(point, 5.0)
    events = night.ledger()
    followed = Followed.begin("night", events[0], (FLUX,))
    seen = []
    for event in events[1:]:
        followed.hear(event)
        if followed.state.trials:
            seen.append(followed.trial(1).status)
    assert seen == ["suggested", "ready", "started", "measured", "scored"]
    assert followed.spans[1] == (3, 7)


def test_one_call_answers_whether_it_succeeded_whether_it_runs_and_why_not() -> None:
    followed = follow(EVENTS)
    status = shown_status(followed, runner="", n_commands=0, now=EVENING)
    assert (status.status, status.succeeded, status.is_run) == ("completed", True, False)
    assert status.standing.word == "done"
    assert status.best is not None
    assert status.allowed == ("note",)
    assert {each.name: each.limit for each in status.spent}["trials"] == 20


def test_a_running_campaign_can_be_paused_and_its_end_is_estimated_from_its_pace() -> None:
    followed = follow(campaign_events(10, is_finished=False, budget={"trials": 30}))
    status = shown_status(followed, runner="process 7 on here", n_commands=1, now=EVENING)
    assert "pause" in status.allowed
    assert "resume" not in status.allowed
    assert status.estimated_end is not None
    assert status.estimated_end > EVENING
    deserted = shown_status(followed, runner="", n_commands=1, now=EVENING)
    assert "resume" in deserted.allowed
    assert deserted.standing.word == "nobody runs it"


def test_what_chance_would_have_found_is_the_mean_of_the_best_of_n_draws() -> None:
    assert expected_best([1.0, 2.0, 3.0, 4.0, 5.0], 1, is_maximised=True) == pytest.approx((3.0,))
    best_of_two = expected_best([1.0, 2.0, 3.0, 4.0, 5.0], 2, is_maximised=True)
    pairs = [max(a, b) for a in range(1, 6) for b in range(1, 6)]
    assert best_of_two is not None
    assert best_of_two[1] == pytest.approx(sum(pairs) / len(pairs))
    least = expected_best([1.0, 2.0, 3.0, 4.0, 5.0], 2, is_maximised=False)
    assert least is not None
    assert least[1] == pytest.approx(6.0 - best_of_two[1])


def test_nothing_is_said_of_chance_from_a_handful_of_points() -> None:
    assert expected_best([1.0, 2.0], 10, is_maximised=True) is None
    assert shown_progress(follow(campaign_events(10, n_initial=8))).random is not None


def test_large_arrays_are_thinned_by_means_that_keep_their_level() -> None:
    image = np.arange(300.0 * 1000).reshape(300, 1000)
    thin = thinned(image)
    assert thin.shape == (100, 125)
    assert thin.mean() == pytest.approx(image.mean(), rel=1e-3)
    assert thinned(np.arange(9000.0)).shape == (1800,)
    assert thinned(np.arange(10.0)).tolist() == list(range(10))


def test_large_numbers_of_draws_are_worked_out_at_a_few_and_drawn_between() -> None:
    values = [float(value) for value in np.random.default_rng(1).normal(size=40)]
    quick = expected_best(values, 5000, is_maximised=True)
    assert quick is not None
    assert list(quick) == sorted(quick)
    ordered = np.sort(values)
    for draws in (50, 137, 1000, 4000):
        exact = float(np.diff((np.arange(41) / 40) ** draws) @ ordered)
        assert quick[draws - 1] == pytest.approx(exact, abs=0.01)
    many = expected_best([*values] * 1000, 20, is_maximised=True)
    assert many is not None
    assert many[:20] == pytest.approx(quick[:20], abs=0.05)


def test_a_person_and_an_unknown_agent_are_not_taken_for_chance() -> None:
    night = Night().begin()
    point = {"mirror_pitch": 3.0, "mirror_roll": 0.1, "crystal_pitch": 2.0, "slit_centre": 0.0}
    for agent, role in (("bayesian", "agent"), ("ann", "human"), ("clever", "agent"), ("sobol", "fallback")):
        trial = night.suggest(point, agent=agent, role=role)
        night.review(trial)
        night.start(trial)
        night.measure(trial, {"ion_chamber": 5.0})
        night.score(trial, flux=5.0)
    assert [best.is_blind for best in follow(night.ledger()).bests] == [True, False, False, True]


def test_what_goes_on_began_when_it_changed_and_not_with_a_note() -> None:
    night = Night().begin()
    trial = night.suggest({"mirror_pitch": 3.0, "mirror_roll": 0.1, "crystal_pitch": 2.0, "slit_centre": 0.0})
    night.review(trial)
    night.start(trial)
    began = night.now
    night.record(ev.NoteLeft(text="hello"), "human:ann", after=60.0)
    assert follow(night.ledger()).since == began


def test_the_best_then_is_remembered_so_that_no_trial_is_explained_by_walking_through_all_others() -> None:
    followed = follow(EVENTS)
    state = followed.state
    assert [followed.trial(number).why for number in range(1, 22)] == [why_this_point(state, number) for number in range(1, 22)]


def test_a_trial_that_breaks_a_limit_is_no_best_so_far() -> None:
    night = Night(make_spec(("mirror_pitch",), limits={"flux": {"at_most": 8.0}})).begin()
    for value in (9.0, 5.0, 8.5, 7.0):
        night.whole_trial({"mirror_pitch": 3.0}, value)
    followed = follow(night.ledger())
    assert [(best.trial, best.best) for best in followed.bests] == [(2, 5.0), (4, 7.0)]
    limits = followed.state.spec.limits
    assert [point.trial for point in progress(followed.state.trials, FLUX, limits)] == [2, 4]
    assert pareto_front(followed.state.trials, [FLUX], limits) == (4,)
    night.score(3, reason="the dark was wrong", flux=7.5)
    assert [best.best for best in follow(night.ledger()).bests] == [5.0, 7.5, 7.5]
