"""A campaign run by a person at a real terminal: progress, Ctrl-C, and a suggestion that waits."""

import json
import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from orchestrator import bootstrap
from orchestrator.cli.app import app
from orchestrator.processes import this_person

_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_NIGHTSHIFT = (sys.executable, "-c", "from orchestrator.cli import main; main()")


class Terminal:
    """A pseudo-terminal with ``nightshift`` running in it."""

    def __init__(self, url: str, *arguments: str) -> None:
        self._ours, theirs = os.openpty()
        self._shown = ""
        self.process = subprocess.Popen(
            [*_NIGHTSHIFT, *arguments, "--json", "--ledger", url],
            stdin=theirs,
            stderr=theirs,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
            env={**os.environ, "TERM": "xterm", "COLUMNS": "120"},
        )
        os.close(theirs)

    def wait_for(self, words: str, seconds: float = 60.0) -> str:
        """Read until words appear on the screen; return all that was shown."""
        deadline = time.monotonic() + seconds
        while words not in self.screen:
            assert time.monotonic() < deadline, f"{words!r} never appeared in:\n{self.screen}"
            self._read(0.1)
        return self.screen

    @property
    def screen(self) -> str:
        return _CONTROL.sub("", self._shown)

    def type(self, keys: str) -> None:
        os.write(self._ours, keys.encode())

    def press_ctrl_c(self) -> None:
        self.process.send_signal(signal.SIGINT)

    def end(self) -> tuple[int, dict]:
        """Wait until the command ends; return its exit code and the last line of its stdout."""
        while self.process.poll() is None:
            self._read(0.1)
        while self._read(0):
            pass
        assert self.process.stdout is not None
        return self.process.returncode, json.loads(self.process.stdout.read().splitlines()[-1])

    def close(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()
        os.close(self._ours)

    def _read(self, seconds: float) -> bool:
        readable, _, _ = select.select([self._ours], [], [], seconds)
        try:
            new = os.read(self._ours, 65536) if readable else b""
        except OSError:  # Linux's way to say that the other end is closed
            new = b""
        self._shown += new.decode(errors="replace")
        return bool(new)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/ledger.db"


@pytest.fixture
def at_terminal(url: str) -> Iterator[Callable[..., Terminal]]:
    opened: list[Terminal] = []

    def open_terminal(*arguments: str) -> Terminal:
        opened.append(Terminal(url, *arguments))
        return opened[-1]

    yield open_terminal
    for terminal in opened:
        terminal.close()


def run(n_trials: int, seconds_per_trial: float, *changes: str) -> tuple[str, ...]:
    changed = ("agent=random", f"budget.trials={n_trials}", f"instrument.seconds_per_trial={seconds_per_trial}", *changes)
    return ("run", "crossed-barrel", *(part for change in changed for part in ("--set", change)))


def test_ctrl_c_pauses_after_the_trial_a_second_one_stops_and_resume_ends_it(at_terminal: Callable[..., Terminal], url: str):
    terminal = at_terminal(*run(12, 0.3))
    terminal.wait_for("trial 2 of 12")
    terminal.press_ctrl_c()
    terminal.wait_for("pausing after this trial; Ctrl-C again stops now")
    terminal.wait_for("now   paused")
    terminal.press_ctrl_c()
    code, ending = terminal.end()

    assert (code, ending["status"]) == (4, "stopped")
    assert 1 < ending["trials"] < 12
    assert f"nightshift resume {ending['campaign']}" in terminal.screen
    resumed = CliRunner().invoke(app, ["resume", "last", "--json", "--ledger", url], catch_exceptions=False)
    assert (resumed.exit_code, json.loads(resumed.stdout)["trials"]) == (0, 12)


def test_a_suggestion_that_waits_is_decided_at_the_terminal_and_the_ledger_says_by_whom(at_terminal: Callable[..., Terminal], url: str):
    terminal = at_terminal(*run(2, 0.0, "approval={first: 2}"))
    terminal.wait_for("trial 1 waits for you: n = ")
    terminal.type("v\n")
    terminal.wait_for("trial 2 waits for you: n = ")
    terminal.type("a\n")
    code, ending = terminal.end()

    assert (code, ending["status"], ending["trials"]) == (0, "completed", 2)
    with bootstrap.open_workplace(url) as place:
        by = {event.data.type: event.actor for event in bootstrap.load_events(place, ending["campaign"])}
    assert {by[what] for what in ("campaign-created", "trial-vetoed", "trial-approved")} == {this_person()}


@pytest.mark.slow
def test_without_a_terminal_a_suggestion_that_waits_ends_the_run_if_asked(url: str):
    """In every run of the suite docs/test_reference does the same for what it prints, and docs/test_tutorial to the letter."""
    held = CliRunner().invoke(app, [*run(2, 0.0, "approval=always"), "--no-wait", "--json", "--ledger", url], catch_exceptions=False)

    assert (held.exit_code, json.loads(held.stdout)["status"]) == (3, "held")
    assert CliRunner().invoke(app, ["approve", "last", "--ledger", url]).exit_code == 0
    assert CliRunner().invoke(app, ["resume", "last", "--no-wait", "--ledger", url]).exit_code == 3
    assert CliRunner().invoke(app, ["veto", "last", "--note", "too brittle", "--ledger", url]).exit_code == 0
    shown = CliRunner().invoke(app, ["show", "last", "--ledger", url]).stdout
    assert "vetoed: too brittle" in shown
