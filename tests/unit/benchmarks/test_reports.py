"""Tables say what was found, what was not reached, and what nobody played; the page keeps its other sections."""

from pathlib import Path

from orchestrator.benchmarks.latency import LatencySuite
from orchestrator.benchmarks.latency_report import report as latency_report
from orchestrator.benchmarks.optimise_report import report
from orchestrator.benchmarks.page import with_section, write_section
from orchestrator.benchmarks.records import Latency, append
from orchestrator.benchmarks.suites import Wish
from orchestrator.benchmarks.tasks import all_tasks
from tests.unit.benchmarks.test_playing import HERE, a_run

TASKS = list(all_tasks().values())
PAGE = "# Benchmarks\n\nOn a bench.\n\n## One\n\nfirst\n\n## Two\n\nsecond\n"


def cells(page: str, title: str, engine: str) -> list[str]:
    """Return an engine's row in the first table after a title."""
    after = page[page.index(title) :].splitlines()
    return next(line for line in after if line.startswith(f"| {engine} |")).strip("| ").split(" | ")[1:]


def test_a_mean_without_all_seeds_is_a_lower_bound_and_says_how_many_got_there():
    runs = [
        a_run("branin", "random", 0, measurements=20, truths=[[0.41]] * 50, cpu_s=[0.5]),
        a_run("branin", "random", 1, truths=[[1.4]] * 50, cpu_s=[1.5]),
        a_run("branin", "sobol", 0, measurements=10, truths=[[0.4]] * 50, cpu_s=[0.1]),
    ]
    page = report(runs, TASKS)
    assert cells(page, "Measurements to the target", "random") == ["≥ 35 [20, 50] 1/2"]
    assert cells(page, "Acceleration factor", "random") == ["≤ 28.6"]
    assert cells(page, "Acceleration factor", "sobol") == ["100"]
    assert cells(page, "CPU seconds per ask", "random") == ["1"]
    assert cells(page, "Mean ranks", "sobol") == ["1.0 on 1", "1.0 on 1"]


def test_who_plays_alone_is_first_of_nobody():
    runs = [a_run("branin", name, 0, measurements=n, truths=[[0.4]] * 50) for name, n in (("bayesian", 20), ("sobol", 10))]
    page = report([*runs, a_run("ackley10", "bayesian", 0, measurements=5, truths=[[9.0]] * 100)], TASKS)
    assert cells(page, "Mean ranks", "bayesian") == ["2.0 on 1", "2.0 on 1"]


def test_ours_is_compared_on_the_seeds_that_both_played():
    runs = [a_run("branin", "bayesian", seed, measurements=10, truths=[[0.4]] * 50) for seed in range(4)]
    runs += [a_run("branin", "sobol", seed, measurements=20, truths=[[0.4]] * 50) for seed in range(2)]
    assert cells(report(runs, TASKS), "Measurements of `bayesian`", "sobol") == ["0.5 [0.5, 0.5]"]


def test_a_pool_has_its_ceiling_and_a_failure_is_named():
    runs = [a_run("perovskite", "random", 0, hits=[2, 12, 20, 40], measurements=40, truths=[[1.0]] * 40, cpu_s=[0.1])]
    page = report([*runs, a_run("perovskite", "sobol", 0, problem="LinAlgError after 2 measurements: not positive definite")], TASKS)
    assert cells(page, "Acceleration factor", "random") == ["1.58"]
    assert cells(page, "Acceleration factor", "*nobody exceeds*") == ["10.6"]
    assert "- perovskite, sobol, seed 0: LinAlgError after 2 measurements" in page


def test_ratios_of_latency_are_taken_within_a_round():
    rounds = [
        Latency(load="2d-10", engine=engine, number=number, cpu_s=(seconds,), wall_s=(seconds,), surroundings=HERE)
        for number, (ours, theirs) in enumerate([(0.1, 1.0), (0.3, 3.0), (0.2, 1.0)])
        for engine, seconds in (("random", ours), ("botorch", theirs))
    ]
    page = latency_report(rounds)
    assert cells(page, "three asks", "random") == ["0.2"]
    assert cells(page, "Against botorch", "random") == ["0.1"]


def test_a_section_is_replaced_in_place_and_a_new_one_comes_last():
    assert with_section(PAGE, "One", "anew") == PAGE.replace("first", "anew")
    assert with_section(PAGE, "Three", "third") == f"{PAGE}\n## Three\n\nthird\n"
    assert with_section(with_section(PAGE, "Two", "x"), "Two", "second") == PAGE


def test_the_page_lies_beside_the_folder_of_results(tmp_path: Path):
    path = write_section(tmp_path / "docs" / "benchmarks", "latency", "fast")
    assert path == tmp_path / "docs" / "benchmarks.md"
    assert path.read_text().endswith("other optimisers\n\nfast\n")


def test_a_loads_engines_are_told_the_quickest_first(tmp_path: Path):
    for engine, cpu_s in (("botorch", 1.0), ("random", 0.25)):
        append(tmp_path / "latency.jsonl", Latency(load="2d-10", engine=engine, number=0, cpu_s=(cpu_s,), surroundings=HERE))
    suite = LatencySuite(Wish(tasks=(), engines=("random",), n_seeds=0, results=tmp_path))
    assert list(suite.in_short()) == ["2d-10: CPU s per ask: random 0.25, botorch 1"]
