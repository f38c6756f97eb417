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


@pytest.mark.parametrize(
    ("wall_s", "said"),
    [(0.0, "  40 trials in all"), (12.7, "  40 trials in all, 12.7 s in this run"), (30000.0, "  40 trials in all, 8.33 h in this run")],
)
def test_what_another_runner_took_is_not_told_as_ours(wall_s: float, said: str) -> None:
    assert list(lines_of(replace(HELD, trials=40, wall_s=wall_s)))[1] == said
