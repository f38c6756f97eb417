"""What is kept of every run: one JSON line, written when the run ends, so that a second start goes on where the first stopped."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from orchestrator.domain.base import Value
from orchestrator.domain.errors import BadInput

_Record = TypeVar("_Record", "Run", "Latency", "MapRun")


class Surroundings(Value):
    """Where and with what something was measured."""

    day: str
    machine: str
    versions: Mapping[str, str]


class Run(Value):
    """One engine's attempt at one task, from one seed."""

    task: str
    engine: str
    seed: int
    measurements: int | None = None
    """To the target; None if it was not reached within the budget."""
    hits: tuple[int, ...] = ()
    """On pools: the measurements that found a top member for the first time."""
    truths: tuple[tuple[float, ...], ...] = ()
    """What each measured point was worth, by objective, to six digits."""
    cpu_s: tuple[float, ...] = ()
    """CPU seconds of each ask and of telling its answer, on one thread."""
    wall_s: float = 0.0
    """Seconds of all asks together."""
    peak_mb: float = 0.0
    """Most memory the process held."""
    pool: str = ""
    """How the engine treats a pool, if the task has one."""
    problem: str = ""
    """What the engine raised; then it counts as not having reached the target."""
    fingerprint: str = ""
    """The task's, where it has one."""
    surroundings: Surroundings

    @property
    def key(self) -> tuple[str, str, int]:
        return self.task, self.engine, self.seed


class Latency(Value):
    """One round of asks of one engine under one load."""

    load: str
    engine: str
    number: int
    """Of the round, from 0."""
    cpu_s: tuple[float, ...] = ()
    """CPU seconds of telling one value and asking for the next point."""
    wall_s: tuple[float, ...] = ()
    peak_mb: float = 0.0
    problem: str = ""
    surroundings: Surroundings

    @property
    def key(self) -> tuple[str, str, int]:
        return self.load, self.engine, self.number


class MapRun(Value):
    """One engine's attempt at one map, from one seed."""

    map: str
    engine: str
    seed: int
    looks: tuple[tuple[int, float], ...] = ()
    """Pixels measured, and the error of the whole map then."""
    cpu_s: float | None = None
    """CPU seconds per ask, the mean; None for a grid."""
    peak_mb: float = 0.0
    problem: str = ""
    surroundings: Surroundings

    @property
    def key(self) -> tuple[str, str, int]:
        return self.map, self.engine, self.seed


def append(path: Path, record: Value) -> None:
    """Add one line, on the disk before this returns. It replaces a line before it that was cut short.

    Several benches may write to one file: one at a time.
    """
    import fcntl

    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.truncate(sum(len(line.encode()) for line in lines(path)))
        file.write(f"{record.model_dump_json()}\n".encode())
        file.flush()
        os.fsync(file.fileno())


def lines(path: Path) -> Iterator[str]:
    """Yield the lines of a file that need not exist; a last one that was cut short is left out."""
    if path.exists():
        yield from (line for line in path.read_text(encoding="utf-8").splitlines(keepends=True) if line.endswith("\n"))


def runs_in(path: Path) -> tuple[Run, ...]:
    """Return the runs a file holds. Raises BadInput if it holds anything else."""
    return _records_in(path, Run)


def latencies_in(path: Path) -> tuple[Latency, ...]:
    """Return the rounds of asks a file holds. Raises BadInput if it holds anything else."""
    return _records_in(path, Latency)


def map_runs_in(path: Path) -> tuple[MapRun, ...]:
    """Return the runs on maps a file holds. Raises BadInput if it holds anything else."""
    return _records_in(path, MapRun)


def _records_in(path: Path, kind: type[_Record]) -> tuple[_Record, ...]:
    """Return a file's records; of several with one key, as when files were joined, the last."""
    try:
        records = [kind.model_validate_json(line) for line in lines(path)]
        return tuple({record.key: record for record in records}.values())
    except ValidationError as error:
        raise BadInput(f"{path} holds no results of this bench ({error.errors()[0]['msg']}); move it away, or give --results") from None
