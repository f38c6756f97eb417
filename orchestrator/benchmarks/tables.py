"""Tables in Markdown, and the words around figures."""

from collections.abc import Iterable, Sequence

from orchestrator.benchmarks.intervals import Interval
from orchestrator.benchmarks.records import Surroundings


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; every column but the first is aligned right."""
    rule = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, rule, *rows))


def figure(value: float) -> str:
    """Return a number with three significant digits, without an exponent where people read none."""
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"


def with_interval(mean: Interval) -> str:
    """Return a mean and its interval."""
    return f"{figure(mean.value)} [{figure(mean.low)}, {figure(mean.high)}]"


def at_least(shown: str, is_censored: bool) -> str:
    """Return a figure, marked where some seeds did not get there and the true one may be larger."""
    return f"≥ {shown}" if is_censored else shown


def seconds(value: float) -> str:
    """Return seconds with two significant digits."""
    return f"{value:.2g}" if value < 10 else f"{value:.0f}"


def measured_with(all_surroundings: Iterable[Surroundings]) -> str:
    """Return one paragraph on when, where and with what versions, each said once."""
    found = list(all_surroundings)
    days = sorted({each.day for each in found})
    versions = {(name, number) for each in found for name, number in each.versions.items()}
    listed = ", ".join(f"{name} {number}" for name, number in sorted(versions))
    machines = "; ".join(sorted({each.machine for each in found}))
    return f"Measured {' to '.join(dict.fromkeys((days[0], days[-1])))} on {machines}. {listed}."
