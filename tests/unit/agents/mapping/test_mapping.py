"""Where the mapping agent goes, and why."""

import re
from collections.abc import Callable

import numpy as np
import pytest
from pydantic import ValidationError

from agents.mapping import MappingAgent
from orchestrator.domain.errors import AgentError, SpaceExhausted
from orchestrator.domain.history import History
from orchestrator.domain.records import Objective, Suggestion
from orchestrator.testing.histories import extended, history_with
from tests.unit.agents.mapping.maps import GRID, PLANE, POOL, Truth, columns, grain, mapped, number, peak, peak_map, slope, wave_map, waves


def agent(**settings: object) -> MappingAgent:
    return MappingAgent(MappingAgent.Settings.model_validate(settings))


def is_near_the_peak(points: np.ndarray) -> np.ndarray:
    return np.linalg.norm(points - 7.0, axis=1) < 3.0


def test_a_peak_gets_more_points_than_the_flat_ground() -> None:
    points = columns(peak_map())
    share_of_area = is_near_the_peak(np.array([[point["x"], point["y"]] for point in GRID])).mean()
    assert is_near_the_peak(points[10:]).mean() > 1.7 * share_of_area


def test_a_smooth_map_is_covered_evenly() -> None:
    points = columns(wave_map())
    quarters = np.bincount((points[:, 0] > 5.0) * 2 + (points[:, 1] > 5.0), minlength=4)
    assert quarters.min() >= 6


def test_a_continuous_space_is_mapped_too() -> None:
    points = columns(mapped(peak, 30, PLANE))
    assert len(np.unique(points, axis=0)) == 30
    assert is_near_the_peak(points[10:]).mean() > 0.3


def test_points_gather_at_the_level() -> None:
    points = columns(mapped(slope, 25, goal="level-set", level=6.0))
    assert (np.abs(points[10:, 0] - 6.0) < 1.0).mean() > 0.5


def test_points_gather_at_the_boundary() -> None:
    def is_at_the_edge(points: np.ndarray) -> np.ndarray:
        return np.abs(np.linalg.norm(points - 4.0, axis=1) - 3.0) < 1.0

    points = columns(mapped(grain, 30, goal="boundary"))
    share_of_area = is_at_the_edge(np.array([[point["x"], point["y"]] for point in GRID])).mean()
    assert is_at_the_edge(points[10:]).mean() > 1.5 * share_of_area


def test_two_objectives_share_the_points() -> None:
    objectives = (Objective(name="left", goal="maximise"), Objective(name="right", goal="minimise", unit="mm"))
    scores = [(point, {"left": waves(point), "right": 1e6 * peak(point)}) for point in GRID[::37]]
    evidence = agent().ask(history_with(POOL, scores, objectives)).evidence
    assert evidence.predicted.keys() == evidence.model["objectives"].keys() == {"left", "right"}


def test_the_reason_and_the_model_say_how_rough_the_map_is() -> None:
    evidence = peak_map().trials[-1].evidence
    assert "unevenly rough" in evidence.reason
    assert re.search(r"weight \d+%: (\d+% by place|\d+% by level)", evidence.reason)
    assert evidence.model["amplitude"]["unevenness"] > 0.9
    assert max(smoothing["gain"] for smoothing in evidence.model["amplitude"]["smoothings"]) > 0
    assert evidence.acquisition is not None
    assert evidence.acquisition.is_log
    assert -10 < evidence.acquisition.value < 0
    assert re.fullmatch(r"to remove \d+\.\d% of the squared error of the map, now \d+\.\d%", evidence.purpose)


def test_the_recorded_model_predicts_what_the_evidence_predicted() -> None:
    history = peak_map()
    suggestion = agent().ask(history)
    means, sds = agent().posterior(history, suggestion.evidence).predict([suggestion.point])["yield"]
    assert means[0] == pytest.approx(suggestion.evidence.predicted["yield"].mean, rel=1e-6, abs=1e-9)
    assert sds[0] == pytest.approx(suggestion.evidence.predicted["yield"].sd, rel=1e-6)


def test_a_model_recorded_before_levels_counted_is_still_the_one_that_was_recorded() -> None:
    history = peak_map()
    evidence = agent().ask(history).evidence
    by_place = {"reach": 2.0, "caution": 0.1, "gain": 9.0, "scale": 1.0, "weight": 1.0}
    earlier = {**evidence.model, "amplitude": {**evidence.model["amplitude"], "smoothings": [by_place]}}
    fields = agent().posterior(history, evidence.model_copy(update={"model": earlier}))
    (smoothing,) = fields.fields[0].amplitude.smoothings
    assert (smoothing.reach, smoothing.breadth, smoothing.weight) == (2.0, None, 1.0)
    assert fields.predict(GRID)["yield"][1].max() > 0


def test_a_model_of_another_history_is_refused() -> None:
    history = wave_map()
    evidence = history.trials[-1].evidence
    with pytest.raises(AgentError, match="39 scored trials"):
        agent().posterior(history, evidence)


def test_pending_points_count_as_measured() -> None:
    history = wave_map()
    first = agent().ask(history)
    second = agent().ask(extended(history, first))
    distance = np.linalg.norm([number(first.point, name) - number(second.point, name) for name in ("x", "y")])
    assert distance > 1.0


def test_a_good_map_completes_the_campaign() -> None:
    with pytest.raises(SpaceExhausted, match="good enough"):
        mapped(slope, 120, good_enough=0.05)


def test_a_flat_map_is_never_called_good() -> None:
    assert len(mapped(lambda point: 3.0, 16, good_enough=0.9).trials) == 16


@pytest.mark.parametrize(("truth", "history"), [(waves, wave_map), (peak, peak_map)])
def test_the_expected_error_is_near_the_true_one(truth: Truth, history: Callable[[], History]) -> None:
    shown = history()
    suggestion = agent().ask(shown)
    means, _ = agent().posterior(shown, suggestion.evidence).predict(GRID)["yield"]
    values = np.array([truth(point) for point in GRID])
    span = np.subtract(*np.percentile(values, [99, 1]))
    true = np.sqrt(np.mean((means - values) ** 2)) / span
    assert true / 3 < suggestion.evidence.model["expected_error"] < true * 3


def test_an_exhausted_pool_is_an_error() -> None:
    history = history_with(POOL, [(point, 1.0) for point in GRID])
    with pytest.raises(AgentError, match="pool exhausted"):
        agent().ask(history)


def test_duplicates_and_missing_scores_do_no_harm() -> None:
    same = [(GRID[k % 5], float(k)) for k in range(15)]
    history = history_with(PLANE, same)
    history = extended(history, Suggestion(point=GRID[9]), {"yield": None})
    assert PLANE.contains(agent().ask(history).point)


def test_one_point_is_enough_to_go_on() -> None:
    history = history_with(POOL, [(GRID[0], 1.0)])
    assert agent(n_initial=1).ask(history).point != GRID[0]


@pytest.mark.parametrize("settings", [{"goal": "level-set"}, {"level": 3.0}, {"goal": "boundary", "level": 1.0}])
def test_a_level_and_a_level_set_belong_together(settings: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match="belong together"):
        agent(**settings)
