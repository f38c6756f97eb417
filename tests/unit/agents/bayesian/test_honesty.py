"""How wide predictions are said to be: as wide as earlier ones turned out to need."""

from dataclasses import replace

import numpy as np
import pytest

from agents.bayesian import BayesianAgent
from agents.bayesian.honesty import Excess, excess
from orchestrator.domain.history import History
from orchestrator.domain.records import Evidence, Prediction, Suggestion
from orchestrator.domain.space import Continuous, Space
from orchestrator.testing.agent_contract import without_seconds
from orchestrator.testing.histories import YIELD, empty_history, extended

LINE = Space(parameters={"x": Continuous(limits=(0, 10), unit="mm")})


def predicting(misses: list[float], *, said: float = 1.0, sd: float | None = None) -> History:
    """Return a history of predictions with an sd of 2 that missed by so many of it; ``said`` is the excess they record."""
    history = empty_history(LINE)
    for number, miss in enumerate(misses):
        model = {"objective": "yield", "lengthscales": {"x": 1.0}, "excess": said}
        evidence = Evidence(predicted={"yield": Prediction(mean=10.0, sd=2.0)}, model=model)
        history = extended(history, Suggestion(point={"x": number / 10}, evidence=evidence), 10.0 + 2.0 * miss, sd=sd)
    return history


def beside_four_that_missed(*squares: float) -> float:
    """Return the root mean square of misses, as squares of what was said, beside four predictions of a fresh model."""
    return np.sqrt((4 * 1.75**2 + sum(squares)) / (4 + len(squares)))


def test_a_model_that_has_predicted_nothing_is_taken_to_be_too_sure() -> None:
    assert excess(empty_history(LINE), YIELD, ()) == Excess(factor=1.75, is_seen=False)


def test_predictions_that_come_true_take_the_doubt_away() -> None:
    factors = [excess(predicting([0.5] * n), YIELD, ()).factor for n in range(20)]
    assert factors[4] == pytest.approx(beside_four_that_missed(*[0.25] * 4))
    assert factors == sorted(factors, reverse=True)
    assert factors[-1] == 1.0, "never below what the model says"


def test_misses_widen_by_their_root_mean_square() -> None:
    assert excess(predicting([2.0] * 12), YIELD, ()) == Excess(pytest.approx(beside_four_that_missed(*[4.0] * 12)), is_seen=True)
    assert excess(predicting([100.0]), YIELD, ()).factor == pytest.approx(beside_four_that_missed(16.0)), "4 sds at most"
    assert excess(predicting([4.0] * 50 + [0.5] * 50), YIELD, ()).factor == 1.0, "the latest 50 count"


def test_what_was_widened_before_is_taken_off_again() -> None:
    assert excess(predicting([1.0] * 12, said=2.0), YIELD, ()) == excess(predicting([2.0] * 12), YIELD, ())


def test_a_readings_own_scatter_counts_and_doubted_readings_do_not() -> None:
    assert excess(predicting([2.0] * 12, sd=2.0 * np.sqrt(3)), YIELD, ()) == excess(predicting([1.0] * 12), YIELD, ())
    assert excess(predicting([0.5, 90.0, 0.5]), YIELD, (2,)) == excess(predicting([0.5, 0.5]), YIELD, ())


def test_what_another_agent_predicted_is_not_held_against_the_model() -> None:
    history = predicting([4.0] * 12)
    others = tuple(replace(trial, evidence=trial.evidence.model_copy(update={"model": {"n_trees": 30}})) for trial in history.trials)
    assert excess(replace(history, trials=others), YIELD, ()) == excess(empty_history(LINE), YIELD, ())


def test_only_what_is_said_is_widened_and_the_choice_stays_the_same() -> None:
    agent = BayesianAgent(BayesianAgent.Settings(n_initial=4))
    missed = predicting([2.0, -3.0, 2.5, -1.0, 3.0, 0.2, -2.0])
    unspoken = replace(missed, trials=tuple(replace(trial, evidence=Evidence()) for trial in missed.trials))
    wide, plain = agent.ask(missed), agent.ask(unspoken)
    assert wide.point == plain.point
    assert wide.evidence.acquisition is not None
    assert plain.evidence.acquisition is not None
    assert wide.evidence.acquisition.value == plain.evidence.acquisition.value
    factor, fresh = wide.evidence.model["excess"], plain.evidence.model["excess"]
    assert factor == pytest.approx(beside_four_that_missed(4, 9, 6.25, 1, 9, 0.04, 4))
    assert fresh == 1.75
    assert f"widened {factor:.1f}-fold, as earlier predictions missed by that much more than they said" in wide.evidence.reason
    assert "widened" not in plain.evidence.reason
    one, other = wide.evidence.predicted["yield"], plain.evidence.predicted["yield"]
    reading, usual = np.hypot(one.sd, one.noise_sd or 0.0), np.hypot(other.sd, other.noise_sd or 0.0)
    assert reading / usual == pytest.approx(factor / fresh, rel=0.1)


def test_the_model_of_a_decision_is_as_wide_as_it_was_said_to_be() -> None:
    agent = BayesianAgent(BayesianAgent.Settings(n_initial=4))
    history = predicting([2.0, -3.0, 2.5, -1.0, 3.0, 0.2, -2.0])
    suggestion = agent.ask(history)
    means, sds = agent.posterior(history, suggestion.evidence).predict([suggestion.point])["yield"]
    predicted = suggestion.evidence.predicted["yield"]
    assert (means[0], sds[0]) == (pytest.approx(predicted.mean, rel=1e-6), pytest.approx(predicted.sd, rel=1e-6))
    assert without_seconds(BayesianAgent(BayesianAgent.Settings(n_initial=4)).ask(history)) == without_seconds(suggestion)
