"""Many viewers of one campaign: ``python -m tests.benchmarks.viewers [VIEWERS] [TRIALS] [TRIALS_PER_SECOND]``.

Real sockets against the real API process, while a further process writes the campaign. First faster than any instrument measures,
until every viewer has every event; then another campaign at one trial a second. CPU is the API process's share of one core.
"""

import re
import selectors
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from orchestrator import bootstrap
from orchestrator.bootstrap import Workplace
from orchestrator.domain.events import LedgerEvent
from tests.benchmarks.api import Api, api_of, observer_key
from tests.builders import campaign_events
from tests.streaming import Viewer, Writer

_PER_KEY = 40
_CALM_TRIALS = 20
_MOST_SECONDS = 170.0
_ID = re.compile(rb"^id: (\d+)$", re.MULTILINE)


@dataclass(slots=True)
class Counted:
    """A viewer that remembers only whether it heard everything."""

    viewer: Viewer
    last: int = 0
    n_lost: int = 0
    n_repeated: int = 0
    n_bytes: int = 0
    _rest: bytes = b""

    def take(self) -> None:
        received = self.viewer.connection.recv(1 << 18)
        if not received:
            raise ConnectionError("the stream ended")
        self.n_bytes += len(received)
        text = self._rest + received
        whole = text.rfind(b"\n") + 1
        self._rest = text[whole:]
        for found in _ID.finditer(text, 0, whole):
            seq = int(found[1])
            self.n_lost += max(0, seq - self.last - 1)
            self.n_repeated += seq <= self.last
            self.last = max(self.last, seq)


@dataclass(frozen=True, slots=True)
class Figures:
    """What one campaign cost."""

    seconds: float
    cpu_share: float
    megabytes: float


def events_of(n_trials: int) -> tuple[LedgerEvent, ...]:
    return campaign_events(n_trials, dump_in=None, veto_in=None)


@contextmanager
def watching(workplace: Workplace, api: Api, campaign: str, n: int) -> Iterator[list[Counted]]:
    """Open streams, and wait until each has its first event."""
    keys = [observer_key(workplace) for _ in range(-(-n // _PER_KEY))]
    viewers = [Counted(Viewer(api.url, keys[number % len(keys)], f"/api/v1/campaigns/{campaign}/stream")) for number in range(n)]
    try:
        receive(viewers, 1)
        yield viewers
    finally:
        for each in viewers:
            each.viewer.close()


def receive(viewers: list[Counted], last: int) -> None:
    """Receive for all of them until each has that event."""
    deadline = time.monotonic() + _MOST_SECONDS
    with selectors.DefaultSelector() as waiting:
        for each in viewers:
            if each.last < last:
                waiting.register(each.viewer.connection, selectors.EVENT_READ, each)
        while waiting.get_map():
            if time.monotonic() > deadline:
                raise TimeoutError(f"{len(waiting.get_map())} viewers did not get event {last} within {_MOST_SECONDS:g} s")
            for key, _ in waiting.select(1.0):
                key.data.take()
                if key.data.last >= last:
                    waiting.unregister(key.fileobj)


def watched(api: Api, viewers: list[Counted], url: str, campaign: str, *, n_trials: int, rate: float) -> Figures:
    """Have the campaign written by another process, and receive all of it; measured from its second event on."""
    n_events = len(events_of(n_trials))
    command = [sys.executable, "-m", "tests.benchmarks.viewers", "write", url, campaign, str(n_trials), str(rate)]
    with subprocess.Popen(command) as writing:
        receive(viewers[:1], 2)
        before, began, n_bytes = api.cpu_seconds(), time.perf_counter(), sum(each.n_bytes for each in viewers)
        receive(viewers, n_events)
        seconds, cpu_seconds = time.perf_counter() - began, api.cpu_seconds() - before
        if writing.wait() != 0:
            raise RuntimeError("the writer failed")
    return Figures(seconds, cpu_seconds / seconds, (sum(each.n_bytes for each in viewers) - n_bytes) / 1e6)


def write(url: str, campaign: str, n_trials: int, rate: float) -> None:
    """Append a campaign's events at that many trials a second, ten times a second at most."""
    with bootstrap.open_workplace(url) as workplace:
        writer, began = Writer(workplace, campaign, events_of(n_trials)), time.monotonic()
        writer.n_written = workplace.ledger.last_seq(campaign)
        at_once = max(1, round(rate / 10))
        for trial in range(0, n_trials + 1, at_once):
            time.sleep(max(0.0, began + trial / rate - time.monotonic()))
            writer.write(5 * at_once)


def begin(workplace: Workplace, campaign: str, n_trials: int) -> None:
    Writer(workplace, campaign, events_of(n_trials)).release_after(1)


def main(n_viewers: int, n_trials: int, rate: float) -> None:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'ledger.db'}"
        with bootstrap.open_workplace(url) as workplace:
            for campaign, n in (("fast", n_trials), ("calm", _CALM_TRIALS)):
                begin(workplace, campaign, n)
            with api_of(url) as api:
                measure(workplace, api, url, n_viewers, n_trials, rate)


def measure(workplace: Workplace, api: Api, url: str, n_viewers: int, n_trials: int, rate: float) -> None:
    with watching(workplace, api, "calm", 1):
        alone = api.memory_mb()
    with watching(workplace, api, "fast", n_viewers) as viewers:
        connected = api.memory_mb()
        fast = watched(api, viewers, url, "fast", n_trials=n_trials, rate=rate)
        at_the_end = api.memory_mb()
        n_lost, n_repeated = sum(each.n_lost for each in viewers), sum(each.n_repeated for each in viewers)
    print(f"{n_viewers} viewers, {n_trials} trials in {fast.seconds:.0f} s ({n_trials / fast.seconds:.0f} trials/s):")
    print(f"  events lost {n_lost}, repeated {n_repeated}, of {viewers[0].last} for each viewer")
    print(f"  API {fast.cpu_share:.0%} of a core for {fast.megabytes / fast.seconds:.1f} MB/s to all of them")
    print(f"  memory per viewer {(connected - alone) / n_viewers:.3f} MB; API {alone:.0f} MB before, {at_the_end:.0f} MB at the end")
    with watching(workplace, api, "calm", n_viewers) as viewers:
        calm = watched(api, viewers, url, "calm", n_trials=_CALM_TRIALS, rate=1.0)
    print(f"one trial a second: API {calm.cpu_share:.1%} of a core for {n_viewers} viewers")


if __name__ == "__main__":
    if sys.argv[1:2] == ["write"]:
        write(sys.argv[2], sys.argv[3], int(sys.argv[4]), float(sys.argv[5]))
    else:
        n_viewers, n_trials, rate = (*sys.argv[1:4], *("200", "5000", "50")[len(sys.argv) - 1 :])
        main(int(n_viewers), int(n_trials), float(rate))
