"""The Bayesian agent as a scientist meets it."""

import json
import math
import re
from dataclasses import replace

import numpy as np
import pytest

from agents.bayesian import BayesianAgent
from orchestrator.domain.base import Point
from orchestrator.domain.campaign import TrialStatus
from orchestrator.domain.history import History
from orchestrator.domain.records import Objective, Suggestion
from orchestrator.domain.space import Continuous, Integer, Space
from orchestrator.testing.agent_cases import SPACES, example_points
from orchestrator.testing.agent_contract import without_seconds
from orchestrator.testing.histories import YIELD, empty_history, extended, history_with, played
from orchestrator.wording.numbers import show_number

LINE = Space(parameters={"x": Continuous(limits=(0, 10), unit="mm")})
COST = Objective(name="cost", goal="minimise", unit="s")


def agent(n_initial: int | None = None) -> BayesianAgent:
    return BayesianAgent(BayesianAgent.Settings(n_initial=n_initial))


def hill(point: Point) -> float:
    """Return a smooth peak of height 10 at x = 7.3 with a lower one at x = 2."""
    x = float(point["x"])
    return 10 * math.exp(-((x - 7.3) ** 2)) + 6 * math.exp(-((x - 2) ** 2))


def measured(points: list[float], *, sign: float = 1.0, objective: Objective = YIELD, shift: float = 0.0, scale: float = 1.0) -> History:
    return history_with(LINE, [({"x": x}, shift + scale * sign * hill({"x": x})) for x in points], [objective])


SPREAD = [0.5, 2.2, 4.0, 5.9, 8.3, 9.5]


def test_it_finds_the_higher_of_two_peaks() -> None:
    history = played(agent(), empty_history(LINE), hill, 16)
    best = max(history.scored(), key=lambda trial: hill(trial.point))
    assert float(best.point["x"]) == pytest.approx(7.3, abs=0.2)


def test_it_finds_the_top_through_noise_and_does_not_stand_on_one_spot() -> None:
    rng = np.random.default_rng(0)
    history = played(agent(), empty_history(LINE), lambda point: hill(point) + rng.normal(0, 1.5), 25)
    late = [float(trial.point["x"]) for trial in history.trials[10:]]
    assert sum(abs(x - 7.3) < 1.0 for x in late) >= 5
    assert len({round(x, 3) for x in late}) == len(late)


def test_minimising_is_maximising_the_opposite() -> None:
    up = agent().ask(measured(SPREAD))
    down = agent().ask(measured(SPREAD, sign=-1.0, objective=COST))
    assert down.point == pytest.approx(up.point)
    assert down.evidence.predicted["cost"].mean == pytest.approx(-up.evidence.predicted["yield"].mean)


@pytest.mark.parametrize(("shift", "scale"), [(273.15, 1.0), (0.0, 1e-9), (-5e6, 1e4)])
def test_the_unit_of_the_objective_changes_the_numbers_and_not_the_point(shift: float, scale: float) -> None:
    plain, other = agent().ask(measured(SPREAD)), agent().ask(measured(SPREAD, shift=shift, scale=scale))
    assert float(other.point["x"]) == pytest.approx(float(plain.point["x"]), abs=1e-3)
    predicted, expected = other.evidence.predicted["yield"], plain.evidence.predicted["yield"]
    assert predicted.mean == pytest.approx(shift + scale * expected.mean, rel=1e-3)
    assert predicted.sd == pytest.approx(scale * expected.sd, rel=1e-2)
    assert other.evidence.model["noise_sd"] == pytest.approx(scale * plain.evidence.model["noise_sd"], rel=0.05)


def test_the_first_points_fill_the_space_and_say_so() -> None:
    suggestion = agent().ask(measured(SPREAD[:2]))
    assert suggestion.evidence.reason.startswith("initial design, 3 of 5")
    assert suggestion.evidence.model == {}


@pytest.mark.parametrize(("n_parameters", "expected"), [(1, 5), (4, 8), (7, 10)])
def test_the_initial_design_grows_with_the_space_up_to_a_limit(n_parameters: int, expected: int) -> None:
    space = Space(parameters={f"x{k}": Continuous(limits=(0, 1)) for k in range(n_parameters)})
    assert f"1 of {expected}:" in agent().ask(empty_history(space)).evidence.reason


