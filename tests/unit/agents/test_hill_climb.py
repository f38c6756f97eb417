"""Climbing one knob at a time."""

import numpy as np
import pytest
from pydantic import ValidationError

from agents.hill_climb import HillClimbAgent
from agents.rows import rows_of
from orchestrator.domain.base import Point
from orchestrator.domain.campaign import TrialStatus
from orchestrator.domain.errors import AgentError
from orchestrator.domain.history import History
from orchestrator.domain.records import Suggestion, TrialKind
from orchestrator.domain.space import Categorical, Continuous, Integer, Space
from orchestrator.testing.agent_cases import SPACES
from orchestrator.testing.histories import empty_history, extended, history_with, played

MIRROR = Space(parameters={"pitch": Continuous(limits=(-1, 1)), "roll": Continuous(limits=(-1, 1))})
PIXELS = Space(
    parameters={name: Continuous(limits=(0, 8)) for name in "xy"},
    candidates=tuple({"x": float(x), "y": float(y)} for x in range(9) for y in range(9)),
)


def climber(**settings: float) -> HillClimbAgent:
    return HillClimbAgent(HillClimbAgent.Settings.model_validate(settings))


def begun(space: Space, point: Point, value: float) -> History:
    """Return a history in which a person measured where the climb begins."""
    return extended(empty_history(space), Suggestion(point=point), value, kind=TrialKind.HUMAN)


def flux(point: Point) -> float:
    return -((float(point["pitch"]) - 0.5) ** 2) - (float(point["roll"]) + 0.3) ** 2


def rows(history: History) -> np.ndarray:
    return rows_of(history.space, list(history.suggested_points()))


def test_a_mirror_is_aligned_one_motor_at_a_time() -> None:
    history = played(climber(), begun(MIRROR, {"pitch": 0.0, "roll": 0.0}, -0.34), flux, 25)
    path = rows(history)
    np.testing.assert_allclose(path[1:5], [[0.2, 0], [0.4, 0], [0.6, 0], [0.8, 0]])
    assert max(flux(point) for point in history.suggested_points()) > -0.01
    moved = [min(np.count_nonzero(np.abs(path[:index] - path[index]) > 1e-12, axis=1)) for index in range(1, len(path))]
    assert set(moved) == {1}


def test_its_reason_names_the_motor_and_the_way() -> None:
    history = begun(MIRROR, {"pitch": 0.0, "roll": 0.0}, -0.34)
    assert climber().ask(history).evidence.reason == "pitch up from the best point so far, steps of 0.1 of its range"


def test_a_step_that_helps_less_than_the_scatter_is_not_taken() -> None:
    history = extended(empty_history(MIRROR), Suggestion(point={"pitch": 0.0, "roll": 0.0}), 1.0, sd=0.3, kind=TrialKind.HUMAN)
    history = extended(history, climber().ask(history), 1.2, sd=0.3)
    assert climber().ask(history).point == {"pitch": pytest.approx(-0.2), "roll": 0.0}


def test_a_vetoed_step_is_a_bad_one() -> None:
    history = begun(MIRROR, {"pitch": 0.0, "roll": 0.0}, -0.34)
    history = extended(history, climber().ask(history), TrialStatus.VETOED)
    assert climber().ask(history).point == {"pitch": pytest.approx(-0.2), "roll": 0.0}


def test_while_a_step_is_awaited_another_knob_is_tried() -> None:
    history = begun(MIRROR, {"pitch": 0.0, "roll": 0.0}, -0.34)
    waiting = extended(history, climber().ask(history))
    assert "may be needed next" in climber().ask(waiting).evidence.reason


def test_on_a_grid_of_pixels_it_steps_to_a_neighbour() -> None:
    history = played(climber(), begun(PIXELS, {"x": 4.0, "y": 4.0}, 0.0), lambda point: float(point["x"]) - float(point["y"]), 12)
    path = rows(history)
    np.testing.assert_allclose(path[1:5], [[5, 4], [6, 4], [7, 4], [8, 4]])
    assert [8.0, 0.0] in path.tolist()
    with pytest.raises(AgentError, match="pool exhausted"):
        climber().ask(history_with(PIXELS, [(member, 1.0) for member in PIXELS.candidates or ()]))


def test_filters_are_tried_one_by_one_and_numbers_in_whole_steps() -> None:
    space = Space(parameters={"filter": Categorical(values=("none", "Al", "Cu")), "n": Integer(type="integer", limits=(0, 5))})
    worth = {"none": 0.0, "Al": 10.0, "Cu": 20.0}
    history = played(climber(), begun(space, {"filter": "none", "n": 2}, 2.0), lambda p: worth[str(p["filter"])] + float(p["n"]), 12)
    assert list(history.suggested_points())[1:4] == [{"filter": "Al", "n": 2}, {"filter": "Cu", "n": 2}, {"filter": "Cu", "n": 3}]
    assert {"filter": "Cu", "n": 5} in history.suggested_points()


def test_in_a_composition_the_others_give_way() -> None:
    space = SPACES["composition"]
    start = {"Fe": 0.4, "Ga": 0.3, "Pd": 0.3}
    point = climber().ask(begun(space, start, 1.0)).point
    assert point == {"Fe": pytest.approx(0.5), "Ga": pytest.approx(0.25), "Pd": pytest.approx(0.25)}


def test_a_step_of_nothing_is_refused() -> None:
    with pytest.raises(ValidationError, match="greater than 0"):
        climber(step=0)
