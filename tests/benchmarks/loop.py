"""The whole loop against a bare RunEngine on the same devices: ``python -m tests.benchmarks.loop [N]``.

Both measure the same simulated beamline with zero exposure, one Bluesky run per point. The bare RunEngine does nothing
else; Nightshift also asks an agent, lets six guardians review, and makes every decision durable. Rounds are interleaved
because machines are noisy; the median ratio is what counts.
"""

import itertools
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import numpy as np

from orchestrator import bootstrap, plugins
from orchestrator.bootstrap import Switch, Workplace
from orchestrator.campaign_file import load
from orchestrator.domain import events as ev
from orchestrator.domain.events import LedgerEvent
from orchestrator.domain.instrument import MeasureRequest
from orchestrator.domain.ports import LiveState
from orchestrator.domain.records import TrialKind
from orchestrator.domain.spec import Plugin
from orchestrator.store.artefacts import FolderArtefacts
from orchestrator.store.memory import MemoryLedger

INSTRUMENT = {"type": "simulated-beamline", "time_scale": 0}
SIGNALS = ("flux",)
ROUNDS = 3


class Silent:
    def publish(self, live: LiveState) -> None:
        return

    def decide(self, trial: object) -> None:
        return None


def bare_seconds_per_point(n_points: int) -> float:
    """Return the seconds a bare RunEngine takes per point, one run per point."""
    from bluesky import RunEngine

    instrument = plugins.build("instrument", Plugin.model_validate(INSTRUMENT))
    instrument.connect()
    axes = instrument.describe().axes
    rng = np.random.default_rng(0)
    requests = [
        MeasureRequest(
            campaign="bare",
            trial=number,
            attempt=1,
            kind=TrialKind.AGENT,
            point={name: float(rng.uniform(*axis.parameter.limits)) for name, axis in axes.items()},
            signals=SIGNALS,
            seed=0,
            token=1,
        )
        for number in range(1, n_points + 1)
    ]
    run_engine = RunEngine({}, call_returns_result=True, context_managers=[])
    began = time.perf_counter()
    for request in requests:
        run_engine(instrument.plan(request))
    return (time.perf_counter() - began) / n_points


def loop_seconds_per_trial(workplace: Workplace, n_trials: int) -> list[float]:
    """Return the seconds of each trial, from one suggestion to the next."""
    with campaign_file(n_trials) as path:
        outcome = bootstrap.run(workplace, load(path), live=Silent(), switch=Switch(), writes_report=False)
    return gaps(workplace.ledger.read(outcome.campaign))


def gaps(events: tuple[LedgerEvent, ...]) -> list[float]:
    suggested: list[datetime] = [event.at for event in events if isinstance(event.data, ev.TrialSuggested)]
    return [(after - before).total_seconds() for before, after in itertools.pairwise(suggested)]


@contextmanager
def campaign_file(n_trials: int) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "loop.yaml"
        spec = {
            "name": "loop",
            "instrument": INSTRUMENT,
            "measure": {"signals": list(SIGNALS)},
            "reward": {"signal": "flux", "goal": "maximise"},
            "agent": "random",
            "budget": {"trials": n_trials},
        }
        path.write_text(json.dumps(spec))
        yield path


def fsync_seconds(folder: Path, n: int = 200) -> float:
    """Return what one durable 2 KB append costs on this disk."""
    import os

    with (folder / "probe").open("ab", buffering=0) as file:
        began = time.perf_counter()
        for _ in range(n):
            file.write(b"x" * 2048)
            os.fdatasync(file.fileno())
        return (time.perf_counter() - began) / n


def main() -> None:
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    rows = []
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as folder:
            bare = bare_seconds_per_point(n)
            with bootstrap.open_workplace(f"sqlite:///{folder}/ledger.db") as workplace:
                durable = statistics.median(loop_seconds_per_trial(workplace, n))
            in_memory = Workplace(MemoryLedger(), FolderArtefacts(Path(folder) / "artefacts"), Path(folder), "memory:")
            volatile = statistics.median(loop_seconds_per_trial(in_memory, n))
            rows.append((bare, durable, volatile, fsync_seconds(Path(folder))))
    for bare, durable, volatile, fsync in rows:
        print(
            f"bare RunEngine {bare * 1e3:.1f} ms/point; Nightshift on SQLite {durable * 1e3:.1f} ms/trial (ratio {durable / bare:.2f}), "
            f"ledger in memory {volatile * 1e3:.1f} ms (ratio {volatile / bare:.2f}); one fsync {fsync * 1e3:.2f} ms, three a trial"
        )
    print(f"median ratio {statistics.median(durable / bare for bare, durable, _, _ in rows):.2f}")


if __name__ == "__main__":
    main()