def test_points_awaiting_analysis_count_for_the_initial_design_but_do_not_teach() -> None:
    waiting = history_with(LINE, [({"x": x}, TrialStatus.AWAITING) for x in SPREAD])
    assert "initial design" in agent().ask(waiting).evidence.reason
    assert "initial design" not in agent().ask(extended(waiting, Suggestion(point={"x": 1.0}), 2.0)).evidence.reason


@pytest.mark.parametrize(("n_failed", "n_succeeded", "is_over"), [(7, 2, False), (8, 2, True), (9, 1, False)])
def test_the_opening_ends_early_where_most_measurements_fail(n_failed: int, n_succeeded: int, is_over: bool) -> None:
    failed = [({"x": float(x)}, TrialStatus.FAILED) for x in np.linspace(0.0, 6.0, n_failed)]
    history = history_with(LINE, [*failed, *(({"x": 8.0 + n}, 1.0) for n in range(n_succeeded))])
    assert ("initial design" not in agent().ask(history).evidence.reason) == is_over


def test_a_pending_point_is_not_suggested_again() -> None:
    history = measured(SPREAD)
    first = agent().ask(history)
    second = agent().ask(extended(history, first, TrialStatus.AWAITING))
    assert abs(float(second.point["x"]) - float(first.point["x"])) > 0.3


def test_after_vetoes_it_moves_well_away_instead_of_by_a_hair() -> None:
    history = measured(SPREAD)
    for _ in range(3):
        suggestion = agent().ask(history)
        refused = [float(trial.point["x"]) for trial in history.trials if trial.status is TrialStatus.VETOED]
        assert all(abs(float(suggestion.point["x"]) - x) > 0.2 for x in refused)
        history = extended(history, suggestion, TrialStatus.VETOED)


def test_the_evidence_reads_well_and_adds_up() -> None:
    evidence = agent().ask(measured(SPREAD)).evidence
    predicted = evidence.predicted["yield"]
    assert evidence.reason.startswith(f"expected {show_number(predicted.mean, predicted.sd, '%')}, ")
    assert "least certain direction" not in evidence.reason  # with one parameter there is no other
    assert evidence.acquisition is not None
    assert set(evidence.acquisition.parts) == {"exploit", "explore"}
    assert sum(evidence.acquisition.parts.values()) > 0
    assert 3 <= len(evidence.runners_up) <= 5
    assert all(
        runner_up.acquisition <= evidence.acquisition.value for runner_up in evidence.runners_up if runner_up.acquisition is not None
    )
    places = [evidence.model["n_train"], *(float(runner_up.point["x"]) for runner_up in evidence.runners_up)]
    assert len(set(places)) == len(places)
    assert set(evidence.seconds) == {"prepare", "refine"}


def test_a_lucky_reading_is_not_believed_the_best() -> None:
    hill = [(x / 2, 10.0 - (x / 2 - 6.0) ** 2 / 4) for x in range(21)]
    trials = [({"x": x}, value + 0.8 * math.sin(17.0 * x)) for x, value in hill]
    trials.insert(5, ({"x": 2.2}, 11.5))  # 6.4 is true there, and a reading scatters by 2
    history = history_with(LINE, trials, sd=2.0)
    assert history.trials[5].score is not None
    assert max(trial.score.objectives["yield"].value for trial in history.trials if trial.score) == 11.5
    evidence = agent().ask(history).evidence
    believed = evidence.believed_best
    assert believed is not None
    point = history.trials[believed.trial - 1].point
    assert 5.0 <= float(point["x"]) <= 7.0
    means, sds = agent().posterior(history, evidence).predict([point])["yield"]
    assert (believed.mean, believed.sd) == (pytest.approx(means[0], rel=1e-6), pytest.approx(sds[0], rel=1e-4))


