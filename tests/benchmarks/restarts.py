"""Seconds until ``nightshift serve`` has replaced what was killed: ``python -m tests.benchmarks.restarts [ROUNDS]``.

A campaign of 0.2 s trials runs while the API, and then the engine, is killed with signal 9.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from orchestrator import bootstrap
from orchestrator.bootstrap import Workplace
from orchestrator.domain.access import Role
from tests.recovery.serving import Server, Viewer, serving, viewing, wait_for
from tests.recovery.test_serve_kills import begin, resumed
from tests.served import make_key


def page_is_back(server: Server, viewer: Viewer) -> float:
    """Kill the API; return the seconds until the page's stream is connected again."""
    n = len(viewer.connected_at)
    server.kill("api")
    killed_at = time.monotonic()
    wait_for(lambda: len(viewer.connected_at) > n or None, "connection")
    return time.monotonic() - killed_at


def engine_is_back(server: Server, place: Workplace, campaign: str) -> tuple[float, float, float]:
    """Kill the engine; return the seconds until there is another one, until it has recovered, and until it measures again."""
    n, pid = len(resumed(place.ledger.read(campaign))), server.kill("engine")
    killed_at = time.monotonic()
    wait_for(lambda: ((child := server.child_or_none("engine")) is not None and child.pid != pid) or None, "engine")
    started = time.monotonic() - killed_at
    wait_for(lambda: len(resumed(place.ledger.read(campaign))) > n or None, "resumption")
    recovered = time.monotonic() - killed_at
    seq = len(place.ledger.read(campaign))
    wait_for(lambda: any(event.type == "trial-measured" for event in place.ledger.read(campaign, after=seq)) or None, "measurement")
    return started, recovered, time.monotonic() - killed_at


def main(n_rounds: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ledger = f"sqlite:///{folder / 'ledger.db'}"
        with serving(ledger, folder / "said") as server, bootstrap.open_workplace(ledger) as place:
            campaign = begin(place, folder, n_trials=5000)
            with viewing(server, make_key(place, Role.OBSERVER), campaign) as viewer:
                wait_for(lambda: viewer.seen or None, "event on the page")
                pages = [page_is_back(server, viewer) for _ in range(n_rounds)]
                engines = [_after_a_while(lambda: engine_is_back(server, place, campaign)) for _ in range(n_rounds)]
                seen, n_events = list(viewer.seen), len(place.ledger.read(campaign))
    print(f"API killed {n_rounds} times: the page is back after {_line(pages)}")
    for title, seconds in zip(("another one started", "recovered", "measuring again"), zip(*engines, strict=True), strict=True):
        print(f"engine killed {n_rounds} times: {title} after {_line(list(seconds))}")
    lost = n_events - len(seen)
    print(f"events the page heard: {len(seen)}, each once and in order: {seen == list(range(1, len(seen) + 1))}; not heard yet: {lost}")


def _after_a_while(measure: Callable[[], tuple[float, float, float]]) -> tuple[float, float, float]:
    time.sleep(2.0)
    return measure()


def _line(seconds: list[float]) -> str:
    return f"{statistics.median(seconds):.1f} s (at most {max(seconds):.1f} s)"


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 4)
