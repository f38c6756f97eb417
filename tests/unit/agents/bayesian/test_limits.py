"""Limits on measured signals: learned ones are passed over where they probably break, safe ones are never left."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.stats import norm

from agents.bayesian import BayesianAgent
from agents.bayesian.outlook import log_between, outlooks
from agents.encoding import Encoding
from agents.known_safe import KnownSafeAgent
from orchestrator.domain.base import Point
from orchestrator.domain.campaign import TrialStatus
from orchestrator.domain.errors import AgentError, SpaceExhausted
from orchestrator.domain.history import History
from orchestrator.domain.limits import Limit
from orchestrator.domain.records import Objective, Suggestion
from orchestrator.domain.space import Continuous, Integer, LinearConstraint, Space
from orchestrator.testing.agent_contract import without_seconds
from orchestrator.testing.histories import YIELD, empty_history, extended, played

LINE = Space(parameters={"x": Continuous(limits=(0.0, 1.0))})
SQUARE = Space(parameters={"x": Continuous(limits=(0.0, 1.0)), "y": Continuous(limits=(0.0, 1.0))})
SAFE_FLUX = {"flux": Limit(at_least=5.0, safe=True)}


def limited(space: Space, limits: Mapping[str, Limit], *safe_start: Point, objective: Objective = YIELD, seed: int = 0) -> History:
    return replace(empty_history(space, [objective], seed=seed), limits=limits, safe_start=safe_start)


def agent(**settings: Any) -> BayesianAgent:
    return BayesianAgent(BayesianAgent.Settings(**settings))


def gramacy(point: Point) -> dict[str, float]:
    """Return the toy problem of Gramacy et al., Technometrics 58, 1 (2016): least sum 0.5998 at (0.1954, 0.4044) on a wavy border."""
    x, y = float(point["x"]), float(point["y"])
    return {"sum": x + y, "wave": x + 2 * y + 0.5 * np.sin(2 * np.pi * (x * x - 2 * y)) - 1.5, "disc": x * x + y * y}


def cliff(point: Point) -> dict[str, float]:
    """Return a yield that grows towards the place, at 0.7, where the flux falls below 5 within a few hundredths."""
    x = float(point["x"])
    return {"yield": x, "flux": 10.0 / (1.0 + np.exp((x - 0.7) / 0.03))}


def test_it_finds_the_known_best_point_on_the_border_of_what_is_allowed() -> None:
    limits = {"wave": Limit(at_least=0.0), "disc": Limit(at_most=1.5)}
    start = limited(SQUARE, limits, objective=Objective(name="sum", goal="minimise"))
    history = played(agent(n_initial=5), start, gramacy, 20)
    scores = [gramacy(trial.point) for trial in history.trials]
    assert min(each["sum"] for each in scores if each["wave"] >= 0 and each["disc"] <= 1.5) < 0.62
    evidence = history.trials[-1].evidence
    assert evidence.limits["disc"].probability > 0.99
    assert "keeps wave ≥ 0 with" in evidence.reason
    assert evidence.model["limits"]["wave"]["n_train"] == 19


def test_a_safe_search_climbs_to_the_edge_of_a_cliff_and_never_falls() -> None:
    history = played(agent(), limited(LINE, SAFE_FLUX, {"x": 0.3}), cliff, 10)
    assert min(cliff(trial.point)["flux"] for trial in history.trials) >= 5.0
    assert max(float(trial.point["x"]) for trial in history.trials) > 0.6
    reasons = [trial.evidence.reason for trial in history.trials]
    assert reasons[0].startswith("safe start, 1 of 1")
    assert any(reason.startswith("to widen the safe region towards x = ") for reason in reasons)


@pytest.mark.parametrize("seed", [0, 2, 6])
def test_a_safe_search_breaks_no_limit_on_signals_as_wild_as_it_takes_them_for(seed: int) -> None:
    signal = drawn(seed, lengthscale=0.2)
    start = next(x for x in np.linspace(0.0, 1.0, 101) if signal(x) > 0.3)
    history = limited(LINE, {"flux": Limit(at_least=-0.3, safe=True)}, {"x": float(start)}, seed=seed)
    history = played(agent(), history, lambda point: {"yield": -abs(point["x"] - 0.1), "flux": signal(float(point["x"]))}, 7)
    assert min(signal(float(trial.point["x"])) for trial in history.trials) >= -0.3


def drawn(seed: int, lengthscale: float) -> Callable[[float], float]:
    """Return a Matérn-5/2 function of sd 1: cosines whose frequencies follow Student's t with five degrees of freedom."""
    rng = np.random.default_rng([seed, 5])
    frequencies = rng.standard_t(5, 300) / lengthscale
    phases, weights = rng.uniform(0, 2 * np.pi, 300), rng.standard_normal(300) * np.sqrt(2 / 300)
    return lambda x: float(weights @ np.cos(frequencies * x + phases))


