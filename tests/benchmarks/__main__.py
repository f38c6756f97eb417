"""``make bench``: run every benchmark and write its figures to docs/benchmarks.md, with the machine they were measured on.

Sections that ``nightshift bench`` wrote stay as they are.

``python -m tests.benchmarks viewers api_latency`` measures these alone and leaves the rest of the page as it is.
"""

import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from orchestrator.benchmarks.page import TITLES, sections

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One script of this folder."""

    title: str
    module: str
    arguments: tuple[str, ...] = ()


BENCHMARKS = (
    Benchmark("The whole loop against a bare RunEngine", "loop", ("200",)),
    Benchmark("Dead time: from a reading to the next motion", "dead_time", ("--missing",)),
    Benchmark("Analysis that takes ten exposures", "late_analysis", ("40",)),
    Benchmark("Tiled there, and down for half of a night", "tiled_down", ("3",)),
    Benchmark("A thousand asks of one agent", "agent_memory", ("1000",)),
    Benchmark("Ten thousand readings: ask time, memory, accuracy against exact", "many_readings", ("10000",)),
    Benchmark("Pools of candidates", "pools", ("600", "10000")),
    Benchmark("Time to the same answer where moving takes time", "travel", ("20",)),
    Benchmark("Regret where the exposure is chosen with the place", "exposure", ("12",)),
    Benchmark("Ten thousand trials", "long_campaign", ("10000",)),
    Benchmark("Trials to a top-1 % crossed barrel", "through_the_loop", ("20", "100")),
    Benchmark("Limits on what is measured: safe, learned, or a penalty", "limits", ("20", "20")),
    Benchmark("How often readings lie within what was predicted", "calibration", ("5",)),
    Benchmark("A map's expected error beside the true one", "map_error", ("2",)),
    Benchmark("Two hundred viewers of one campaign", "viewers", ("200", "5000", "50")),
    Benchmark("The page while an agent fits", "api_latency", ("300", "5")),
    Benchmark("Safe-stop while something hangs", "safe_stop", ("5",)),
    Benchmark("Kill -9 of what serve looks after", "restarts", ("4",)),
)


def run(benchmark: Benchmark) -> str:
    """Return what the benchmark printed; progress goes to stderr."""
    sys.stderr.write(f"{benchmark.title} …\n")
    command = [sys.executable, "-m", f"tests.benchmarks.{benchmark.module}", *benchmark.arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} CPU cores ({platform.machine()}), {memory:.0f} GiB memory, {platform.system()}, no GPU used"


def page(named: tuple[str, ...], before: str) -> Iterator[str]:
    """Yield the page's parts; with names, those benchmarks anew and the rest as it was."""
    old = sections(before)
    yield old[""] if named else head()
    for benchmark in BENCHMARKS:
        if not named or benchmark.module in named:
            yield section(benchmark)
        elif benchmark.title in old:
            yield old[benchmark.title]
    yield from (old[title] for title in TITLES.values() if title in old)


def head() -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in ("nightshift", "bluesky", "ophyd", "torch", "botorch", "sqlalchemy"))
    return (
        f"# Benchmarks\n\nWritten by `make bench` on {datetime.now(UTC):%Y-%m-%d}: {machine()}; "
        f"Python {platform.python_version()}, {packages}.\n\n"
        "Seconds depend on the machine and its load; ratios are measured within one run. No test asserts any of this.\n"
    )


def section(benchmark: Benchmark) -> str:
    command = f"`python -m tests.benchmarks.{' '.join((benchmark.module, *benchmark.arguments))}`"
    return f"## {benchmark.title}\n\n{command}, {datetime.now(UTC):%Y-%m-%d}.\n\n```\n{run(benchmark)}\n```\n"


def main() -> None:
    named = tuple(sys.argv[1:])
    unknown = set(named) - {benchmark.module for benchmark in BENCHMARKS}
    if unknown:
        sys.exit(f"no benchmark is called {', '.join(sorted(unknown))}; choose from {', '.join(each.module for each in BENCHMARKS)}")
    PAGE.write_text("\n".join(page(named, PAGE.read_text())))
    sys.stderr.write(f"wrote {PAGE}\n")


if __name__ == "__main__":
    main()
