"""The last lines of a run."""

from dataclasses import replace

import pytest

from orchestrator.bootstrap.outcome import Outcome
from orchestrator.cli.ending import lines_of
from orchestrator.domain.campaign import Status

HELD = Outcome(
    campaign="film-1",
    status=Status.HELD,
    trials=1,
    best_point=None,
    best_score=None,
    wall_s=4.25,
    head="abc",
    reason="trial 1 waits for approval",
)


def test_a_run_that_waits_for_a_person_says_for_what() -> None:
    assert list(lines_of(HELD))[:3] == [
        "film-1 held: trial 1 waits for approval",
        "  1 trial in all, 4.25 s in this run",
        "  no trial was scored yet",
    ]


def test_what_a_campaign_found_is_offered_before_what_proves_it() -> None:
    lines = list(lines_of(replace(HELD, status=Status.COMPLETED)))
    commands = [line.split()[1] for line in lines[lines.index("next:") + 1 :]]
    assert commands == ["show", "report", "export", "replay", "verify"]


@pytest.mark.parametrize(
    ("called", "is_on_path", "typed"),
    [
        (".venv/bin/nightshift", False, ".venv/bin/nightshift"),
        (".venv/bin/nightshift", True, "nightshift"),
        ("pytest", False, "nightshift"),
    ],
)
def test_commands_are_printed_as_they_can_be_typed_here(called: str, is_on_path: bool, typed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", [called, "run"])
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}" if is_on_path else None)
    lines = list(lines_of(HELD))
    assert lines[lines.index("next:") + 1].startswith(f"  {typed} approve film-1")


@pytest.mark.parametrize(
    ("wall_s", "said"),
    [(0.0, "  40 trials in all"), (12.7, "  40 trials in all, 12.7 s in this run"), (30000.0, "  40 trials in all, 8.33 h in this run")],
)
def test_what_another_runner_took_is_not_told_as_ours(wall_s: float, said: str) -> None:
    assert list(lines_of(replace(HELD, trials=40, wall_s=wall_s)))[1] == said
