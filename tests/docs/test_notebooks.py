"""The scripts of the how-to pages, run whole: one against a real server and a real engine, one in a loop of its own."""

import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from orchestrator import bootstrap
from orchestrator.bootstrap import Switch, Workplace
from orchestrator.domain.access import Role
from orchestrator.domain.campaign import TrialStatus
from orchestrator.domain.ports import LiveState
from tests.docs.shell import surroundings
from tests.docs.test_how_to import EXAMPLES
from tests.served import make_key, served

_SECONDS = 100.0


class Silent:
    """Nobody is at the terminal."""

    def publish(self, live: LiveState) -> None:
        return

    def decide(self, trial: object) -> None:
        return


def supervise(ledger: str, switch: Switch, is_over: threading.Event) -> None:
    """Run the first campaign that somebody starts, as the supervisor would."""
    with bootstrap.open_workplace(ledger) as workplace:
        while not (commands := workplace.ledger.inbox()):
            if is_over.wait(0.1):
                return
        bootstrap.resume(workplace, commands[0].campaign, live=Silent(), switch=switch)


@pytest.mark.slow
def test_the_notebook_makes_a_campaign_decides_and_follows_it_to_its_end(tmp_path: Path):
    """The client's orders and streams against a server are in scenarios/test_people_over_http and unit/client."""
    ledger, switch, is_over = f"sqlite:///{tmp_path / 'ledger.db'}", Switch(), threading.Event()
    with bootstrap.open_workplace(ledger) as workplace, served(workplace) as url:
        supervisor = threading.Thread(target=supervise, args=(ledger, switch, is_over), daemon=True)
        supervisor.start()
        try:
            printed = run_notebook(tmp_path, url, make_key(workplace, Role.OPERATOR, "scripts"))
        finally:
            switch.stop_now()
            is_over.set()
            supervisor.join(_SECONDS)
        check(workplace, tmp_path, printed)


def run_notebook(folder: Path, url: str, key: str) -> str:
    environment = surroundings(folder, NIGHTSHIFT_SERVER=url, NIGHTSHIFT_KEY=key)
    finished = subprocess.run(
        [sys.executable, str(EXAMPLES / "watch_and_approve.py")],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=_SECONDS,
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


def check(workplace: Workplace, folder: Path, printed: str) -> None:
    state = bootstrap.load_state(workplace, "last")
    scored = [trial.number for trial in state.trials if trial.status is TrialStatus.SCORED]
    lines = printed.splitlines()
    assert lines[0] == "we are scripts, operator"
    assert [line for line in lines if line.startswith("trial ") and "waits" in line]
    assert [int(line.split()[1].strip(":")) for line in lines if line.startswith("trial ") and " J" in line] == scored
    assert len(scored) == 15
    assert f"best: trial {state.best}" in printed
    assert (folder / f"{workplace.ledger.summaries()[0].campaign}.html").read_text(encoding="utf-8").startswith("<!")


def run_script(name: str, folder: Path) -> list[str]:
    """Run a script that needs nothing else, and return the lines it printed."""
    command = [sys.executable, str(EXAMPLES / name)]
    finished = subprocess.run(command, cwd=folder, env=surroundings(folder), capture_output=True, text=True, check=False, timeout=_SECONDS)
    assert finished.returncode == 0, finished.stderr
    return finished.stdout.splitlines()


def test_the_loop_of_ones_own_finds_the_peak_and_goes_on_from_a_file(tmp_path: Path):
    best, because, expected = run_script("own_loop.py", tmp_path)
    assert "'filter': 'Cu'" in best
    assert because.startswith("because: expected ")
    assert expected.startswith("expected behind copper: ")


def test_a_plan_of_ones_own_finds_the_peak_though_motors_stop_beside_where_they_were_sent(tmp_path: Path):
    [best] = run_script("own_plan.py", tmp_path)
    assert re.fullmatch(r"best: (0\.9\d\d|1\.0\d\d) at pitch = 0\.\d\d, roll = -0\.\d\d; 0 pending", best)
