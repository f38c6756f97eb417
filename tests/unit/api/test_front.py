"""The Pareto front in a campaign's status: kept up to date at the price of a score, and short enough to read."""

from orchestrator.api.following import Followed
from orchestrator.api.shown.front import shown_front
from orchestrator.domain.folding import fold
from orchestrator.queries import pareto_front
from tests.builders import campaign_events
from tests.night import BEAM_SIZE, CAMPAIGN, FLUX, Night, make_spec

BOTH = (FLUX, BEAM_SIZE)
REWARDS = [
    {"type": "scalar", "name": "flux", "signal": "ion_chamber", "goal": "maximise"},
    {"type": "scalar", "name": "beam_size", "signal": "beam_width", "goal": "minimise"},
]


def night_of(*scores: tuple[float, float]) -> Night:
    """Return a night with a trial for each flux and beam size."""
    night = Night(make_spec(("mirror_pitch",), rewards=REWARDS), BOTH).begin()
    for flux, beam_size in scores:
        trial = night.suggest({"mirror_pitch": 3.0})
        night.review(trial)
        night.start(trial)
        night.measure(trial, {"ion_chamber": flux, "beam_width": beam_size})
        night.score(trial, flux=flux, beam_size=beam_size)
    return night


def test_one_objective_has_a_best_point_and_no_front() -> None:
    assert shown_front(fold(campaign_events(4), (FLUX,))) is None


def test_the_best_by_the_first_objective_comes_first_with_every_score_and_the_point() -> None:
    front = shown_front(fold(night_of((5.0, 20.0), (9.0, 30.0), (4.0, 25.0)).ledger(), BOTH))
    assert front is not None
    assert (front.n, [trial.trial for trial in front.trials]) == (2, [2, 1])
    assert {name: score.value for name, score in front.trials[0].scores.items()} == {"flux": 9.0, "beam_size": 30.0}
    assert front.trials[0].point == {"mirror_pitch": 3.0}


def test_of_a_long_front_both_ends_and_ten_in_all_are_shown() -> None:
    front = shown_front(fold(night_of(*((float(n), float(n)) for n in range(1, 25))).ledger(), BOTH))
    assert front is not None
    assert (front.n, len(front.trials)) == (24, 10)
    assert (front.trials[0].trial, front.trials[-1].trial) == (24, 1)


def test_it_is_right_after_every_event_and_after_a_score_was_corrected() -> None:
    night = night_of((5.0, 20.0), (9.0, 30.0), (4.0, 25.0), (6.0, 15.0))
    night.score(4, reason="the dark was wrong", flux=1.0, beam_size=99.0)
    first, *events = night.ledger()
    followed = Followed.begin(CAMPAIGN, first, BOTH)
    seen = []
    for event in events:
        followed.hear(event)
        state = followed.state
        assert followed.front == pareto_front(state.trials, state.objectives, state.spec.limits)
        seen.append(followed.front)
    assert list(dict.fromkeys(seen)) == [(), (1,), (1, 2), (2, 4)]
    assert seen[-1] == (1, 2)


def test_it_is_not_worked_out_again_while_nothing_is_scored() -> None:
    first, *events = night_of((5.0, 20.0), (9.0, 30.0)).ledger()
    followed = Followed.begin(CAMPAIGN, first, BOTH)
    for event in events:
        followed.hear(event)
    assert followed.front is followed.front
