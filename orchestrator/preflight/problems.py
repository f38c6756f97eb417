"""How problems are gathered: all of them are told at once, each with where it was written."""

from collections.abc import Callable, Iterable

from orchestrator.domain.errors import SpecError

Locate = Callable[[tuple[str | int, ...]], str]
"""Names a key path, such as ``my.yaml:7: space.x.limits``; the dotted path alone when nobody knows the lines."""


def refuse(problems: Iterable[str]) -> None:
    """Raise SpecError with a line for each problem; do nothing when there are none."""
    lines = tuple(problems)
    if lines:
        raise SpecError("\n".join(lines))
