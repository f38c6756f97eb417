"""What waits for its analysis, in one line."""

from collections.abc import Sequence
from datetime import datetime

_MOST_NUMBERS = 10


def shown_awaited(numbers: Sequence[int], n: int, since: datetime | None) -> str:
    """Return ``of trials 3, 5 and 8 is awaited, the longest since 03:12``.

    Args:
        numbers: The first of them, in order.
        n: How many there are.
        since: When the longest wait began.
    """
    first = list(map(str, numbers[:_MOST_NUMBERS]))
    rest = n - len(first)
    told = f"{', '.join(first)} and {rest} more" if rest else ", ".join(first[:-1]) + (" and " if n > 1 else "") + first[-1]
    longest = "" if since is None else f",{' the longest' if n > 1 else ''} since {since.astimezone():%H:%M:%S}"
    return f"of trial{'' if n == 1 else 's'} {told} is awaited{longest}"
