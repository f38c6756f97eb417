"""The tasks are what their file says: optima are right, targets as rare as they claim, starts and noise the same for all."""

import numpy as np
import pytest

from agents.rows import from_unit, satisfies
from orchestrator.benchmarks.metrics import random_to_top
from orchestrator.benchmarks.playing import is_as_good
from orchestrator.benchmarks.problems import Pool, Surface, problem_of
from orchestrator.benchmarks.tasks import Task, ValueTarget, all_tasks, named
from orchestrator.domain.errors import BadInput

TASKS = list(all_tasks().values())
POOLS = [task for task in TASKS if task.data]
SURFACES = [task for task in TASKS if task.function and not task.reference]
OPTIMA = {
    "branin": {"x1": np.pi, "x2": 2.275},
    "hartmann6": dict(zip([f"x{n}" for n in range(1, 7)], (0.20169, 0.150011, 0.476874, 0.275332, 0.311652, 0.6573), strict=True)),
    "ackley10": {f"x{n}": 0.0 for n in range(1, 11)},
    "mixed": {"first": "camel", "second": "camel", "camels": 5, "x1": 0.04492, "x2": -0.35635},
    "forrester": {"x1": 0.757249},
    "goldstein-price": {"x1": 0.0, "x2": -1.0},
    "drop-wave": {"x1": 0.0, "x2": 0.0},
    "mccormick-noisy": {"x1": -0.54719, "x2": -1.54719},
    "hartmann4": {"x1": 0.18736, "x2": 0.194155, "x3": 0.557919, "x4": 0.264779},
    "colville": {f"x{n}": 1.0 for n in range(1, 5)},
    "rastrigin4": {f"x{n}": 0.0 for n in range(1, 5)},
    "trid6": {f"x{n}": float(n * (7 - n)) for n in range(1, 7)},
    "cosine8": {f"x{n}": 0.0 for n in range(1, 9)},
    "hartmann6-constrained": dict(
        zip([f"x{n}" for n in range(1, 7)], (0.147314, 0.083334, 0.388453, 0.254786, 0.295842, 0.63027), strict=True)
    ),
}


@pytest.mark.parametrize("name", OPTIMA)
def test_the_optimum_is_where_the_literature_has_it(name: str):
    problem = problem_of(all_tasks()[name])
    assert not problem.space.problems(OPTIMA[name])
    assert problem.truth(OPTIMA[name], 1)[0] == pytest.approx(problem.optimum, abs=2e-4)


@pytest.mark.parametrize("task", SURFACES, ids=lambda task: task.name)
def test_a_target_is_as_rare_as_the_file_says(task: Task):
    problem = problem_of(task)
    assert isinstance(problem, Surface)
    assert isinstance(task.target, ValueTarget)
    if task.target.random > 10_000:
        pytest.skip("too rare to be met within a second; the file says how it was found")
    rng = np.random.default_rng(0)
    n_drawn = 400_000 if task.target.random > 1500 else 150_000
    drawn = from_unit(problem.space, rng.random((n_drawn, len(problem.space.parameters))))
    drawn = drawn[satisfies(problem.space, drawn)]
    values = problem.values_at(drawn, (task.counts_after + task.budget) // 2)[:, 0]
    meets = np.less_equal if task.goal == "minimise" else np.greater_equal
    n_met = int(meets(values, task.target.value).sum())
    expected = len(drawn) / task.target.random
    assert abs(n_met - expected) < 4 * np.sqrt(expected) + 0.05 * expected


@pytest.mark.parametrize("task", POOLS, ids=lambda task: task.name)
def test_a_pools_budget_is_what_random_search_needs(task: Task):
    problem = problem_of(task)
    assert isinstance(problem, Pool)
    assert task.budget == round(random_to_top(len(problem.values), problem.n_top, problem.n_wanted))
    assert sum(is_as_good(value, problem.threshold, task.goal) for value in problem.values) == problem.n_top


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_starts_lie_in_the_space_and_depend_on_the_seed_alone(task: Task):
    problem = problem_of(task)
    start = problem.start(3)
    assert start == problem_of(task).start(3)
    assert start != problem.start(4)
    assert len(start) == (2 if task.data else min(max(5, 2 * len(task.space)), 10))
    assert [found for point in start for found in problem.space.problems(point)] == []


@pytest.mark.parametrize("name", ["crossed-barrel-replicates", "hartmann6-noisy", "branin-outliers"])
def test_a_reading_is_a_function_of_seed_and_trial(name: str):
    problem = problem_of(all_tasks()[name])
    [point, *_] = problem.start(0)
    readings = [[problem.measure(point, seed=seed, trial=trial) for trial in range(1, 60)] for seed in (0, 0, 1)]
    assert readings[0] == readings[1] != readings[2]
    assert len({str(reading) for reading in readings[0]}) > 1


def test_one_reading_in_twenty_is_grossly_off():
    problem = problem_of(all_tasks()["branin-outliers"])
    [point, *_] = problem.start(0)
    errors = np.array([problem.measure(point, seed=0, trial=trial)["y"] - problem.truth(point, trial)[0] for trial in range(1, 2001)])
    off = np.abs(errors[errors != 0.0])
    assert 0.035 < len(off) / len(errors) < 0.065
    assert off.min() >= 256
    assert off.max() <= 1025


def test_drift_moves_readings_and_a_moving_optimum_moves_the_truth():
    drifting, moving = (problem_of(all_tasks()[name]) for name in ("branin-drift", "branin-moving"))
    point = {"x1": np.pi, "x2": 2.275}
    assert drifting.truth(point, 50) == drifting.truth(point, 1)
    assert [drifting.measure(point, seed=seed, trial=50)["y"] - drifting.truth(point, 50)[0] for seed in (0, 1)] == pytest.approx(
        [51.3, -51.3]
    )
    assert moving.truth({"x1": np.pi + 3.0, "x2": 2.275}, 60) == pytest.approx(moving.truth(point, 1))


def test_a_misspelt_task_is_refused_with_the_nearest():
    with pytest.raises(BadInput, match="did you mean 'hartmann6'"):
        named(["hartman6"], all_tasks(), "task")
