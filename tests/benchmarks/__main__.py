"""``make bench``: run every benchmark and write its figures to docs/benchmarks.md, with the machine they were measured on."""

import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One script of this folder."""

    title: str
    module: str
    arguments: tuple[str, ...] = ()


BENCHMARKS = (
    Benchmark("The whole loop against a bare RunEngine", "loop", ("200",)),
    Benchmark("Ten thousand trials", "long_campaign", ("10000",)),
    Benchmark("Trials to a top-1 % crossed barrel", "through_the_loop", ("20", "100")),
)


def run(benchmark: Benchmark) -> str:
    """Return what the benchmark printed; progress goes to stderr."""
    sys.stderr.write(f"{benchmark.title} …\n")
    command = [sys.executable, "-m", f"tests.benchmarks.{benchmark.module}", *benchmark.arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} CPU cores ({platform.machine()}), {memory:.0f} GiB memory, {platform.system()}, no GPU used"


def page(named: tuple[str, ...]) -> Iterator[str]:
    packages = ", ".join(f"{name} {version(name)}" for name in ("nightshift", "bluesky", "ophyd", "torch", "botorch", "sqlalchemy"))
    yield "# Benchmarks\n"
    yield f"Written by `make bench` on {datetime.now(UTC):%Y-%m-%d}: {machine()}; Python {platform.python_version()}, {packages}.\n"
    yield "Seconds depend on the machine and its load; ratios are measured within one run. No test asserts any of this.\n"
    for benchmark in BENCHMARKS:
        if named and benchmark.module not in named:
            continue
        yield f"## {benchmark.title}\n\n`python -m tests.benchmarks.{' '.join((benchmark.module, *benchmark.arguments))}`\n"
        yield f"```\n{run(benchmark)}\n```\n"


def main() -> None:
    PAGE.write_text("\n".join(page(tuple(sys.argv[1:]))))
    sys.stderr.write(f"wrote {PAGE}\n")


if __name__ == "__main__":
    main()
