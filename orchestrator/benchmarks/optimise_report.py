"""placeholder"""

from orchestrator.benchmarks.records import Run


def report(runs: tuple[Run, ...]) -> str:
    return f"{len(runs)} runs"
