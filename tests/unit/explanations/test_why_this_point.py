"""Why a point was measured, in one to three sentences a colleague understands."""

import pytest

from orchestrator.domain import events as ev
from orchestrator.domain.campaign import TrialStatus
from orchestrator.domain.records import ASKED_FOR, Acquisition, Answer, Evidence, LimitPrediction, Prediction, RunnerUp, TrialKind, Verdict
from orchestrator.explanations import why_it_stopped, why_this_point
from orchestrator.queries import record_of
from tests.builders import BEAM_SIZE, FLUX, Night, campaign_events, make_spec

POINT = {"mirror_pitch": 3.0}
EXPECTING = Evidence(
    reason="the expected improvement is largest here",
    predicted={"flux": Prediction(mean=30.0, sd=4.0)},
    acquisition=Acquisition(name="expected improvement", value=1.5, unit="nA"),
    runners_up=(
        RunnerUp(point={"mirror_pitch": 2.8}, predicted={"flux": Prediction(mean=25.0, sd=3.0)}, acquisition=0.4),
        RunnerUp(point={"mirror_pitch": 2.9}),
    ),
)


def night() -> Night:
    living = Night(make_spec(("mirror_pitch",))).begin()
    living.whole_trial({"mirror_pitch": 2.75}, 20.0)
    return living


def why(living: Night, number: int = 2) -> str:
    return why_this_point(living.state(), number)


def test_a_predicted_point_is_explained_by_what_was_expected_what_else_there_was_and_what_came():
    living = night()
    living.whole_trial(POINT, 31.0, EXPECTING)
    assert why(living) == (
        "The bayesian agent expected flux = 30.0 ± 4.0 nA here, 10 nA (2.5 sd) better than the best then, 20.00 ± 0.20 nA in trial 1. "
        "The runner-up, mirror_pitch = 2.8 mrad, promised 25.0 ± 3.0 nA; its expected improvement was 0.4 nA against 1.5 nA here; "
        "1 more point was considered. "
        "It gave flux = 31.00 ± 0.31 nA, the best flux so far."
    )


def test_a_point_that_is_not_for_a_better_score_is_not_compared_with_the_best():
    living = night()
    mapping = Evidence(purpose="to remove 11 % of the squared error of the map", predicted={"flux": Prediction(mean=18.0, sd=4.0)})
    living.whole_trial(POINT, 10.0, mapping)
    assert why(living).startswith(
        "The bayesian agent expected flux = 18.0 ± 4.0 nA here, and chose it to remove 11 % of the squared error of the map. It gave"
    )


def test_of_logarithms_only_the_share_of_the_chosen_points_worth_is_told():
    living = night()
    acquisition = Acquisition(name="noisy expected improvement", value=-2.0, is_log=True)
    runner_up = RunnerUp(point={"mirror_pitch": 2.8}, acquisition=-2.5)
    living.whole_trial(POINT, 31.0, EXPECTING.model_copy(update={"acquisition": acquisition, "runners_up": (runner_up,)}))
    assert "mirror_pitch = 2.8 mrad, was not chosen; its noisy expected improvement was 61 % of this point's. It gave" in why(living)


def test_a_point_without_a_prediction_is_explained_by_its_reason():
    living = night()
    living.whole_trial(POINT, 10.0, Evidence(reason="a space-filling point."))
    assert why(living) == "The bayesian agent suggested it without a prediction: a space-filling point. It gave flux = 10.00 ± 0.10 nA."


def test_an_expectation_short_of_the_best_is_said_to_be_so():
    living = night()
    living.whole_trial(POINT, 10.0, Evidence(predicted={"flux": Prediction(mean=18.0, sd=4.0)}))
    assert "2 nA (0.5 sd) short of the best then" in why(living)


def test_for_a_minimised_objective_smaller_is_better():
    living = Night(make_spec(("mirror_pitch",)), (BEAM_SIZE,)).begin()
    living.whole_trial(POINT, 20.0)
    living.whole_trial(POINT, 12.0, Evidence(predicted={"beam_size": Prediction(mean=15.0, sd=1.0)}))
    assert "5 µm (5.0 sd) better than the best then" in why(living)
    assert why(living).endswith("It gave beam_size = 12.00 ± 0.12 µm, the best beam_size so far.")


def test_the_first_prediction_has_nothing_to_be_compared_with():
    living = Night(make_spec(("mirror_pitch",))).begin()
    living.whole_trial(POINT, 10.0, EXPECTING)
    assert "and nothing had been scored yet" in why(living, 1)


def test_the_fallback_a_person_and_the_last_move_are_named():
    living = night()
    living.suggest(POINT, Evidence(reason="sequence point 7"), agent="sobol", role="fallback")
    assert why(living).startswith("The fallback agent sobol suggested it without a prediction: sequence point 7.")
    living = night()
    living.suggest(POINT, Evidence(reason="there was a shoulder"), kind=TrialKind.HUMAN, agent="jdoe", role="human")
    assert why(living).startswith("A person, jdoe, asked for this point: there was a shoulder.")
    living = night()
    living.suggest(POINT, Evidence(reason=ASKED_FOR), kind=TrialKind.HUMAN, agent="jdoe", role="human")
    assert why(living).startswith("A person, jdoe, asked for this point. ")
    living = night()
    living.suggest(POINT, Evidence(reason="on_finish: best"), kind=TrialKind.FINISH, agent="engine", role="engine")
    assert why(living).startswith("This was the last move, nobody scores it: on_finish: best.")