def test_the_recorded_model_gives_back_the_recorded_prediction() -> None:
    from scipy.stats import yeojohnson

    history = measured(SPREAD)
    suggestion = agent().ask(history)
    model, predicted = json.loads(json.dumps(suggestion.evidence.model)), suggestion.evidence.predicted["yield"]
    scaling = model["outcome_transform"]

    def standardised(values: np.ndarray) -> np.ndarray:
        even = (values - scaling["centre"]) / scaling["spread"]
        return (yeojohnson(even, scaling["power"]) - scaling["shift"]) / scaling["scale"]

    def kernel(one: np.ndarray, other: np.ndarray) -> np.ndarray:
        r = np.sqrt(5) * np.abs(one[:, None] - other) / model["lengthscales"]["x"]
        return model["outputscale"] * (1 + r + r**2 / 3) * np.exp(-r)

    x, new = np.array(SPREAD), np.array([float(suggestion.point["x"])])
    y = standardised(np.array([hill({"x": value}) for value in SPREAD]))
    weights = kernel(new, x) @ np.linalg.inv(kernel(x, x) + model["noise"] * np.eye(len(x)))
    mean = (model["mean"] + weights @ (y - model["mean"]))[0]
    sd = np.sqrt((kernel(new, new) - weights @ kernel(x, new))[0, 0])
    said = np.sqrt(sd**2 + (model["excess"] ** 2 - 1) * (sd**2 + model["noise"]))
    assert standardised(np.array([predicted.mean]))[0] == pytest.approx(mean, rel=1e-4)
    ends = predicted.mean + predicted.sd * np.array([-1.0, 1.0])
    assert np.diff(standardised(ends))[0] / 2 == pytest.approx(said, rel=0.2)  # the interval's ends, up to the bend between them


def test_the_newest_score_changes_what_is_believed_and_suggested() -> None:
    pending = extended(measured(SPREAD), Suggestion(point={"x": 7.0}))
    thinking = agent()
    thinking.prepare(pending)
    good, bad = (thinking.ask(extended(measured(SPREAD), Suggestion(point={"x": 7.0}), value)) for value in (12.0, 0.0))
    assert good.point != bad.point
    assert good.evidence.predicted != bad.evidence.predicted


def test_what_was_thought_ahead_is_used_and_makes_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    from agents.bayesian import decision

    prepared, unprepared = agent(), agent()
    prepared.prepare(extended(measured(SPREAD), Suggestion(point={"x": 7.0})))
    scored = extended(measured(SPREAD), Suggestion(point={"x": 7.0}), 9.0)
    expected = unprepared.ask(scored)

    def think_again(_history: History) -> None:
        raise AssertionError("what was thought ahead was not used")

    monkeypatch.setattr(decision, "think", think_again)
    assert without_seconds(prepared.ask(scored)) == without_seconds(expected)
    assert expected.evidence.model["n_prepared"] == len(SPREAD)


def test_what_was_thought_of_another_history_is_not_used() -> None:
    thinking = agent()
    thinking.prepare(extended(measured([*SPREAD, 1.0]), Suggestion(point={"x": 7.0})))
    scored = extended(measured(SPREAD), Suggestion(point={"x": 7.0}), 9.0)
    assert without_seconds(thinking.ask(scored)) == without_seconds(agent().ask(scored))


def test_hyperparameters_are_kept_while_few_trials_are_new() -> None:
    rng = np.random.default_rng(0)
    points = [{"x": float(x)} for x in rng.uniform(0, 10, 151)]
    history = history_with(LINE, [(point, hill(point) + rng.normal(0, 0.5)) for point in points])
    first = agent().ask(history)
    second = agent().ask(extended(history, first, 3.0))
    assert (first.evidence.model["was_refit"], second.evidence.model["was_refit"]) == (True, False)
    assert second.evidence.model["n_fitted"] == 150
    assert second.evidence.model["n_train"] == 152
    assert second.evidence.model["lengthscales"]["x"] == pytest.approx(first.evidence.model["lengthscales"]["x"])
    third = agent().ask(extended(extended(extended(history, first, 3.0), second, 3.0), second, 3.0))
    assert third.evidence.model["was_refit"]


