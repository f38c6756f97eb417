"""How long to measure, chosen with where."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache

import numpy as np
import pytest

from agents.bayesian import BayesianAgent
from agents.bayesian.belief import Belief, Fit
from agents.bayesian.conditioning import process_of
from agents.bayesian.counting import probable_counting
from agents.bayesian.exposed import exposed, opening_exposure, tried_in
from agents.bayesian.exposure import Exposure, log_told
from agents.bayesian.observations import observe
from agents.bayesian.scatter import Scatter, scatter_of, stated_by
from agents.bayesian.surrogate import Hyperparameters, Problem
from agents.bayesian.travel import Travel, travel
from agents.encoding import Encoding
from orchestrator.domain.base import Point
from orchestrator.domain.errors import AgentError
from orchestrator.domain.history import History
from orchestrator.domain.limits import Limit
from orchestrator.domain.records import Observation, Suggestion
from orchestrator.domain.space import Categorical, Continuous, Integer, LinearConstraint, Ordinal, Space
from orchestrator.testing.agent_contract import without_seconds
from orchestrator.testing.histories import YIELD, empty_history, extended

X = Continuous(limits=(0, 1))
EXPOSURE = Continuous(limits=(0.1, 10), unit="s")
SPACE = Space(parameters={"x": Continuous(limits=(0, 10), unit="mm"), "exposure": EXPOSURE})
OVERHEAD, CROSSING = 0.5, 4.0
"""Seconds of each trial besides its exposure, and seconds in which x crosses its range."""
BEGUN = datetime(2026, 1, 1, tzinfo=UTC)
SETTINGS = BayesianAgent.Settings(cost="time", exposure="exposure")


def rate(point: Point) -> float:
    """Return counts per second: a peak of 100 at x = 7 on a background of 10."""
    return 10 + 90 * float(np.exp(-((float(point["x"]) - 7) ** 2) / 2))


def measured(history: History, suggestion: Suggestion, rng: np.random.Generator, *, states_sds: bool) -> History:
    """Return the history with one trial more, counted for as long as it says, and timed."""
    exposure = float(suggestion.point["exposure"])
    counts = float(rng.poisson(exposure * rate(suggestion.point)))
    here = float(history.trials[-1].point["x"]) if history.trials else 0.0
    took = OVERHEAD + exposure + CROSSING * abs(float(suggestion.point["x"]) - here) / 10
    history = extended(history, suggestion, counts / exposure, sd=np.sqrt(max(counts, 1.0)) / exposure if states_sds else None)
    newest = history.trials[-1]
    observation = Observation(
        trial=newest.number,
        attempt=1,
        setpoint=newest.point,
        readback=newest.point,
        readings={},
        started_at=BEGUN,
        finished_at=BEGUN + timedelta(seconds=took),
    )
    return replace(history, trials=(*history.trials[:-1], replace(newest, observation=observation)))


def scattered(n: int, *, states_sds: bool, space: Space = SPACE) -> History:
    """Return a history of n points anywhere, with exposures evenly spread in logarithms."""
    rng, history = np.random.default_rng(3), empty_history(space)
    for _ in range(n):
        point = {"x": float(10 * rng.random()), "exposure": float(0.1 * 100 ** rng.random())}
        history = measured(history, Suggestion(point=point), rng, states_sds=states_sds)
    return history


@cache
def played(*, states_sds: bool, n: int = 16) -> History:
    rng, history, agent = np.random.default_rng(0), empty_history(SPACE), BayesianAgent(SETTINGS)
    for _ in range(n):
        history = measured(history, agent.ask(history), rng, states_sds=states_sds)
    return history


def belief_of(history: History, hyperparameters: Hyperparameters, counting: float | None = None) -> tuple[Encoding, Belief]:
    encoding = Encoding.of(history.space)
    observations = observe(history, encoding)
    [outcome] = observations.outcomes
    fit = Fit(hyperparameters, observations.n, observations.n, was_refit=True, counting=counting)
    return encoding, Belief(outcome, fit, process_of(encoding, observations, outcome, hyperparameters))


@pytest.mark.parametrize("states_sds", [True, False])
def test_a_peak_is_found_with_short_looks_first_and_longer_ones_then(states_sds: bool) -> None:
    history = played(states_sds=states_sds)
    points = [trial.point for trial in history.trials]
    decided = [float(point["exposure"]) for point in points[5:]]
    assert np.mean(decided[-4:]) > 1.5 * np.mean(decided[:4])
    evidence = BayesianAgent(SETTINGS).ask(history).evidence
    expected = BayesianAgent(SETTINGS).posterior(history, evidence).predict(points)["yield"][0]
    assert float(points[int(np.argmax(expected))]["x"]) == pytest.approx(7.0, abs=0.5)


def test_the_reason_says_how_long_and_why() -> None:
    evidence = played(states_sds=True).trials[-1].evidence
    exposure = evidence.model["exposure"]["chosen"]
    assert f"; {exposure:g} s: a " in evidence.reason
    assert "in which a reading scatters by" in evidence.reason
    assert evidence.reason.endswith("s with the way there")
    assert all(set(other.point) == {"x", "exposure"} for other in evidence.runners_up)
    assert set(evidence.model["lengthscales"]) == {"x"}


def test_first_exposures_differ_and_keep_to_the_shorter_ones() -> None:
    first = [opening_exposure(tried_in(SPACE, "exposure", EXPOSURE), n) for n in range(5)]
    assert len(set(first)) == 5
    assert max(first) < 5
    reasons = [trial.evidence.reason for trial in played(states_sds=True).trials[:5]]
    assert all("initial design" in reason and "exposures differ at first" in reason for reason in reasons)


@pytest.mark.parametrize("states_sds", [True, False])
def test_a_long_lived_agent_suggests_what_a_fresh_one_does_and_its_model_is_rebuilt_from_the_record(states_sds: bool) -> None:
    rng, lived, history = np.random.default_rng(0), BayesianAgent(SETTINGS), played(states_sds=states_sds)
    for _ in range(3):
        suggestion = lived.ask(history)
        fresh = BayesianAgent(SETTINGS)
        assert without_seconds(fresh.ask(replace(history))) == without_seconds(suggestion)
        believed = fresh.posterior(history, suggestion.evidence).predict([suggestion.point])["yield"]
        assert believed[0][0] == pytest.approx(suggestion.evidence.predicted["yield"].mean)
        assert believed[1][0] == pytest.approx(suggestion.evidence.predicted["yield"].sd)
        lived.prepare(extended(history, suggestion))
        history = measured(history, suggestion, rng, states_sds=states_sds)


def test_a_reading_scatters_by_what_is_said_of_it_where_scores_state_no_sds() -> None:
    evidence = BayesianAgent(SETTINGS).ask(played(states_sds=False)).evidence
    assert evidence.predicted["yield"].noise_sd is not None
    stated = BayesianAgent(SETTINGS).ask(played(states_sds=True)).evidence
    assert stated.predicted["yield"].noise_sd is None


def test_counts_are_understood_from_stated_sds() -> None:
    """The variance of a rate is the rate over the exposure; it is highest where the rate is."""
    history = exposed(scattered(60, states_sds=True), "exposure")
    observations = observe(history, Encoding.of(history.space))
    [outcome] = observations.outcomes
    assert outcome.sds is not None
    assert observations.exposures is not None
    law = stated_by(outcome, outcome.sds, observations.exposures)
    for level in (20.0, 90.0):
        floor, counting = law.parts(outcome.scaling.standardised(np.array([level])))
        expected = outcome.scaling.variances(np.array([level]), np.sqrt([level]))[0]
        assert float(counting[0]) == pytest.approx(expected, rel=0.2)
        assert float(floor[0]) < 0.1 * expected


def test_scatter_is_learned_from_what_the_fit_leaves_where_none_is_stated() -> None:
    """Readings of one second scatter by 0.3 of the signal's sd, so a hundredth of one by three."""
    rng, history = np.random.default_rng(1), empty_history(SPACE)
    for _ in range(40):
        point = {"x": float(10 * rng.random()), "exposure": float(0.1 * 100 ** rng.random())}
        truth = np.sin(float(point["x"]))
        history = extended(history, Suggestion(point=point), truth + 0.2 * rng.standard_normal() / np.sqrt(point["exposure"]))
    evidence = BayesianAgent(SETTINGS).ask(history).evidence
    scaling = evidence.model["outcome_transform"]
    sd = np.sqrt(evidence.model["counting"]) * scaling["scale"] * scaling["spread"]
    assert sd == pytest.approx(0.2, rel=0.5)
    assert not evidence.model["doubted"]


