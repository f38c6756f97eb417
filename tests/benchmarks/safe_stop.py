"""Seconds from asking for a safe-stop to the stop command and to stillness: ``python -m tests.benchmarks.safe_stop [ROUNDS]``.

Each round runs a campaign on a soft IOC over Channel Access, hangs something while an axis moves or the detector counts, and asks
for a safe-stop. When the command arrived is read in the IOC's own log.
"""

import os
import signal
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from instruments.simulated.faults import Fault
from tests.integration.test_safe_stop import Night, night, wait_for

_ENDLESS = TypeAdapter(tuple[Fault, ...]).validate_python(({"type": "slow-detector", "trial": 1, "seconds": 600.0},))


def freeze_engine(hung: Night) -> None:
    hung.runner.send_signal(signal.SIGSTOP)


def hang_device(hung: Night) -> None:
    """Freeze the process that carries out plans, as a device that blocks does."""
    os.kill(hung.instrument_pid(), signal.SIGSTOP)


def nothing_more(_hung: Night) -> None:
    """The detector is slow already."""


def seconds(prefix: str, hang: Callable[[Night], None], busy: str, heard: str, **options: Any) -> tuple[float, float]:
    """Return when the IOC heard the command, and when everything stood still."""
    with tempfile.TemporaryDirectory() as folder, night(Path(folder), prefix, **options) as hung:
        wait_for(hung.ioc, busy, 1)
        hang(hung)
        report = hung.safe_stop()
        at = hung.seconds_until(heard)
        os.killpg(hung.runner.pid, signal.SIGKILL)
    assert report.seconds_to_still is not None
    return at, report.seconds_to_still


def line(title: str, rounds: Sequence[tuple[float, float]]) -> str:
    commands, still = zip(*rounds, strict=True)
    return (
        f"{title}: command after {statistics.median(commands):.2f} s (at most {max(commands):.2f} s), "
        f"everything still after {statistics.median(still):.2f} s (at most {max(still):.2f} s)"
    )


def main(n_rounds: int) -> None:
    endless = {"exposure": "600 s", "faults": _ENDLESS, "slowness": 0.1}
    kinds = (
        ("engine frozen, axes moving", freeze_engine, "MIR:PITCH.MOVN", "stop", {}),
        ("device hangs, axes moving", hang_device, "MIR:PITCH.MOVN", "stop", {}),
        ("detector never answers", nothing_more, "DET:BUSY", "shutter-closed", endless),
    )
    for kind, (title, hang, busy, heard, options) in enumerate(kinds):
        rounds = [seconds(f"STOP{kind}{number}:", hang, busy, heard, **options) for number in range(n_rounds)]
        print(line(title, rounds), flush=True)
    print("the simulated axes stop without a ramp; real ones add theirs")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