def test_a_refused_point_names_who_refused_it_and_why():
    living = night()
    living.veto(living.suggest(POINT), "0.5 mrad is too far")
    assert why(living).endswith("The guardian step-size refused it: 0.5 mrad is too far.")
    living = night()
    trial = living.suggest(POINT)
    living.review(trial, needs_approval=True)
    living.record(ev.TrialVetoed(trial=trial, note="near the edge"), "human:jdoe")
    assert why(living).endswith("It was vetoed: near the edge.")


def test_a_repeated_measurement_names_the_attempt_that_counted():
    living = night()
    trial = living.suggest(POINT)
    living.review(trial)
    living.start(trial)
    living.dump_beam(trial, {"ion_chamber": 0.1})
    assert why(living).endswith("Attempt 2 is under way.")
    living.measure(trial, {"ion_chamber": 5.0})
    living.score(trial, flux=5.0)
    assert why(living).endswith("It gave flux = 5.000 ± 0.050 nA, in attempt 2, the first that counted.")


def test_a_waiting_point_says_what_it_waits_for():
    living = night()
    living.review(living.suggest(POINT), Verdict(guardian="travel", answer=Answer.HOLD, reason="a long way"))
    assert why(living).endswith("It waits for a person; travel: a long way.")


@pytest.mark.parametrize("status", list(TrialStatus))
def test_every_status_a_trial_can_have_is_explained(status):
    living = night()
    trial = living.suggest(POINT, kind=TrialKind.ALIGNMENT if status is TrialStatus.DONE else TrialKind.AGENT)
    if status not in (TrialStatus.SUGGESTED, TrialStatus.VETOED):
        living.review(trial, needs_approval=status is TrialStatus.WAITING)
    if status is TrialStatus.VETOED:
        living.veto(trial, "too far")
    if status in (TrialStatus.STARTED, TrialStatus.MEASURED, TrialStatus.DONE, TrialStatus.AWAITING, TrialStatus.SCORED):
        living.start(trial)
    if status in (TrialStatus.MEASURED, TrialStatus.DONE, TrialStatus.AWAITING, TrialStatus.SCORED):
        living.measure(trial, {"ion_chamber": 1.0})
    match status:
        case TrialStatus.AWAITING:
            living.record(ev.TrialAwaiting(trial=trial), "rewards")
        case TrialStatus.SCORED:
            living.score(trial, flux=1.0)
        case TrialStatus.FAILED:
            living.record(ev.TrialFailed(trial=trial, reason="no time"))
    assert living.state().trial(trial).status is status
    sentences = why(living)
    assert sentences.endswith(".")
    assert ".." not in sentences
    assert sentences.count(". ") <= 2


def test_with_the_state_of_then_a_later_rescoring_changes_no_comparison():
    living = night()
    living.whole_trial(POINT, 31.0, EXPECTING)
    living.score(1, "the dark current was wrong", flux=90.0)
    record = record_of(living.ledger(), (FLUX,))
    assert "20.00 ± 0.20 nA in trial 1" in why_this_point(record.state, 2, record.state_before(2))
    assert "90.00 ± 0.90 nA in trial 1" in why_this_point(record.state, 2)


def test_without_rescoring_both_ways_to_know_the_best_then_agree():
    record = record_of(campaign_events(), (FLUX,))
    for trial in record.trials:
        assert why_this_point(record.state, trial.number) == why_this_point(record.state, trial.number, record.state_before(trial.number))


def test_a_limited_signal_is_told_before_and_after():
    living = Night(make_spec(("mirror_pitch",), limits={"beam_width": {"at_most": 20.0}})).begin()
    expected = {"beam_width": LimitPrediction(mean=18.0, sd=1.5, probability=0.91)}
    for width in (25.0, None):
        trial = living.suggest(POINT, EXPECTING.model_copy(update={"limits": expected}))
        living.review(trial)
        living.start(trial)
        living.measure(trial, {"ion_chamber": 31.0, "beam_width": width})
        living.score(trial, flux=31.0)
    assert "It expected beam_width = 18.0 ± 1.5 µm, which keeps beam_width ≤ 20 µm with 91 %." in why(living)
    assert why(living, 1).endswith("It gave flux = 31.00 ± 0.31 nA; beam_width = 25 µm broke the limit beam_width ≤ 20.")
    assert why(living, 2).endswith("It gave flux = 31.00 ± 0.31 nA; beam_width was not read.")
    assert "None of the 2 scored trials kept beam_width ≤ 20 µm; loosen a limit" in why_it_stopped(living.state())
