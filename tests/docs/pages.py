"""Pages as tests read them: fenced blocks, each with the comment above it that says what it is.

<!-- file: barrels.yaml -->     the block is that file
<!-- run -->                    the block is a script that succeeds; ``run: exit 3`` when it must end so
<!-- prints -->                 lines the script before it printed, in order; … stands for anything
<!-- code: docs/examples/a.py --> the block is that file of the repository, whole
<!-- not run: needs a beamline --> nobody checks the block, and why
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"

_BLOCK = re.compile(r"^(?:<!-- (?P<directive>[^\n]*?) -->\n)?```(?P<language>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\((?P<target>[^)\s]+)\)")


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block."""

    line: int
    directive: str
    """What the comment says before its colon; empty without a comment."""
    argument: str
    """What it says after the colon."""
    language: str
    text: str


def blocks(page: Path) -> tuple[Block, ...]:
    """Return a page's fenced blocks, in order."""
    content = page.read_text(encoding="utf-8")
    return tuple(_block(found, content) for found in _BLOCK.finditer(content))


def _block(found: re.Match[str], content: str) -> Block:
    directive, _, argument = (found["directive"] or "").partition(":")
    return Block(content.count("\n", 0, found.start()) + 1, directive.strip(), argument.strip(), found["language"], found["text"])


def links(page: Path) -> tuple[str, ...]:
    """Return where a page's links to other files lead, without anchors."""
    targets = (found["target"].partition("#")[0] for found in _LINK.finditer(page.read_text(encoding="utf-8")))
    return tuple(target for target in targets if target and "://" not in target)


def all_pages() -> tuple[Path, ...]:
    return (ROOT / "README.md", *sorted(DOCS.rglob("*.md")))


def with_code(content: str) -> str:
    """Return a page whose code blocks hold what the files they name hold now."""
    return _BLOCK.sub(_fill, content)


def _fill(found: re.Match[str]) -> str:
    directive, _, path = (found["directive"] or "").partition(": ")
    if directive != "code":
        return found[0]
    return f"<!-- {found['directive']} -->\n```{found['language']}\n{(ROOT / path).read_text(encoding='utf-8')}```"


def with_generated(content: str, tables: Callable[[str], str]) -> str:
    """Return a page with what stands between ``<!-- generated: name -->`` and ``<!-- end -->`` made anew."""
    pattern = re.compile(r"(<!-- generated: (?P<name>\S+) -->\n).*?(^<!-- end -->$)", re.MULTILINE | re.DOTALL)
    return pattern.sub(lambda found: f"{found[1]}\n{tables(found['name'])}\n{found[3]}", content)
