"""Predictions beside what was measured: whether the agent knew what it did not know."""

from dataclasses import replace

import pytest

from orchestrator.domain.records import BelievedBest, Evidence, Prediction
from orchestrator.queries import CampaignRecord, comparisons, coverage, latest_coverage, record_of
from orchestrator.queries.believed import believed_best
from tests.builders import FLUX, Night, campaign_events, make_spec

POINT = {"mirror_pitch": 3.0}


def night() -> Night:
    return Night(make_spec(("mirror_pitch",))).begin()


def recorded(living: Night) -> CampaignRecord:
    return record_of(living.ledger(), living.objectives)


@pytest.fixture(scope="module")
def record() -> CampaignRecord:
    return record_of(campaign_events(), (FLUX,))


def test_the_latest_predictions_are_counted_and_too_few_that_held_are_called_so():
    def after(*values: float) -> tuple[str, ...]:
        living = night()
        living.whole_trial({"mirror_pitch": 2.75}, 20.0)
        for value in values:
            living.whole_trial(POINT, value, Evidence(predicted={"flux": Prediction(mean=30.0, sd=4.0)}))
        return latest_coverage(living.state())

    assert after() == ()
    assert after(31.0, 60.0) == ("flux: 1 of the latest 2 measurements lay within their predicted 90% interval",)
    [said] = after(*[31.0] * 8, *[60.0] * 5)
    assert said == "flux: 8 of the latest 13 measurements lay within their predicted 90% interval; too few, so trust its certainty less"
    [later] = after(*[60.0] * 10, *[31.0] * 50)
    assert later.startswith("flux: 50 of the latest 50 "), "what was long ago says little"


def test_predictions_stand_beside_what_was_measured(record):
    compared = comparisons(record.trials, FLUX)
    assert [one.trial for one in compared] == [5, 6, 7, 9, 10, 11, 12, 13]
    assert compared[0].predicted == record.state.trial(5).evidence.predicted["flux"].mean


def test_what_the_model_believes_of_the_best_point_is_said_unless_no_model_has_seen_it():
    living = night()
    living.whole_trial({"mirror_pitch": 2.75}, 20.0)
    living.whole_trial(POINT, 31.0)
    assert believed_best(living.state()) == ""
    living.whole_trial({"mirror_pitch": 3.2}, 12.0, Evidence(believed_best=BelievedBest(trial=2, mean=26.0, sd=1.5)))
    assert believed_best(living.state()) == "the model believes 26.0 ± 1.5 nA there"
    living.whole_trial({"mirror_pitch": 3.1}, 13.0, Evidence(believed_best=BelievedBest(trial=1, mean=21.0, sd=1.5)))
    assert believed_best(living.state()) == "the model believes trial 1 better, 21.0 ± 1.5 nA"
    living.whole_trial({"mirror_pitch": 2.9}, 40.0, Evidence(believed_best=BelievedBest(trial=1, mean=21.0, sd=1.5)))
    assert believed_best(living.state()) == "", "the best was measured last, and no model has seen it"


def test_coverage_counts_measurements_within_the_interval():
    honest = night()
    for shift in (0.0, 1.6, 1.7, -1.6, -3.0):
        honest.whole_trial(POINT, 10.0 + shift, Evidence(predicted={"flux": Prediction(mean=10.0, sd=1.0)}))
    compared = comparisons(recorded(honest).trials, FLUX)
    without_noise = [replace(one, measured_sd=None) for one in compared]
    assert coverage(without_noise) == pytest.approx(3 / 5)
    assert coverage(without_noise, 0.95) == pytest.approx(4 / 5)
    assert coverage([]) is None


def test_a_measurement_without_an_sd_scatters_as_the_model_believed():
    honest = night()
    honest.whole_trial(POINT, 13.0, Evidence(predicted={"flux": Prediction(mean=10.0, sd=3.0, noise_sd=4.0)}))
    trials = recorded(honest).trials
    assert trials[0].score is not None
    unstated = trials[0].score.model_copy(
        update={"objectives": {"flux": trials[0].score.objectives["flux"].model_copy(update={"sd": None})}}
    )
    assert comparisons([replace(trials[0], score=unstated)], FLUX)[0].sd == 5.0