def test_a_reading_far_from_everything_expected_makes_it_fit_again() -> None:
    rng = np.random.default_rng(0)
    points = [{"x": float(x)} for x in rng.uniform(0, 6, 100)]
    history = history_with(LINE, [(point, hill(point) + rng.normal(0, 0.1)) for point in points])
    for value, was_shocked in ((hill({"x": 3.0}), False), (60.0, True)):
        model = agent().ask(extended(history, Suggestion(point={"x": 3.0}), value)).evidence.model
        assert (model["n_fitted"] == 101) is was_shocked


def test_torchs_own_random_numbers_neither_matter_nor_change() -> None:
    import torch

    history = measured(SPREAD)
    torch.manual_seed(1)
    first = agent().ask(history)
    state = torch.random.get_rng_state()
    torch.manual_seed(2)
    assert without_seconds(agent().ask(history)) == without_seconds(first)
    torch.manual_seed(1)
    agent().ask(history)
    assert torch.equal(torch.random.get_rng_state(), state)


def test_another_seed_gives_another_search_but_the_same_model() -> None:
    history = measured(SPREAD)
    one, other = agent().ask(history), agent().ask(replace(history, seed=5))
    assert one.evidence.model == other.evidence.model
    assert one.point != other.point
    assert one.evidence.acquisition is not None
    assert other.evidence.acquisition is not None
    assert one.evidence.acquisition.value == pytest.approx(other.evidence.acquisition.value, abs=0.3)


def test_several_objectives_are_judged_by_what_they_gain_together() -> None:
    space = SPACES["continuous"]
    scores = [{"yield": float(point["x"]), "cost": float(point["x"]) ** 2} for point in example_points(space, 9)]
    history = history_with(space, zip(example_points(space, 9), scores, strict=True), [YIELD, COST])
    evidence = agent().ask(history).evidence
    assert evidence.predicted.keys() == evidence.model["objectives"].keys() == {"yield", "cost"}
    assert evidence.acquisition is not None
    assert evidence.acquisition.name == "noisy expected hypervolume improvement"
    assert re.match(r"yield expected .*, cost expected .* best trade-offs? so far; least certain direction: [xy]", evidence.reason)


def test_a_small_finite_space_is_measured_again_once_it_is_known() -> None:
    space = Space(parameters={"n": Integer(type="integer", limits=(0, 3))})
    trials = [({"n": n}, float(10 - abs(n - 2) * 5)) for n in range(4)]
    history = history_with(space, [*trials, *trials, ({"n": 2}, TrialStatus.VETOED)])
    suggestion = agent(4).ask(history)
    assert suggestion.evidence.acquisition is not None
    assert suggestion.evidence.acquisition.name == "hopeful guess (mean and 2 sd, not widened)"
    assert suggestion.point in ({"n": 1}, {"n": 3})  # 2 is the best one but was refused


@pytest.mark.parametrize(("objective", "sign"), [(YIELD, 1), (COST, -1)], ids=["maximise", "minimise"])
def test_a_hopeful_guess_is_recorded_in_the_objectives_unit(objective: Objective, sign: int) -> None:
    ladder = Space(parameters={"x": Continuous(limits=(0, 1))}, candidates=tuple({"x": k / 19} for k in range(20)))
    trials = [({"x": k / 19}, float(300 + 10 * k)) for k in range(0, 12, 2)]
    evidence = agent(4).ask(history_with(ladder, trials, [objective])).evidence
    predicted, acquisition = evidence.predicted[objective.name], evidence.acquisition
    assert acquisition is not None
    assert (acquisition.unit, acquisition.is_log) == (objective.unit, False)
    assert acquisition.value == pytest.approx(predicted.mean + sign * 2 * predicted.sd, rel=0.1)
    assert all(sign * (acquisition.value - (other.acquisition or 0.0)) >= 0 for other in evidence.runners_up)


def test_the_opening_of_a_pool_resembles_the_pool() -> None:
    ladder = Space(parameters={"x": Continuous(limits=(0, 1))}, candidates=tuple({"x": k / 99} for k in range(100)))
    opened = played(agent(), empty_history(ladder), lambda point: 1.0, 5)
    xs = sorted(float(point["x"]) for point in opened.suggested_points())
    assert xs == pytest.approx([0.1, 0.3, 0.5, 0.7, 0.9], abs=0.12)
