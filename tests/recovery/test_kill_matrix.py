"""``kill -9`` of the whole tree, at every ledger write and at random times: nothing is lost or repeated unknowingly."""

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestrator import bootstrap
from orchestrator.domain.base import Point
from orchestrator.domain.events import LedgerEvent
from tests.postgres import PostgresServer, postgres_server
from tests.recovery import checks
from tests.recovery.killing import kill_group, only_campaign, run, spec_text, start
from tests.recovery.runner import Order

N_TRIALS = 4
N_WRITES = 2 * N_TRIALS + 3
"""Appends of an uninterrupted runner: created, started, two a trial, completed."""

SAMPLE = [("after", 1), ("before", 3), ("after", 3), ("after", 4)]
"""In every suite: creation, either side of an intent, and a measurement."""
ALL = [(when, write) for write in range(1, N_WRITES + 1) for when in ("before", "after")]


__all__ = ["postgres_server"]


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("NIGHTSHIFT_DATA", str(tmp_path / "data"))
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'ledger.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    yield server.new_database()


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Point]]:
    """The points of a campaign that nobody killed, by agent."""
    points = {}
    for agent in ("random", "bayesian"):
        folder = tmp_path_factory.mktemp(agent)
        url = f"sqlite:///{folder / 'ledger.db'}"
        spec = folder / "kill.yaml"
        spec.write_text(spec_text(folder / "journal", N_TRIALS, agent))
        assert run(Order(url, str(spec))) == 0
        points[agent] = checks.points_of(events_of(url))
    return points


def events_of(ledger: str) -> tuple[LedgerEvent, ...]:
    with bootstrap.open_workplace(ledger) as workplace:
        return workplace.ledger.read(workplace.ledger.summaries()[0].campaign)


def check_everything(ledger: str, journal: Path, expected: list[Point]) -> None:
    events = events_of(ledger)
    checks.check_nothing_lost(events, len(expected))
    checks.check_repeats_are_declared(events)
    checks.check_motions(events, checks.motions_of(journal, events[0].stream, "n"))
    n_same = checks.n_before_first_repeat(events)
    assert checks.points_of(events)[:n_same] == expected[:n_same]
    with bootstrap.open_workplace(ledger) as workplace:
        bootstrap.verify(workplace, events[0].stream, events[-1].hash)


def kill_once_and_finish(ledger: str, folder: Path, agent: str, *, when: str, write: int, expected: list[Point]) -> None:
    spec = folder / "kill.yaml"
    spec.write_text(spec_text(folder / "journal", N_TRIALS, agent))
    assert run(Order(ledger, str(spec), kill_at=write, when=when)) != 0  # type: ignore[arg-type]
    assert run(Order(ledger, str(spec), only_campaign(ledger))) == 0
    check_everything(ledger, folder / "journal", expected)


@pytest.mark.parametrize(("when", "write"), SAMPLE)
def test_killed_at_a_ledger_write(ledger: str, tmp_path: Path, uninterrupted: dict[str, list[Point]], when: str, write: int) -> None:
    kill_once_and_finish(ledger, tmp_path, "random", when=when, write=write, expected=uninterrupted["random"])


@pytest.mark.slow
@pytest.mark.parametrize("agent", ["random", "bayesian"])
@pytest.mark.parametrize(("when", "write"), ALL)
def test_killed_at_every_ledger_write(
    ledger: str, tmp_path: Path, uninterrupted: dict[str, list[Point]], agent: str, when: str, write: int
) -> None:
    kill_once_and_finish(ledger, tmp_path, agent, when=when, write=write, expected=uninterrupted[agent])


@pytest.mark.slow
@pytest.mark.parametrize("round_number", range(12))
def test_killed_again_and_again_at_random_times_inside_trials(
    ledger: str, tmp_path: Path, uninterrupted: dict[str, list[Point]], round_number: int
) -> None:
    kill_repeatedly(ledger, tmp_path, uninterrupted["random"], seed=round_number, n_kills=6)


def test_killed_twice_at_random_times_inside_trials(ledger: str, tmp_path: Path, uninterrupted: dict[str, list[Point]]) -> None:
    kill_repeatedly(ledger, tmp_path, uninterrupted["random"], seed=1, n_kills=2)


def kill_repeatedly(ledger: str, folder: Path, expected: list[Point], *, seed: int, n_kills: int) -> None:
    """Kill while measurements of 0.2 s are under way, then let the campaign end in peace."""
    draw = random.Random(seed)
    spec = folder / "kill.yaml"
    spec.write_text(spec_text(folder / "journal", N_TRIALS, "random", seconds_per_trial=0.2))
    for _ in range(n_kills):
        with start(Order(ledger, str(spec), only_campaign(ledger), announce=True)) as process:
            assert process.stdout is not None
            for _ in range(draw.randint(1, 2)):
                process.stdout.readline()
            time.sleep(draw.uniform(0.0, 0.25))  # the random moment is the point of this test
            kill_group(process)
    assert run(Order(ledger, str(spec), only_campaign(ledger))) == 0
    check_everything(ledger, folder / "journal", expected)
