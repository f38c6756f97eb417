"""``kill -9`` in the middle of a dark: it is declared broken off, and taken again before anything leans on it."""

import time
from pathlib import Path

import pytest

from instruments.journal import read_journal
from orchestrator.domain import events as ev
from tests.recovery import checks
from tests.recovery.killing import SECONDS, Runner, kill_group, only_campaign, run, started
from tests.recovery.runner import Order

SPEC = """
name: dark-night
instrument: {{type: simulated-beamline, axes: [mirror_pitch], journal: {journal}}}
space: {{mirror_pitch: {{limits: [2.84, 2.86]}}}}
measure: {{exposure: 0.7 s, signals: [flux]}}
reward: {{signal: flux}}
agent: random
budget: {{trials: {n_trials}}}
every: [{{plan: take_dark, trials: 2}}]
seed: 7
"""


def write_spec(folder: Path, n_trials: int) -> Path:
    spec = folder / "dark.yaml"
    spec.write_text(SPEC.format(journal=folder / "journal", n_trials=n_trials))
    return spec


def wait_for_dark(runner: Runner, journal: Path, nth: int) -> None:
    """Wait until the detector exposes for the nth dark."""
    deadline = time.monotonic() + SECONDS
    while sum(bool(line.get("is_dark")) for line in read_journal(journal)) < nth:
        assert runner.poll() is None, "the runner ended before it took that dark"
        assert time.monotonic() < deadline, "no dark was taken"
        time.sleep(0.01)


def kill_in_dark(folder: Path, ledger: str, *, nth: int, n_trials: int) -> tuple[ev.LedgerEvent, ...]:
    """Kill in the nth dark, let the campaign end in peace, and return its ledger events."""
    spec = str(write_spec(folder, n_trials))
    with started(Order(ledger, spec)) as runner:
        wait_for_dark(runner, folder / "journal", nth)
        kill_group(runner)
    assert run(Order(ledger, spec, only_campaign(ledger))) == 0
    return checks.events_of(ledger)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("nth", "n_trials", "kinds"),
    [(1, 1, ["dark", "agent"]), (2, 3, ["dark", "agent", "agent", "dark", "agent"])],
)
def test_a_dark_that_was_broken_off_is_declared_so_and_taken_again_before_the_next_trial(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nth: int, n_trials: int, kinds: list[str]
) -> None:
    """With processes that die; the engine's part of it is in unit/engine/test_routines, quickly."""
    monkeypatch.setenv("NIGHTSHIFT_DATA", str(tmp_path / "data"))
    ledger = f"sqlite:///{tmp_path / 'ledger.db'}"
    events = kill_in_dark(tmp_path, ledger, nth=nth, n_trials=n_trials)
    suggested = [event.data for event in events if isinstance(event.data, ev.TrialSuggested)]
    assert [str(each.kind) for each in suggested] == kinds
    dark = [each.trial for each in suggested if each.routine][nth - 1]
    starts = [event.data for event in events if isinstance(event.data, ev.TrialStarted)]
    assert [start.attempt for start in starts if start.trial == dark] == [1, 2]
    assert [event.data.trial for event in events if isinstance(event.data, ev.TrialRemeasured)] == [dark]
    after = [start for start in starts if start.trial > dark]
    assert after
    assert all(list(start.uses.values()) == [dark] for start in after), "what follows leans on the dark that was taken to its end"
    checks.check_repeats_are_declared(events)
    checks.check_actions(events, checks.actions_of(tmp_path / "journal", events[0].stream, "trigger"))
    checks.check_ledger(ledger, events)
