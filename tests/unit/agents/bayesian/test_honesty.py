"""How wide predictions are said to be: as wide as earlier ones turned out to need."""

from dataclasses import replace

import numpy as np
import pytest

from agents.bayesian import BayesianAgent
from agents.bayesian.honesty import excess
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


def test_predictions_that_came_true_or_were_never_made_widen_nothing() -> None:
    assert excess(empty_history(LINE), YIELD, ()) == 1.0
    assert excess(predicting([0.1, -0.3, 0.9, -1.0] * 10), YIELD, ()) == 1.0


def test_misses_widen_by_their_root_mean_square_beside_eight_that_came_true() -> None:
    assert excess(predicting([2.0] * 12), YIELD, ()) == pytest.approx(np.sqrt((8 + 12 * 4) / 20))
    assert excess(predicting([100.0]), YIELD, ()) == pytest.approx(np.sqrt((8 + 16) / 9)), "one reading far off says no more than 4 sds"
    assert excess(predicting([4.0] * 50 + [1.0] * 50), YIELD, ()) == 1.0, "the latest 50 count"


def test_what_was_widened_before_is_taken_off_again() -> None:
    assert excess(predicting([1.0] * 12, said=2.0), YIELD, ()) == pytest.approx(np.sqrt((8 + 12 * 4) / 20))


def test_a_readings_own_scatter_counts_and_doubted_readings_do_not() -> None:
    assert excess(predicting([2.0] * 12, sd=4.0), YIELD, ()) == 1.0
    assert excess(predicting([0.5, 90.0, 0.5]), YIELD, (2,)) == 1.0


def test_what_another_agent_predicted_is_not_held_against_the_model() -> None:
    history = predicting([4.0] * 12)
    others = tuple(replace(trial, evidence=trial.evidence.model_copy(update={"model": {"n_trees": 30}})) for trial in history.trials)
    assert excess(replace(history, trials=others), YIELD, ()) == 1.0


def test_only_what_is_said_is_widened_and_the_choice_stays_the_same() -> None:
    agent = BayesianAgent(BayesianAgent.Settings(n_initial=4))
    missed = predicting([2.0, -3.0, 2.5, -1.0, 3.0, 0.2, -2.0])
    unspoken = replace(missed, trials=tuple(replace(trial, evidence=Evidence()) for trial in missed.trials))
    wide, plain = agent.ask(missed), agent.ask(unspoken)
    assert wide.point == plain.point
    assert wide.evidence.acquisition is not None
    assert plain.evidence.acquisition is not None
    assert wide.evidence.acquisition.value == plain.evidence.acquisition.value
    factor = wide.evidence.model["excess"]
    assert factor == pytest.approx(np.sqrt((8 + 4 + 9 + 6.25 + 1 + 9 + 0.04 + 4) / 15))
    assert f"widened {factor:.1f}-fold, as earlier predictions missed by that much more than they said" in wide.evidence.reason
    assert "widened" not in plain.evidence.reason
    one, other = wide.evidence.predicted["yield"], plain.evidence.predicted["yield"]
    assert one.sd > factor * other.sd
    assert np.hypot(one.sd, one.noise_sd or 0.0) == pytest.approx(factor * np.hypot(other.sd, other.noise_sd or 0.0), rel=0.1)


def test_the_model_of_a_decision_is_as_wide_as_it_was_said_to_be() -> None:
    agent = BayesianAgent(BayesianAgent.Settings(n_initial=4))
    history = predicting([2.0, -3.0, 2.5, -1.0, 3.0, 0.2, -2.0])
    suggestion = agent.ask(history)
    means, sds = agent.posterior(history, suggestion.evidence).predict([suggestion.point])["yield"]
    predicted = suggestion.evidence.predicted["yield"]
    assert (means[0], sds[0]) == (pytest.approx(predicted.mean, rel=1e-6), pytest.approx(predicted.sd, rel=1e-6))
    assert without_seconds(BayesianAgent(BayesianAgent.Settings(n_initial=4)).ask(history)) == without_seconds(suggestion)
