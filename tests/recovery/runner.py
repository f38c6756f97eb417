"""A runner that kills its own process tree at a chosen ledger write: ``python -m tests.recovery.runner JSON``.

Started in a process group of its own, so that one signal reaches everything it has started, as a power cut would.
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from orchestrator import bootstrap
from orchestrator.bootstrap import Switch
from orchestrator.campaign_file import load
from orchestrator.domain.protocols import LiveState
from orchestrator.store.sql import SqlLedger


@dataclass(frozen=True, slots=True)
class Order:
    """What one runner is to do, and when to die."""

    ledger: str
    source: str
    campaign: str | None = None
    """Resume this one; None runs the source."""
    kill_at: int | None = None
    """Which append of this runner, from 1."""
    when: Literal["before", "after"] = "after"
    """Whether the append is still stored."""
    announce: bool = False
    """Whether to print a line when a trial starts to be measured."""


def kill_tree() -> None:
    os.killpg(os.getpgid(0), signal.SIGKILL)


def die_at(order: Order, append: Callable[..., Any]) -> Callable[..., Any]:
    """Return ``append`` with death built in."""
    calls = 0

    def appending(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == order.kill_at and order.when == "before":
            kill_tree()
        stored = append(*args, **kwargs)
        if calls == order.kill_at:
            kill_tree()
        return stored

    return appending


class Announcing:
    """Prints a line when a measurement begins, so that a test can kill at a random time inside it."""

    def __init__(self, is_loud: bool) -> None:
        self._is_loud = is_loud

    def publish(self, live: LiveState) -> None:
        if self._is_loud and live.phase == "measuring":
            print("measuring", flush=True)  # noqa: T201  (the test reads it)

    def decide(self, trial: object) -> None:
        return None


def main() -> None:
    order = Order(**json.loads(sys.argv[1]))
    SqlLedger.append = die_at(order, SqlLedger.append)  # type: ignore[method-assign]
    live = Announcing(order.announce)
    with bootstrap.open_workplace(order.ledger) as workplace:
        if order.campaign is None:
            outcome = bootstrap.run(workplace, load(order.source), live=live, switch=Switch())
        else:
            outcome = bootstrap.resume(workplace, order.campaign, live=live, switch=Switch())
    print(json.dumps({"campaign": outcome.campaign, "status": str(outcome.status), "head": outcome.head}))  # noqa: T201


if __name__ == "__main__":
    main()
