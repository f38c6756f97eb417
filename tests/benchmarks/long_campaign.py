"""Does trial 10,000 cost what trial 1 did? ``python -m tests.benchmarks.long_campaign [N]``.

One campaign with the random agent and zero exposure on the simulated beamline: the median seconds per trial among the
first and the last 500, and the memory of every process of the tree, sampled by a thread.
"""

import statistics
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from orchestrator import bootstrap
from orchestrator.bootstrap import Switch
from orchestrator.campaign_file import load
from tests.benchmarks.loop import Silent, campaign_file, gaps

_SAMPLE_SECONDS = 5.0


@contextmanager
def memory_samples() -> Iterator[list[dict[str, float]]]:
    """Collect the resident memory, in MB, of this process and its children while the context lasts."""
    samples: list[dict[str, float]] = []
    ended = threading.Event()

    def sample() -> None:
        while not ended.wait(_SAMPLE_SECONDS):
            tree = [psutil.Process(), *psutil.Process().children()]
            samples.append({_role(process): process.memory_info().rss / 1e6 for process in tree if process.is_running()})

    thread = threading.Thread(target=sample, daemon=True)
    thread.start()
    try:
        yield samples
    finally:
        ended.set()
        thread.join()


def _role(process: psutil.Process) -> str:
    line = process.cmdline()
    return next((role for role in ("agent", "instrument", "sentinel") if role in line), "engine")


def main() -> None:
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    n_edge = min(500, n // 4)
    with (
        tempfile.TemporaryDirectory() as folder,
        campaign_file(n) as path,
        bootstrap.open_workplace(f"sqlite:///{folder}/ledger.db") as workplace,
    ):
        with memory_samples() as memory:
            outcome = bootstrap.run(workplace, load(path), live=Silent(), switch=Switch(), writes_report=False)
        seconds = gaps(workplace.ledger.read(outcome.campaign))
    first, last = statistics.median(seconds[:n_edge]), statistics.median(seconds[-n_edge:])
    print(f"{n} trials in {outcome.wall_s:.0f} s; median per trial: first {n_edge} {first * 1e3:.1f} ms, last {n_edge} {last * 1e3:.1f} ms")
    print(f"ratio {last / first:.2f}")
    for role in memory[0]:
        series = [sample[role] for sample in memory if role in sample]
        print(f"{role}: {series[0]:.0f} MB after {_SAMPLE_SECONDS:g} s, {series[-1]:.0f} MB at the end")


if __name__ == "__main__":
    main()
