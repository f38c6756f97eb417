"""While readings show nothing the space is filled evenly; as soon as they show something, they are followed."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from agents.bayesian import evenness
from agents.bayesian.sparse import MOST_EXACT
from orchestrator import AskTell

SQUARE: dict[str, Any] = {"a": {"limits": [0, 1]}, "b": {"limits": [0, 1]}}
N_BEFORE = 10
"""Twice an opening of two parameters."""


def reasons(value: Callable[[dict[str, Any], np.random.Generator], float], n: int = 20, **more: Any) -> Sequence[str]:
    """Return why each point of a loop was suggested, and tell it what a function says."""
    loop, rng = AskTell(SQUARE, {"y": "maximise"}, **more), np.random.default_rng(5)
    for _ in range(n):
        [point] = loop.ask()
        loop.tell(point, {"y": value(point, rng)})
    return [trial.evidence.reason for trial in loop.state.trials]


def n_even(said: Sequence[str]) -> int:
    return sum(each.startswith("to fill the space evenly") for each in said)


@pytest.mark.parametrize(
    "value",
    [
        lambda _point, _rng: 0.0,
        lambda _point, rng: rng.normal(),
        lambda _point, rng: float(rng.poisson(5)),
        lambda _point, rng: 1e9 + rng.normal(),
    ],
    ids=["all equal", "normal noise", "counts", "far from zero"],
)
def test_readings_that_are_alike_but_for_chance_are_not_followed(value: Callable[..., float]):
    said = reasons(value)
    assert n_even(said[:N_BEFORE]) == 0
    assert n_even(said[N_BEFORE:]) >= 5
    first = next(number for number, each in enumerate(said) if n_even([each]))
    assert f"all {first} readings are alike but for chance" in said[first]


def test_points_then_do_not_cling_to_the_rim():
    assert np.mean([share_on_rim(seed) for seed in range(4)]) < 0.25


def share_on_rim(seed: int) -> float:
    loop, rng = AskTell(SQUARE, {"y": "maximise"}, seed=seed), np.random.default_rng(seed)
    for _ in range(25):
        [point] = loop.ask()
        loop.tell(point, {"y": rng.normal()})
    places = np.array([[trial.point["a"], trial.point["b"]] for trial in loop.state.trials[N_BEFORE:]], dtype=float)
    return float(((places < 0.02) | (places > 0.98)).any(axis=1).mean())


@pytest.mark.parametrize(
    "value",
    [
        lambda point, _rng: -((point["a"] - 0.3) ** 2) - (point["b"] - 0.6) ** 2,
        lambda point, rng: 3.0 * point["a"] + 0.3 * rng.normal(),
    ],
    ids=["a hill", "a slope under noise"],
)
def test_readings_that_show_something_are_followed(value: Callable[..., float]):
    assert n_even(reasons(value)) == 0


def test_one_reading_that_stands_out_is_followed_however_flat_the_rest():
    loop, rng = AskTell(SQUARE, {"y": "maximise"}, seed=1), np.random.default_rng(1)
    for _ in range(N_BEFORE + 4):
        [point] = loop.ask()
        loop.tell(point, {"y": rng.normal()})
    assert n_even([trial.evidence.reason for trial in loop.state.trials]) > 0
    [hit] = loop.ask()
    loop.tell(hit, {"y": 100.0})
    [after] = loop.ask()
    assert n_even([loop.state.trials[-1].evidence.reason]) == 0
    assert max(abs(float(after[name]) - float(hit[name])) for name in SQUARE) < 0.3


def test_thousands_of_readings_have_no_likelihood_that_could_be_compared(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(evenness, "_gain", lambda _belief: pytest.fail("a process that knows its readings roughly has another factor"))
    loop, rng = AskTell(SQUARE, {"y": "maximise"}), np.random.default_rng(5)
    for a, b, y in rng.random((MOST_EXACT + 1, 3)):
        loop.tell({"a": a, "b": b}, {"y": y})
    loop.ask()
    assert n_even([loop.state.trials[-1].evidence.reason]) == 0


def test_a_pool_and_a_limit_are_chosen_from_as_before():
    pool = [{"a": a / 7, "b": b / 7} for a in range(8) for b in range(8)]
    assert n_even(reasons(lambda _point, rng: rng.normal(), candidates=pool)) == 0
    loop, rng = AskTell(SQUARE, {"y": "maximise"}, limits={"t": {"at_most": 2.0}}), np.random.default_rng(5)
    for _ in range(16):
        [point] = loop.ask()
        loop.tell(point, {"y": rng.normal(), "t": point["a"]})
    assert n_even([trial.evidence.reason for trial in loop.state.trials]) == 0
