"""Does a fit slow the page down? ``python -m tests.benchmarks.api_latency [REQUESTS] [ROUNDS]``.

The status of a campaign of 300 trials, asked for again and again over one connection, while the Bayesian agent fits without a pause
in a process of its own, as it does under the engine; against the same API while that process is stopped. The two take turns.
"""

import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from agents.bayesian import BayesianAgent
from agents.random import RandomAgent
from orchestrator import bootstrap
from orchestrator.domain.base import Point
from orchestrator.domain.space import Continuous, Space
from orchestrator.testing.histories import empty_history, played
from tests.benchmarks.api import api_of, observer_key
from tests.builders import campaign_events
from tests.streaming import Writer

_CAMPAIGN = "asked"
_N_TRIALS = 300
_N_FITTED = 60
"""Trials in the fitting agent's history."""
_PAUSE_S = 0.021
"""Between requests: a key may send fifty a second."""


def fit_for_ever() -> None:
    """Fit and suggest until killed; say so once it has begun."""
    from torch import set_num_threads

    set_num_threads(1)  # as in the agents' own process
    space = Space(parameters={name: Continuous(limits=(0.0, 1.0)) for name in ("x", "y", "z")})
    history = played(RandomAgent(RandomAgent.Settings()), empty_history(space), _hill, _N_FITTED)
    while True:
        BayesianAgent(BayesianAgent.Settings()).ask(history)
        print("fitted", flush=True)


def _hill(point: Point) -> float:
    return -sum((float(value) - 0.4) ** 2 for value in point.values())


@contextmanager
def fitting() -> Iterator[subprocess.Popen[str]]:
    """Start the fitting process, and wait for its first fit."""
    command = [sys.executable, "-m", "tests.benchmarks.api_latency", "fit"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            if not process.stdout.readline():
                raise RuntimeError("the fitting process ended")
            yield process
        finally:
            process.kill()


def ask(client: httpx.Client, n: int) -> list[float]:
    """Return the seconds each of n requests took."""
    seconds: list[float] = []
    for _ in range(n):
        began = time.perf_counter()
        client.get(f"/api/v1/campaigns/{_CAMPAIGN}").raise_for_status()
        seconds.append(time.perf_counter() - began)
        time.sleep(_PAUSE_S)
    return seconds


def percentile(seconds: list[float], percent: int) -> float:
    """Return a percentile in milliseconds."""
    return 1000 * statistics.quantiles(seconds, n=100)[percent - 1]


def main(n_requests: int, n_rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'ledger.db'}"
        with bootstrap.open_workplace(url) as workplace:
            Writer(workplace, _CAMPAIGN, campaign_events(_N_TRIALS)).write_all(50)
            headers = {"Authorization": f"Bearer {observer_key(workplace)}"}
        with api_of(url) as api, fitting() as process, httpx.Client(base_url=api.url, headers=headers, timeout=60) as client:
            report(client, process, n_requests, n_rounds)


def report(client: httpx.Client, process: subprocess.Popen[str], n_requests: int, n_rounds: int) -> None:
    idle: list[float] = []
    busy: list[float] = []
    ask(client, 50)  # the first one folds the campaign
    for _ in range(n_rounds):
        process.send_signal(signal.SIGSTOP)
        idle += ask(client, n_requests)
        process.send_signal(signal.SIGCONT)
        busy += ask(client, n_requests)
    for name, seconds in (("idle", idle), ("an agent fits", busy)):
        print(f"{name}: p50 {percentile(seconds, 50):.1f} ms, p99 {percentile(seconds, 99):.1f} ms ({len(seconds)} requests)")
    print(f"ratio p50 {percentile(busy, 50) / percentile(idle, 50):.2f}, p99 {percentile(busy, 99) / percentile(idle, 99):.2f}")


if __name__ == "__main__":
    if sys.argv[1:] == ["fit"]:
        fit_for_ever()
    else:
        n_requests, n_rounds = (*sys.argv[1:3], *("300", "5")[len(sys.argv) - 1 :])
        main(int(n_requests), int(n_rounds))
