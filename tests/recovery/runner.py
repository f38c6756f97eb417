"""A runner that can be told to kill its own process tree at a chosen ledger write: ``python -m tests.recovery.runner JSON``.

Started in a process group of its own, so that one signal reaches everything it has started, as a power cut would.
"""

import json
import os
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from orchestrator import bootstrap
from orchestrator.bootstrap import Outcome, Switch, campaigns, lease_keeper, resuming
from orchestrator.campaign_file import load
from orchestrator.cli.console import exit_code_of_error, exit_code_of_status, say
from orchestrator.domain.errors import NightshiftError
from orchestrator.domain.events import Draft
from orchestrator.domain.ports import LiveState
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
    kill_on: str = ""
    """Or at the first append of such an event: how the stream ends and its type, ``A1~align trial-started``."""
    when: Literal["before", "after"] = "after"
    """Whether the append is still stored."""
    announce: bool = False
    """Whether to print a line when the engine begins to do something else."""
    waits: bool = False
    """Whether to wait for people, instead of leaving as soon as one is needed."""
    lease_ttl_s: float = lease_keeper.TTL_SECONDS


def kill_tree() -> None:
    os.killpg(os.getpgid(0), signal.SIGKILL)


def die_at(order: Order, append: Callable[..., Any]) -> Callable[..., Any]:
    """Return ``append`` with death built in."""
    calls = 0

    def appending(ledger: Any, stream: str, drafts: Sequence[Draft], **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        is_due = calls == order.kill_at or _is_meant(order.kill_on, stream, drafts)
        if is_due and order.when == "before":
            kill_tree()
        stored = append(ledger, stream, drafts, **kwargs)
        if is_due:
            kill_tree()
        return stored

    return appending


def _is_meant(kill_on: str, stream: str, drafts: Sequence[Draft]) -> bool:
    ending, _, wanted = kill_on.partition(" ")
    return bool(kill_on) and stream.endswith(ending) and wanted in [draft.data.type for draft in drafts]


class Announcing:
    """Prints what the engine begins to do, so that a test can strike at a chosen time."""

    def __init__(self, is_loud: bool) -> None:
        self._is_loud = is_loud
        self._last = ""

    def publish(self, live: LiveState) -> None:
        said = f"{live.phase} {live.detail}".strip()
        if self._is_loud and said != self._last:
            print(said, flush=True)  # noqa: T201  (the test reads it)
        self._last = said

    def decide(self, trial: object) -> None:
        return None


def work(order: Order) -> Outcome:
    """Run or resume a campaign to its end, in whatever process this is."""
    live = Announcing(order.announce)
    with bootstrap.open_workplace(order.ledger) as workplace:
        if order.campaign is None:
            return bootstrap.run(workplace, load(order.source), live=live, switch=Switch(), wait=order.waits)
        return bootstrap.resume(workplace, order.campaign, live=live, switch=Switch(), wait=order.waits)


def main() -> int:
    """Return the exit code that the command line would."""
    order = Order(**json.loads(sys.argv[1]))
    SqlLedger.append = die_at(order, SqlLedger.append)  # type: ignore[method-assign]
    campaigns.write_report = lambda _workplace, _campaign: None  # it would take longer than the campaign
    lease_keeper.TTL_SECONDS = resuming.TTL_SECONDS = order.lease_ttl_s
    try:
        return exit_code_of_status(str(work(order).status))
    except NightshiftError as error:
        say(f"error: {error}")
        return exit_code_of_error(error)


if __name__ == "__main__":
    sys.exit(main())