def test_seconds_are_learned_as_overhead_way_and_exposure() -> None:
    history = exposed(scattered(15, states_sds=True), "exposure")
    learned = travel(history, Encoding.of(history.space))
    assert learned is not None
    assert learned.base == pytest.approx(OVERHEAD, rel=0.01)
    assert learned.slowness == pytest.approx([CROSSING], rel=0.01)
    assert learned.per_exposure == pytest.approx(1.0, rel=0.01)


def test_before_anything_is_timed_an_exposure_takes_what_it_says() -> None:
    history = exposed(scattered(3, states_sds=True), "exposure")
    learned = travel(history, Encoding.of(history.space))
    assert learned is not None
    assert (learned.per_exposure, learned.slowness.any()) == (1.0, False)


def chooser(*, base: float, crossing: float = 0.0, noise: float = 0.01) -> tuple[Encoding, Exposure]:
    history = exposed(scattered(12, states_sds=True), "exposure")
    encoding, belief = belief_of(history, Hyperparameters(np.array([0.2]), 1.0, noise))
    observations = observe(history, encoding)
    away = Travel(np.array([0.1]), encoding.groups, base, np.array([crossing]), True, 1.0)
    return encoding, Exposure(belief.process, scatter_of(observations, belief), away, tried_in(SPACE, "exposure", EXPOSURE))


