"""Starting runners in process groups of their own, and killing, freezing and waking them."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict
from pathlib import Path

from sqlalchemy import make_url

from orchestrator import bootstrap
from orchestrator.store.sqlite import DRIVER
from tests.recovery.runner import Order

SECONDS = 100
N_ATTEMPTS = 50
Runner = subprocess.Popen[str]


def spec_text(journal: Path, n_trials: int, agent: str, seconds_per_trial: float = 0.0, identity: str = "") -> str:
    """Return a small campaign over real data whose devices keep a journal outside the killed tree."""
    return f"""
name: kill
instrument:
  {{type: dataset, data: crossed-barrel, journal: {journal}, seconds_per_trial: {seconds_per_trial}, identity: {json.dumps(identity)}}}
reward: {{signal: toughness, goal: maximise}}
agent: {agent}
budget: {{trials: {n_trials}}}
seed: 7
"""


@contextmanager
def started(order: Order) -> Iterator[Runner]:
    """Start a runner in a process group of its own; at the end nothing of the group is left."""
    # What a test process searches for its own IOCs must not decide where a runner searches.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("EPICS_")}
    runner = subprocess.Popen(
        [sys.executable, "-m", "tests.recovery.runner", json.dumps(asdict(order))],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env=environment,
    )
    try:
        yield runner
    finally:
        signal_group(runner, signal.SIGKILL)
        runner.communicate()


def run(order: Order) -> int:
    """Run to the end, or to death; return the exit code."""
    with started(order) as runner:
        return finish(runner)


def finish(runner: Runner) -> int:
    """Wait for the end; return the exit code, which must be that of success or of death."""
    _out, err = runner.communicate(timeout=SECONDS)
    assert runner.returncode in (0, -signal.SIGKILL), f"the runner ended with {runner.returncode}:\n{err}"
    return runner.returncode


def says(runner: Runner, words: str) -> str | None:
    """Return the next line that an announcing runner prints and that begins with these words; None if it ends first."""
    assert runner.stdout is not None
    return next((line.strip() for line in runner.stdout if line.startswith(words)), None)


def wait_until(runner: Runner, words: str) -> str:
    """Return what ``says`` does, and fail if the runner ends first."""
    line = says(runner, words)
    assert line is not None, f"the runner ended before it said {words!r}:\n{runner.communicate(timeout=SECONDS)[1]}"
    return line


def signal_group(runner: Runner, number: signal.Signals) -> None:
    """Send everything the runner has started, and itself, a signal: KILL, STOP to freeze, CONT to wake."""
    with suppress(ProcessLookupError):
        os.killpg(runner.pid, number)


def freeze_between_writes(send: Callable[[signal.Signals], None], ledger: str) -> None:
    """Freeze a process while it holds no lock of the ledger: one frozen while it writes keeps everybody else out."""
    for _attempt in range(N_ATTEMPTS):
        send(signal.SIGSTOP)
        if not _is_locked(ledger):
            return
        send(signal.SIGCONT)
    raise AssertionError(f"each of {N_ATTEMPTS} times the process was frozen while it wrote to {ledger}")


def _is_locked(ledger: str) -> bool:
    """PostgreSQL locks rows, and a session that is idle in a transaction is ended there; SQLite locks the file."""
    url = make_url(ledger)
    if url.get_backend_name() != "sqlite":
        return False
    with closing(DRIVER.connect(url.database, timeout=0.2, isolation_level=None)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except DRIVER.OperationalError:
            return True
    return False


def kill_group(runner: Runner) -> None:
    signal_group(runner, signal.SIGKILL)
    runner.wait()


def only_campaign(ledger: str) -> str | None:
    """Return the id of the ledger's campaign, or None when the kill came before it was recorded."""
    with bootstrap.open_workplace(ledger) as workplace:
        ids = [summary.campaign for summary in workplace.ledger.summaries()]
    assert len(ids) <= 1
    return ids[0] if ids else None
