"""The latency suite's tables."""

import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from orchestrator.benchmarks.records import Latency
from orchestrator.benchmarks.tables import measured_with, seconds, table

_REFERENCE = "botorch"
Medians = Mapping[tuple[str, str], float]


def report(rounds: Sequence[Latency]) -> str:
    """Return what the page says."""
    if not rounds:
        return "Nothing measured yet: `nightshift bench --suite latency`."
    engines = list(dict.fromkeys(each.engine for each in rounds))
    loads = sorted({each.load for each in rounds}, key=_order)
    cpu = cpu_medians(rounds)
    parts = [
        "`nightshift bench --suite latency`: median CPU seconds from telling one value to the next suggestion, on one thread. A process for"
        " each engine and round, in turn; three asks in each of three rounds, one in each at 1,000 measurements. All were told the "
        "same data.",
        measured_with(each.surroundings for each in rounds),
        _by_load(cpu, engines, loads),
        f"Against {_REFERENCE}, the median over rounds of the ratio within a round:",
        _ratios(rounds, engines, loads),
        "Wall seconds, on a machine that did other things, too:",
        _by_load(_medians(rounds, lambda each: each.wall_s), engines, loads),
        *_failures(rounds),
    ]
    return "\n\n".join(parts)


def _order(load: str) -> tuple[int, int]:
    dimensions, _, told = load.partition("d-")
    return int(dimensions), int(told)


def cpu_medians(rounds: Iterable[Latency]) -> Medians:
    """Return median CPU seconds per ask by engine and load."""
    return _medians(rounds, lambda each: each.cpu_s)


def _medians(rounds: Iterable[Latency], of: Callable[[Latency], tuple[float, ...]]) -> Medians:
    values: dict[tuple[str, str], list[float]] = defaultdict(list)
    for each in rounds:
        values[each.engine, each.load] += of(each)
    return {key: statistics.median(all_values) for key, all_values in values.items() if all_values}


def _by_load(medians: Medians, engines: Sequence[str], loads: Sequence[str]) -> str:
    rows = [[name, *(seconds(medians[name, load]) if (name, load) in medians else "–" for load in loads)] for name in engines]
    return table(["engine", *(load.replace("d-", "-D, ") for load in loads)], rows)


def _ratios(rounds: Sequence[Latency], engines: Sequence[str], loads: Sequence[str]) -> str:
    medians = {each.key: statistics.median(each.cpu_s) for each in rounds if each.cpu_s}

    def ratio(name: str, load: str) -> str:
        both = [(medians.get((load, name, number)), medians.get((load, _REFERENCE, number))) for number in {each.number for each in rounds}]
        found = [ours / theirs for ours, theirs in both if ours is not None and theirs is not None]
        return f"{statistics.median(found):.3g}" if found else "–"

    return table(
        ["engine", *(load.replace("d-", "-D, ") for load in loads)], [[name, *(ratio(name, load) for load in loads)] for name in engines]
    )


def _failures(rounds: Iterable[Latency]) -> list[str]:
    failed = [f"- {each.engine} at {each.load}, round {each.number + 1}: {each.problem}" for each in rounds if each.problem]
    return ["Not measured:\n\n" + "\n".join(failed)] if failed else []
