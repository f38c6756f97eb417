"""Thousands of readings through some hundreds of places, against the exact process."""

import numpy as np
import pytest

from agents.bayesian import BayesianAgent, conditioning, sparse
from agents.bayesian.ageing import Ageing, Drifting, Forgetting, Steady
from agents.bayesian.process import condition
from agents.bayesian.sparse import condition_sparsely, inducing
from agents.bayesian.surrogate import Hyperparameters
from orchestrator.domain.space import Continuous, Space
from orchestrator.testing.histories import history_with

RNG = np.random.default_rng(5)
N = 500
PLACES = RNG.random((N, 2))
VALUES = np.sin(7 * PLACES[:, 0]) * np.cos(5 * PLACES[:, 1]) + 0.2 * RNG.standard_normal(N)
TIMES = np.arange(N, dtype=float)
ELSEWHERE = RNG.random((50, 2))


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Call for inducing places where there are few readings, so that an exact process can be compared."""
    monkeypatch.setattr(sparse, "_N_BEST", 30)
    monkeypatch.setattr(sparse, "_N_NEWEST", 20)
    monkeypatch.setattr(sparse, "_N_INDUCING", 150)


@pytest.mark.parametrize("ageing", [Steady(), Drifting(offset=0.3, pace=200.0), Forgetting(memory=3000.0)])
def test_it_predicts_what_the_exact_process_does(ageing: Ageing, few: None) -> None:
    hyperparameters = Hyperparameters(np.array([0.4, 0.4]), 1.0, 0.04, ageing=ageing)
    given = hyperparameters, np.arange(2), PLACES, VALUES, np.zeros(N)
    exact = condition(*given, times=TIMES, now=N).with_best_mean()
    close = condition_sparsely(*given, times=TIMES, now=N)
    assert close.hyperparameters.mean == pytest.approx(exact.hyperparameters.mean, abs=0.1)
    assert np.sqrt(np.mean((close.predict(ELSEWHERE)[0] - exact.predict(ELSEWHERE)[0]) ** 2)) < 0.07
    assert np.median(close.predict(ELSEWHERE)[1] / exact.predict(ELSEWHERE)[1]) == pytest.approx(1.0, abs=0.25)
    assert 0 < close.left_out < 0.05


def test_with_every_reading_an_inducing_place_it_is_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sparse, "_N_INDUCING", N)
    given = Hyperparameters(np.array([0.2, 0.3]), 1.5, 0.1), np.arange(2), PLACES, VALUES, np.full(N, 0.02)
    exact, close = condition(*given, times=TIMES, now=N).with_best_mean(), condition_sparsely(*given, times=TIMES, now=N)
    for one, other in zip(exact.predict(ELSEWHERE), close.predict(ELSEWHERE), strict=True):
        assert other == pytest.approx(one, abs=1e-4)


def test_a_reading_is_added_as_to_an_exact_process(few: None) -> None:
    given = Hyperparameters(np.array([0.4, 0.4]), 1.0, 0.04), np.arange(2), PLACES, VALUES, np.zeros(N)
    close = condition_sparsely(*given, times=TIMES, now=N)
    place = np.array([0.5, 0.5])
    told = close.with_reading(place, 3.0, 0.04)
    before, after = close.predict(place[None, :]), told.predict(place[None, :])
    weight = before[1][0] ** 2 / (before[1][0] ** 2 + 0.04)
    assert after[0][0] == pytest.approx(before[0][0] + weight * (3.0 - before[0][0]))
    assert after[1][0] ** 2 == pytest.approx((1 - weight) * before[1][0] ** 2)


def test_the_best_and_the_newest_readings_are_inducing_places(few: None) -> None:
    chosen = inducing(VALUES)
    assert len(chosen) == 150
    assert set(np.argsort(-VALUES)[:30]) | set(range(N - 20, N)) <= set(chosen)


def test_an_agent_with_many_readings_says_what_it_gives_up_and_recalls_its_model(few: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conditioning, "MOST_EXACT", 200)
    square = Space(parameters={"x": Continuous(limits=(0, 1)), "y": Continuous(limits=(0, 1))})
    measured = [({"x": float(x), "y": float(y)}, float(value)) for (x, y), value in zip(PLACES[:300], VALUES[:300], strict=True)]
    agent, history = BayesianAgent(BayesianAgent.Settings()), history_with(square, measured)
    suggestion = agent.ask(history)
    assert suggestion.evidence.model["sparse"] == {"n_inducing": 150, "n_conditioned": 299, "left_out": pytest.approx(0.0, abs=0.1)}
    predicted = suggestion.evidence.predicted["yield"]
    assert predicted.mean > 0.7
    mean, sd = agent.posterior(history, suggestion.evidence).predict([suggestion.point])["yield"]
    assert (mean[0], sd[0]) == (pytest.approx(predicted.mean, rel=1e-4), pytest.approx(predicted.sd, rel=1e-3))