def test_the_gradient_is_that_of_what_is_told_per_second() -> None:
    _encoding, exposure = chooser(base=0.5, crossing=3.0)
    cube, step = np.random.default_rng(0).random((40, 1)), 1e-7
    value, gradient = exposure.log_factor(cube)
    assert exposure.log_value(cube) == pytest.approx(value)
    slope = (exposure.log_value(cube + step) - exposure.log_value(cube - step)) / (2 * step)
    assert np.median(np.abs(gradient[:, 0] - slope)) < 1e-3 * np.median(np.abs(slope))


def test_the_longer_everything_else_takes_the_longer_is_the_exposure() -> None:
    cube = np.linspace(0, 1, 20)[:, None]
    before = np.zeros(20)
    for base in (0.01, 0.5, 5.0, 50.0):
        chosen = chooser(base=base)[1].best(cube)
        assert (chosen >= before).all()
        before = chosen
    assert before.mean() > 3 * chooser(base=0.01)[1].best(cube).mean()


def test_what_is_told_keeps_its_digits_and_lies_between_nothing_and_all() -> None:
    sds = np.array([1e-9, 1e-3, 1.0, 1e3])
    told = np.exp(log_told(sds, np.ones(4)))
    assert told == pytest.approx([5e-19, 1 - 1 / np.sqrt(1 + 1e-6), 1 - 1 / np.sqrt(2), 1 - 1 / np.sqrt(1 + 1e6)], rel=1e-6)


def test_a_floor_is_not_paid_for_with_time() -> None:
    """Where counting explains nothing of the scatter, the shortest look is the best."""
    _encoding, counted = chooser(base=0.5)
    steady = replace(counted, scatter=Scatter(noise=0.3, counting=0.0))
    assert (steady.best(np.linspace(0, 1, 10)[:, None]) == 0.1).all()


def test_trials_seen_before_are_not_looked_at_again() -> None:
    history = scattered(5, states_sds=True)
    before = exposed(history, "exposure")
    after = exposed(extended(history, BayesianAgent(SETTINGS).ask(history)), "exposure", before)
    assert after.space is before.space
    assert all(one is other for one, other in zip(before.trials, after.trials, strict=False))
    assert "exposure" not in after.trials[-1].point


def test_a_fixed_exposure_is_kept_to() -> None:
    fixed = LinearConstraint(weights={"exposure": 1.0}, lower=2.0, upper=2.0)
    history = replace(scattered(8, states_sds=True), space=Space(parameters=SPACE.parameters, constraints=(fixed,)))
    assert BayesianAgent(SETTINGS).ask(history).point["exposure"] == 2.0


@pytest.mark.parametrize(
    ("parameter", "expected"),
    [
        (Ordinal(values=(0.1, 1, 10)), {0.1, 1, 10}),
        (Integer(type="integer", limits=(1, 4)), {1, 2, 3, 4}),
        (Integer(type="integer", limits=(1, 10**9)), {round(each) for each in np.geomspace(1, 10**9, 31)}),
        (EXPOSURE, {float(f"{each:.2g}") for each in np.geomspace(0.1, 10, 31)}),
    ],
)
def test_exposures_are_those_the_parameter_can_take(parameter: Continuous | Integer | Ordinal, expected: set[float]) -> None:
    space = Space(parameters={"x": X, "exposure": parameter})
    assert set(tried_in(space, "exposure", parameter)) == expected


