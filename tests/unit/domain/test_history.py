"""What agents are shown."""

import numpy as np

from orchestrator.domain import events as ev
from orchestrator.domain.chance import Stream, generator
from orchestrator.domain.history import history_of, measured_point, objective_score
from orchestrator.domain.records import TrialKind
from orchestrator.domain.space import Space
from tests.builders import BEAM_SIZE, FLUX, Night, make_spec
from tests.night import parameter

SPACE = Space(parameters={"mirror_pitch": parameter("mirror_pitch")})
POINTS = [{"mirror_pitch": value} for value in (2.8, 2.9, 3.0, 3.1, 3.2)]


def mixed_night() -> Night:
    """Return a night with a scored, a vetoed, a reference, a human and a started trial."""
    night = Night(make_spec(("mirror_pitch",), seed=5)).begin()
    night.whole_trial(POINTS[0], 4.0)
    night.veto(night.suggest(POINTS[1]), "too far")
    reference = night.suggest(POINTS[2], kind=TrialKind.REFERENCE, agent="engine", role="engine")
    night.review(reference)
    night.start(reference)
    night.measure(reference, {"ion_chamber": 50.0})
    human = night.suggest(POINTS[3], kind=TrialKind.HUMAN, agent="jdoe", role="human")
    night.review(human)
    night.start(human)
    night.measure(human, {"ion_chamber": 6.0})
    night.record(ev.TrialAwaiting(trial=human), "rewards")
    started = night.suggest(POINTS[4])
    night.review(started)
    night.start(started)
    return night


def test_agents_see_every_suggestion_but_learn_from_scored_ones_and_references():
    history = history_of(mixed_night().state(), SPACE)
    assert history.n_suggestions == 5
    assert list(history.suggested_points()) == POINTS
    assert [trial.number for trial in history.scored()] == [1]
    assert [trial.number for trial in history.pending()] == [3, 4, 5]


def test_a_measured_point_is_where_the_encoders_say():
    state = mixed_night().state()
    assert measured_point(state.trial(1)) == state.trial(1).observation.readback != state.trial(1).point
    assert measured_point(state.trial(5)) == POINTS[4]


def test_a_score_is_found_by_objective():
    state = mixed_night().state()
    assert objective_score(state.trial(1), FLUX).value == 4.0
    assert objective_score(state.trial(1), BEAM_SIZE) is None
    assert objective_score(state.trial(5), FLUX) is None


def test_chance_depends_on_the_seed_the_stream_and_how_much_was_suggested():
    history = history_of(mixed_night().state(), SPACE)
    assert (history.seed, history.stream) == (5, Stream.AGENT)
    expected = np.random.default_rng([5, 1, 5]).random(3)
    np.testing.assert_array_equal(history.rng().random(3), expected)
    np.testing.assert_array_equal(history.rng().random(3), expected)
    fallback = history_of(mixed_night().state(), SPACE, Stream.FALLBACK)
    assert not np.array_equal(fallback.rng().random(3), expected)


def test_streams_keep_their_numbers_because_replay_depends_on_them():
    assert {stream.name: int(stream) for stream in Stream} == {"AGENT": 1, "FALLBACK": 2, "SHADOW": 3, "INSTRUMENT": 4}
    np.testing.assert_array_equal(generator(1, Stream.INSTRUMENT, 7, 2).random(2), np.random.default_rng([1, 4, 7, 2]).random(2))
