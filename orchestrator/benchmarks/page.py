"""docs/benchmarks.md: one section for each command that writes there, replaced in place."""

from collections.abc import Mapping
from pathlib import Path

import orchestrator

_CHECKOUT = Path(orchestrator.__file__).parents[1]
TITLES = {
    "optimise": "Measurements to the answer, against other optimisers",
    "map": "Points to a map, against grids",
    "latency": "CPU seconds per ask, against other optimisers",
}


def is_checkout() -> bool:
    """Return whether this is the repository and not an installed package."""
    return (_CHECKOUT / "docs" / "benchmarks.md").exists()


def results_folder() -> Path:
    """Return where results are kept unless somebody says otherwise."""
    return _CHECKOUT / "docs" / "benchmarks" if is_checkout() else Path("benchmarks")


def write_section(results: Path, suite: str, body: str) -> Path:
    """Put a suite's tables on the page beside the folder of results; the checkout's own page if they lie there."""
    path = results.with_name(f"{results.name}.md")
    before = path.read_text(encoding="utf-8") if path.exists() else "# Benchmarks\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(with_section(before, TITLES[suite], body), encoding="utf-8")
    return path


def with_section(text: str, title: str, body: str) -> str:
    """Return a page with one section anew and the others as they were; a new section comes last."""
    parts = dict(sections(text))
    parts[title] = f"## {title}\n\n{body.strip()}\n"
    return "\n".join(parts.values())


def sections(text: str) -> Mapping[str, str]:
    """Return a page's parts by their titles; what comes before the first title has none."""
    first, *others = text.split("\n## ")
    return {"": f"{first.rstrip()}\n"} | {other.partition("\n")[0]: f"## {other.rstrip()}\n" for other in others}