def test_a_fixed_whole_number_of_very_many_is_kept_to() -> None:
    parameter = Integer(type="integer", limits=(1, 1000))
    fixed = LinearConstraint(weights={"exposure": 1.0}, lower=137, upper=137)
    assert len(tried_in(Space(parameters={"exposure": parameter}), "exposure", parameter)) <= 31
    assert list(tried_in(Space(parameters={"exposure": parameter}, constraints=(fixed,)), "exposure", parameter)) == [137]


TWO = (YIELD, YIELD.model_copy(update={"name": "cost"}))


@pytest.mark.parametrize(
    ("space", "n_objectives", "message"),
    [
        (Space(parameters={"x": X, "exposur": EXPOSURE}), 1, "'exposure' is no parameter of the space; did you mean 'exposur'"),
        (
            Space(parameters={"x": X, "exposure": Categorical(values=("short", "long"))}),
            1,
            "is categorical; name a parameter that is a number",
        ),
        (Space(parameters={"x": X, "exposure": X}), 1, "begins at 0; give space.exposure a lower limit above 0"),
        (Space(parameters=SPACE.parameters, candidates=({"x": 1.0, "exposure": 1.0},)), 1, "does not go with a pool of candidates"),
        (Space(parameters={"exposure": EXPOSURE}), 1, "is the only parameter of the space"),
        (
            Space(parameters=SPACE.parameters, constraints=(LinearConstraint(weights={"x": 1, "exposure": 1}, upper=9),)),
            1,
            "bound to others by a constraint on x \\+ exposure",
        ),
        (
            Space(parameters=SPACE.parameters, constraints=(LinearConstraint(weights={"exposure": -1}, upper=-11),)),
            1,
            "has no value that the constraints allow",
        ),
        (SPACE, 2, "for one objective, and there are 2 \\(yield, cost\\)"),
    ],
)
def test_a_parameter_that_cannot_be_an_exposure_is_refused(space: Space, n_objectives: int, message: str) -> None:
    with pytest.raises(AgentError, match=message):
        BayesianAgent(SETTINGS).ask(empty_history(space, TWO[:n_objectives]))


def test_an_exposure_without_time_to_spare_is_refused() -> None:
    with pytest.raises(ValueError, match="exposure = 'exposure' needs cost: time"):
        BayesianAgent.Settings(exposure="exposure")


def test_the_unit_of_the_exposure_makes_no_difference_to_what_is_learned() -> None:
    rng = np.random.default_rng(0)
    cube, exposures = rng.random((30, 1)), 0.1 * 100 ** rng.random(30)
    values = np.sin(6 * cube[:, 0]) + 0.3 * rng.standard_normal(30) / np.sqrt(exposures)
    problem = Problem.of(cube, np.zeros(1, dtype=int), values)
    hyperparameters = Hyperparameters(np.array([0.3]), 1.0, 0.01)
    seconds, milliseconds = (probable_counting(problem, unit * exposures, hyperparameters, unit * 0.05) for unit in (1.0, 1000.0))
    assert seconds == pytest.approx(0.09, rel=0.5)
    assert milliseconds == pytest.approx(1000 * seconds, rel=1e-3)


def test_each_place_of_a_short_list_may_be_measured_again() -> None:
    """Six asks of three places, the highest of which is measured more than once."""
    space = Space(parameters={"x": Ordinal(values=(5, 6, 7)), "exposure": Ordinal(values=(0.1, 1, 10))})
    rng, history, agent = np.random.default_rng(0), empty_history(space), BayesianAgent(SETTINGS)
    for _ in range(9):
        history = measured(history, agent.ask(history), rng, states_sds=True)
    places = [trial.point["x"] for trial in history.trials[5:]]
    assert max(places.count(x) for x in (6, 7)) >= 2
    assert not any(space.problems(trial.point) for trial in history.trials)


@pytest.mark.parametrize("safe", [False, True])
def test_limits_are_kept_with_chosen_exposures_too(safe: bool) -> None:
    """The objective is limited itself: rates above 60 are too many."""
    limits = {"yield": Limit(at_most=60.0, safe=safe)}
    start = ({"x": 1.0, "exposure": 1.0}, {"x": 2.0, "exposure": 1.0})
    history = replace(scattered(8, states_sds=True), limits=limits, safe_start=start if safe else ())
    suggestion = BayesianAgent(SETTINGS).ask(history)
    if safe:
        assert suggestion.point["x"] == 1.0
        assert "exposures differ at first" in suggestion.evidence.reason
    else:
        assert "in which a reading scatters" in suggestion.evidence.reason
        assert suggestion.evidence.limits["yield"].probability > 0.5
    assert not SPACE.problems(suggestion.point)