@pytest.mark.parametrize("limits", [{"flux": Limit(at_least=5.0)}, SAFE_FLUX], ids=["learned", "safe"])
def test_a_fresh_agent_agrees_with_one_that_thought_ahead(limits: Mapping[str, Limit]) -> None:
    lived = agent(n_initial=3)
    history = played(lived, limited(LINE, limits, {"x": 0.2}), cliff, 4)
    for step in range(3):
        suggestion = lived.ask(history)
        lived.prepare(extended(history, suggestion))
        assert without_seconds(agent(n_initial=3).ask(history)) == without_seconds(suggestion)
        history = extended(history, suggestion, TrialStatus.FAILED if step == 1 else cliff(suggestion.point))


def test_where_nothing_keeps_the_limit_it_goes_where_that_is_most_probable_and_says_so() -> None:
    history = limited(LINE, {"flux": Limit(at_least=20.0)})
    for x in (0.1, 0.5, 0.9):
        history = extended(history, Suggestion(point={"x": x}), {"yield": 1.0 - x, "flux": 10.0 * x})
    evidence = agent(n_initial=1).ask(history).evidence
    assert evidence.purpose == "because no measured point probably keeps the limits, and here they most probably hold"
    assert evidence.reason.startswith(f"{evidence.purpose}: expected ")
    assert evidence.acquisition is not None
    assert evidence.acquisition.name == "probability of the limits"
    assert "nothing measured so far keeps the limits" in evidence.reason


def test_a_point_that_almost_surely_breaks_the_limit_is_passed_over_whatever_it_promises() -> None:
    history = limited(LINE, {"flux": Limit(at_least=5.0)})
    for x in np.linspace(0.0, 1.0, 9):
        history = extended(history, Suggestion(point={"x": float(x)}), {"yield": 100.0 * float(x), "flux": 10.0 - 10.0 * float(x)})
    suggestion = agent(n_initial=1).ask(history)
    assert float(suggestion.point["x"]) < 0.56
    assert suggestion.evidence.limits["flux"].probability > 0.05


@pytest.mark.parametrize("bounds", [(), (LinearConstraint(weights={"a": 1, "b": 1}, upper=180),)], ids=["free", "bound"])
def test_a_safe_search_among_very_many_whole_numbers(bounds: tuple[LinearConstraint, ...]) -> None:
    number = Integer(type="integer", limits=(0, 99))
    space = Space(parameters={"a": number, "b": number}, constraints=bounds)
    history = limited(space, {"flux": Limit(at_most=100.0, safe=True)}, {"a": 5, "b": 5})
    history = played(agent(), history, lambda point: dict.fromkeys(("yield", "flux"), float(point["a"]) + float(point["b"])), 8)
    sums = [float(trial.point["a"]) + float(trial.point["b"]) for trial in history.trials]
    assert 10.0 < max(sums) <= 100.0


def test_a_measurement_that_could_not_be_scored_still_teaches_its_limit() -> None:
    history = extended(limited(LINE, {"flux": Limit(at_least=5.0)}), Suggestion(point={"x": 0.5}), {"yield": 1.0, "flux": 9.0})
    without = extended(history, Suggestion(point={"x": 0.9}), {"flux": 1.0})
    [look] = outlooks(without, Encoding.of(LINE))
    assert look.observations.numbers == (1, 2)


