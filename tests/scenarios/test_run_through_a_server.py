"""``nightshift --server URL run SPEC``: the campaign runs where the server is, and the terminal shows how it goes."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from typer.testing import CliRunner, Result

from orchestrator import bootstrap
from orchestrator.cli.app import app
from orchestrator.domain.access import Role
from orchestrator.domain.campaign import Status
from tests.recovery.serving import SECONDS, Server, serving, wait_for
from tests.served import make_key

SPEC = """
name: sent
instrument: {type: simulated-beamline, axes: [mirror_pitch], time_scale: 0.01}
space: {mirror_pitch: {limits: [2.8, 3.2], unit: mrad}}
measure: {exposure: 100 ms}
reward: {signal: flux, goal: maximise}
agent: random
budget: {trials: 3}
"""
BEGIN = "from orchestrator.cli import main; main()"
NOTHING_WRONG, BAD_INPUT = 0, 2


def surroundings(key: str, folder: Path) -> dict[str, str]:
    """Return those of a machine that has the file and a key, and no ledger of its own."""
    return {"NIGHTSHIFT_KEY": key, "NIGHTSHIFT_LEDGER": "", "XDG_DATA_HOME": str(folder / "none")}


def here(server: Server, key: str, folder: Path, *arguments: str) -> Result:
    """Carry out a command in this process."""
    return CliRunner().invoke(app, ["--server", server.url, *arguments], env=surroundings(key, folder))


def nightshift(server: Server, key: str, folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """Start a command in a process of its own."""
    environment = os.environ | surroundings(key, folder)
    command = [sys.executable, "-c", BEGIN, "--server", server.url, *arguments]
    return subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_a_campaign_is_sent_to_a_server_watched_to_its_end_and_left_to_go_on(tmp_path: Path) -> None:
    ledger, spec = f"sqlite:///{tmp_path / 'ledger.db'}", tmp_path / "sent.yaml"
    spec.write_text(SPEC)
    with bootstrap.open_workplace(ledger) as place, serving(ledger, tmp_path / "said") as server:
        key = make_key(place, Role.OPERATOR, "ben")
        check_its_end(here(server, key, tmp_path, "run", str(spec), "--set", "agent=sobol", "--seed", "5", "--json"))
        [ended] = place.ledger.summaries()
        assert (ended.status, ended.trials) == (Status.COMPLETED, 3)
        assert bootstrap.load_state(place, ended.campaign).spec.seed == 5

        refused = here(server, key, tmp_path, "check", str(spec), "--set", "budget.trials=-1")
        assert "budget.trials" in refused.stderr
        assert refused.exit_code == BAD_INPUT

        left = nightshift(server, key, tmp_path, "run", "sent.yaml", "--set", "budget.trials=500")
        campaign = wait_for(lambda: next((each.campaign for each in place.ledger.summaries() if each.trials == 1), None), "trial")
        left.send_signal(signal.SIGINT)
        assert f"left; the campaign goes on: nightshift watch {campaign}" in left.communicate(timeout=SECONDS)[1]
        seq = len(place.ledger.read(campaign))
        wait_for(lambda: place.ledger.read(campaign, after=seq + 10) or None, "further event")
        bootstrap.order(place, "stop", campaign, actor="human:ben")


def check_its_end(ended: Result) -> None:
    assert ended.exit_code == NOTHING_WRONG, ended.stderr
    document = json.loads(ended.stdout)
    assert (document["status"], document["agent"], document["trials"]) == ("completed", "sobol", 3)
    assert "Completed: all 3 trials of the budget were measured" in ended.stderr
