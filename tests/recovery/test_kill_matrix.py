"""``kill -9`` of the whole tree, at every ledger write and at random times: nothing is lost or repeated unknowingly."""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Literal

import pytest

from orchestrator.domain.base import Point
from orchestrator.domain.campaign import Status
from tests.postgres import PostgresServer
from tests.recovery import checks
from tests.recovery.killing import kill_group, only_campaign, run, says, spec_text, started
from tests.recovery.runner import Order, work

N_TRIALS = 4
N_WRITES = 2 * N_TRIALS + 2
"""Appends of an uninterrupted runner: created, started, two a trial, the last of them with the completion."""

Kill = tuple[Literal["before", "after"], int]
"""On which side of which append of a runner."""
Uninterrupted = Callable[[str], list[Point]]
"""The points of a campaign that nobody killed, by agent."""

AFTER_CREATION: Kill = ("after", 1)
BETWEEN_INTENT_AND_MOTION: Kill = ("after", 3)
BETWEEN_MEASUREMENT_AND_RECORD: Kill = ("before", 3)
"""Of a resumed runner, whose first two appends take the lease and say that it goes on."""
AFTER_A_MEASUREMENT: Kill = ("after", 4)
ALL: list[Kill] = [(when, write) for write in range(1, N_WRITES + 1) for when in ("before", "after")]


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("NIGHTSHIFT_DATA", str(tmp_path / "data"))
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'ledger.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    yield server.new_database()


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> Uninterrupted:
    @cache
    def points(agent: str) -> list[Point]:
        folder = tmp_path_factory.mktemp(agent)
        url = f"sqlite:///{folder / 'ledger.db'}"
        assert work(Order(url, str(write_spec(folder, agent)))).status is Status.COMPLETED
        return checks.points_of(checks.events_of(url))

    return points


def write_spec(folder: Path, agent: str, seconds_per_trial: float = 0.0) -> Path:
    spec = folder / "kill.yaml"
    spec.write_text(spec_text(folder / "journal", N_TRIALS, agent, seconds_per_trial))
    return spec


def check_everything(ledger: str, journal: Path, expected: list[Point]) -> None:
    events = checks.events_of(ledger)
    checks.check_nothing_lost(events, len(expected))
    checks.check_repeats_are_declared(events)
    checks.check_devices(events, journal, ["n"])
    checks.check_ledger(ledger, events)
    n_same = checks.n_before_first_repeat(events)
    assert checks.points_of(events)[:n_same] == expected[:n_same]


def kill_and_finish(ledger: str, folder: Path, agent: str, kills: Sequence[Kill], expected: list[Point]) -> None:
    """Kill one runner after another, each at its own ledger write; the last one ends in peace."""
    spec = write_spec(folder, agent)
    for when, write in kills:
        assert run(Order(ledger, str(spec), only_campaign(ledger), kill_at=write, when=when)) != 0
    assert work(Order(ledger, str(spec), only_campaign(ledger))).status is Status.COMPLETED
    check_everything(ledger, folder / "journal", expected)


@pytest.mark.parametrize(
    ("ledger", "kills"),
    [
        ("sqlite", [AFTER_CREATION, BETWEEN_INTENT_AND_MOTION, BETWEEN_MEASUREMENT_AND_RECORD]),
        ("postgresql", [AFTER_A_MEASUREMENT]),
    ],
    indirect=["ledger"],
)
def test_killed_at_ledger_writes(ledger: str, tmp_path: Path, uninterrupted: Uninterrupted, kills: Sequence[Kill]) -> None:
    kill_and_finish(ledger, tmp_path, "random", kills, uninterrupted("random"))


@pytest.mark.parametrize("ledger", ["sqlite"], indirect=True)
def test_the_matrix_below_has_every_write_and_no_other(ledger: str, tmp_path: Path) -> None:
    spec = write_spec(tmp_path, "random")
    assert run(Order(ledger, str(spec), None, kill_at=N_WRITES + 1, when="before")) == 0, "nothing is written after the last"
    assert run(Order(ledger, str(spec), None, kill_at=N_WRITES, when="after")) != 0


@pytest.mark.slow
@pytest.mark.parametrize("agent", ["random", "bayesian"])
@pytest.mark.parametrize("kill", ALL, ids=lambda kill: "-".join(map(str, kill)))
def test_killed_at_every_ledger_write(ledger: str, tmp_path: Path, uninterrupted: Uninterrupted, agent: str, kill: Kill) -> None:
    kill_and_finish(ledger, tmp_path, agent, [kill], uninterrupted(agent))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12))
def test_killed_again_and_again_at_random_times_inside_trials(ledger: str, tmp_path: Path, uninterrupted: Uninterrupted, seed: int) -> None:
    """Kill while measurements of 0.2 s are under way, then let the campaign end in peace."""
    draw = random.Random(seed)
    spec = write_spec(tmp_path, "random", seconds_per_trial=0.2)
    for _ in range(6):
        with started(Order(ledger, str(spec), only_campaign(ledger), announce=True)) as runner:
            for _ in range(draw.randint(1, 2)):
                says(runner, "measuring")
            time.sleep(draw.uniform(0.0, 0.25))  # the random moment is the point of this test
            kill_group(runner)
    assert work(Order(ledger, str(spec), only_campaign(ledger))).status is Status.COMPLETED
    check_everything(ledger, tmp_path / "journal", uninterrupted("random"))