@pytest.mark.parametrize("bounds", [(-np.inf, 1.0), (0.5, np.inf), (-1.0, 2.0), (30.0, 31.0), (-40.0, -39.0)])
def test_the_probability_between_bounds_is_the_normal_ones_and_its_slopes_are_its_slopes(bounds: tuple[float, float]) -> None:
    means, sds = np.array([-0.7, 0.3, 1.4]), np.array([0.5, 1.0, 2.0])
    value, by_mean, by_sd = log_between(means, sds, bounds)
    if abs(value).max() < 30:
        assert np.exp(value) == pytest.approx(
            norm.cdf((bounds[1] - means) / sds) - norm.cdf((bounds[0] - means) / sds), rel=1e-6, abs=1e-12
        )
    step = 1e-6
    slope_of_mean = (log_between(means + step, sds, bounds)[0] - log_between(means - step, sds, bounds)[0]) / (2 * step)
    slope_of_sd = (log_between(means, sds + step, bounds)[0] - log_between(means, sds - step, bounds)[0]) / (2 * step)
    assert by_mean == pytest.approx(slope_of_mean, rel=1e-4, abs=1e-6)
    assert by_sd == pytest.approx(slope_of_sd, rel=1e-4, abs=1e-6)


def test_the_probabilitys_gradient_is_that_of_finite_differences() -> None:
    history = limited(SQUARE, {"wave": Limit(at_least=0.0)}, objective=Objective(name="sum", goal="minimise"))
    for point in ({"x": 0.2, "y": 0.3}, {"x": 0.8, "y": 0.6}, {"x": 0.4, "y": 0.9}):
        history = extended(history, Suggestion(point=point), gramacy(point))
    [look] = outlooks(history, Encoding.of(SQUARE))
    cube, step = np.array([[0.3, 0.5], [0.7, 0.2]]), 1e-6
    for column in range(2):
        shift = step * np.eye(2)[column]
        slope = (look.log_factor(cube + shift)[0] - look.log_factor(cube - shift)[0]) / (2 * step)
        assert look.log_factor(cube)[1][:, column] == pytest.approx(slope, rel=1e-4)


@pytest.mark.parametrize(
    ("outcome", "message"),
    [
        ({"yield": 1.0, "flux": 3.0}, r"no measured point kept flux ≥ 5: of 1 readings of flux the best is 3; give a safe_start"),
        ({"yield": 1.0}, "flux gave no finite reading in 1 trials"),
        (TrialStatus.FAILED, "flux gave no finite reading in 1 trials"),
    ],
    ids=["broken", "not read", "failed"],
)
def test_a_safe_start_that_was_none_is_told_with_its_reading(outcome: Any, message: str) -> None:
    history = extended(limited(LINE, SAFE_FLUX, {"x": 0.5}), Suggestion(point={"x": 0.5}), outcome)
    with pytest.raises(AgentError, match=message):
        agent().ask(history)


def test_a_pool_without_another_safe_candidate_ends_the_search() -> None:
    pool = Space(parameters={"x": Continuous(limits=(0.0, 1.0))}, candidates=({"x": 0.0}, {"x": 0.02}, {"x": 0.9}))
    history = played(agent(), limited(pool, SAFE_FLUX, {"x": 0.0}), cliff, 2)
    assert [trial.point["x"] for trial in history.trials] == [0.0, 0.02]
    with pytest.raises(SpaceExhausted, match="none of the 1 candidates left surely keeps every safe limit"):
        agent().ask(history)


def test_with_two_objectives_a_safe_search_stays_safe_too() -> None:
    both = replace(empty_history(LINE, [YIELD, Objective(name="heat", goal="minimise")]), limits=SAFE_FLUX, safe_start=({"x": 0.5},))
    history = played(agent(), both, lambda point: {**cliff(point), "heat": -(float(point["x"]) ** 2)}, 4)
    assert min(cliff(trial.point)["flux"] for trial in history.trials) >= 5.0
    assert history.trials[-1].evidence.limits["flux"].probability > 0.99


def test_the_fallback_goes_back_to_what_is_known_to_be_safe() -> None:
    fallback = KnownSafeAgent(KnownSafeAgent.Settings())
    history = limited(LINE, SAFE_FLUX, {"x": 0.1}, {"x": 0.2})
    history = played(fallback, history, cliff, 2)
    assert [trial.point["x"] for trial in history.trials] == [0.1, 0.2]
    history = extended(history, Suggestion(point={"x": 0.9}), cliff({"x": 0.9}))
    suggestion = fallback.ask(history)
    assert suggestion.point == {"x": 0.2}
    assert suggestion.evidence.reason == "again where trial 2 kept flux ≥ 5, and nowhere new"
