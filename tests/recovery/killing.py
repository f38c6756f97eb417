"""Starting runners in process groups of their own, and killing them."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

from orchestrator import bootstrap
from tests.recovery.runner import Order

SECONDS = 120


def spec_text(journal: Path, n_trials: int, agent: str, seconds_per_trial: float = 0.0) -> str:
    """Return a small campaign over real data whose devices keep a journal outside the killed tree."""
    return f"""
name: kill
instrument: {{type: dataset, data: crossed-barrel, journal: {journal}, seconds_per_trial: {seconds_per_trial}}}
reward: {{signal: toughness, goal: maximise}}
agent: {agent}
budget: {{trials: {n_trials}}}
seed: 7
"""


def start(order: Order) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.recovery.runner", json.dumps(asdict(order))],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def run(order: Order) -> int:
    """Run to the end, or to death; return the exit code."""
    with start(order) as process:
        _out, err = process.communicate(timeout=SECONDS)
    if process.returncode not in (0, -signal.SIGKILL):
        raise AssertionError(f"the runner failed:\n{err}")
    return process.returncode


def kill_group(process: subprocess.Popen[str]) -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def only_campaign(ledger: str) -> str | None:
    """Return the id of the ledger's campaign, or None when the kill came before it was recorded."""
    with bootstrap.open_workplace(ledger) as workplace:
        ids = [summary.campaign for summary in workplace.ledger.summaries()]
    assert len(ids) <= 1
    return ids[0] if ids else None
