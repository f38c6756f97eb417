"""Engines: ours by name, others through adapters, which are only tried where they are installed."""

import numpy as np
import pytest

from orchestrator.benchmarks import engines
from orchestrator.benchmarks.peers.fitting_in import Untried, kept, with_real_numbers
from orchestrator.benchmarks.playing import play
from orchestrator.benchmarks.problems import problem_of
from orchestrator.benchmarks.tasks import all_tasks
from orchestrator.domain.space import Categorical, Continuous, Integer, LinearConstraint, Space

INSTALLED = [name for name in engines.PEERS if not engines.missing(name)]


def test_every_agent_and_every_peer_is_an_engine():
    known = engines.all_engines()
    assert {"bayesian", "random", "sobol", "grid"} <= known.keys()
    assert {"ax", "botorch", "gpcam", "baybe", "xopt", "blop"} <= known.keys()
    assert "scripted" not in known


def test_a_missing_peer_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch):
    absent = engines.Peer("absent", "nowhere", "no-such-distribution", "nothing")
    monkeypatch.setattr(engines, "PEERS", {"absent": absent})
    assert "pip install -c constraints.txt -e '.[peers]'" in engines.missing("absent")
    assert engines.missing("random") == ""


def test_engines_that_cannot_play_a_task_say_why():
    mixed, two = (problem_of(all_tasks()[name]) for name in ("mixed", "branin-currin"))
    assert "categories" in engines.refusal("gpcam", mixed.space, mixed.task.objectives)
    assert "several objectives" in engines.refusal("gpcam", two.space, two.task.objectives)
    assert engines.refusal("bayesian", mixed.space, mixed.task.objectives) == ""


@pytest.mark.filterwarnings("ignore")  # libraries of others warn as they please
@pytest.mark.parametrize("name", INSTALLED)
def test_a_peer_plays_a_function_and_a_pool(name: str):
    for task, budget in (("branin", 6), ("perovskite", 4)):
        run = play(problem_of(all_tasks()[task].model_copy(update={"budget": budget})), name, 0)
        assert run.problem == ""
        assert len(run.truths) == budget


def test_the_nearest_untried_member_is_taken():
    space = Space(parameters={"x": Continuous(limits=(0, 10))}, candidates=tuple({"x": float(x)} for x in (0, 4, 10)))
    untried = Untried(space)
    assert untried.nearest({"x": 3.0}) == {"x": 4.0}
    untried.tried({"x": 4.0})
    assert untried.nearest({"x": 3.0}) == {"x": 0.0}
    assert untried.open_points() == [{"x": 0.0}, {"x": 10.0}]
    untried.tried({"x": 0.0})
    untried.tried({"x": 10.0})
    assert untried.nearest({"x": 9.0}) == {"x": 10.0}


def test_a_box_engines_point_is_brought_within_the_constraints():
    space = Space(
        parameters={"x": Continuous(limits=(0, 1)), "y": Continuous(limits=(0, 1))},
        constraints=(LinearConstraint(weights={"x": 1, "y": 1}, upper=1.0),),
    )
    assert kept(space, {"x": 0.2, "y": 0.3}) == {"x": 0.2, "y": 0.3}
    brought = kept(space, {"x": 0.9, "y": 0.9})
    assert space.contains(brought)
    assert np.isclose(float(brought["x"]) + float(brought["y"]), 1.0)


def test_a_point_that_misses_a_constraint_by_rounding_is_brought_within_it_too():
    problem, rng = problem_of(all_tasks()["hartmann6-constrained"]), np.random.default_rng(0)
    for excess in 10.0 ** rng.uniform(-13, -3, 50):
        row = rng.dirichlet(np.ones(6)) * 1.8 * (1 + excess)
        brought = kept(problem.space, dict(zip(problem.space.names, map(float, np.minimum(row, 1.0)), strict=True)))
        assert problem.space.problems(brought) == ()


def test_real_numbers_that_are_whole_are_told_as_real_ones():
    space = Space(
        parameters={"x": Continuous(limits=(0, 10)), "n": Integer(type="integer", limits=(0, 3)), "kind": Categorical(values=("a", "b"))}
    )
    told = with_real_numbers(space, {"x": 4, "n": 2, "kind": "b"})
    assert told == {"x": 4.0, "n": 2, "kind": "b"}
    assert [type(value) for value in told.values()] == [float, int, str]


@pytest.mark.filterwarnings("ignore")  # libraries of others warn as they please
@pytest.mark.parametrize("name", INSTALLED)
def test_a_peer_plays_a_pool_of_whole_numbers_and_under_a_constraint(name: str):
    for task, budget in (("crossed-barrel", 4), ("hartmann6-constrained", 12)):
        problem = problem_of(all_tasks()[task].model_copy(update={"budget": budget}))
        if not engines.refusal(name, problem.space, problem.task.objectives):
            assert play(problem, name, 0).problem == ""
