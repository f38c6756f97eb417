"""``kill -9`` while analyses are awaited: whoever dies, and whenever, every answer scores its trial, once."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Thread

import pytest

from orchestrator import bootstrap
from orchestrator.bootstrap import Workplace
from orchestrator.domain import events as ev
from orchestrator.domain.campaign import Status
from tests.recovery import checks
from tests.recovery.killing import kill_group, run, started, wait_until
from tests.recovery.runner import Order, work

N_TRIALS = 6
MOST = 4


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workplace]:
    monkeypatch.setenv("NIGHTSHIFT_DATA", str(tmp_path / "data"))
    (tmp_path / "answers").mkdir()
    with bootstrap.open_workplace(f"sqlite:///{tmp_path / 'ledger.db'}") as workplace:
        yield workplace


def write_spec(folder: Path) -> Path:
    spec = folder / "late.yaml"
    spec.write_text(f"""
name: late
instrument: {{type: dataset, data: crossed-barrel, journal: {folder / "journal"}}}
reward: {{type: external, name: score, max_pending: {MOST}, answers: {{folder: answers}}}}
agent: random
budget: {{trials: {N_TRIALS}}}
seed: 7
""")
    return spec


def value_of(place: Workplace, trial: int) -> float:
    """Return what the analysis finds: something of the trial's own reading."""
    seen = bootstrap.load_state(place, "last").trial(trial).observation
    assert seen is not None
    assert seen.readings["toughness"] is not None
    return seen.readings["toughness"] * 2


def by_file(place: Workplace, folder: Path, trial: int) -> None:
    written = {"campaign": bootstrap.find(place, "last"), "trial": trial, "value": value_of(place, trial)}
    half = folder / "answers" / f"trial-{trial}.json.part"
    half.write_text(json.dumps(written))
    half.rename(half.with_suffix(""))


def by_order(place: Workplace, trial: int) -> None:
    content = {"scores": {"score": {"value": value_of(place, trial)}}}
    bootstrap.order(place, "score", "last", trial=trial, content=content, actor="human:cluster", patience=0.0)


class Analysis:
    """Answers by file whatever is awaited, until told to end."""

    def __init__(self, place: Workplace, folder: Path) -> None:
        self._place, self._folder, self._ended, self._sent = place, folder, Event(), set[int]()
        self._thread = Thread(target=self._work, daemon=True)

    def __enter__(self) -> "Analysis":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _work(self) -> None:
        while not self._ended.wait(0.1):
            for trial in sorted(bootstrap.load_state(self._place, "last").awaiting - self._sent):
                by_file(self._place, self._folder, trial)
                self._sent.add(trial)


def check_every_answer_counts_once(place: Workplace, folder: Path) -> None:
    events = bootstrap.load_events(place, "last")
    checks.check_nothing_lost(events, N_TRIALS)
    checks.check_repeats_are_declared(events)
    checks.check_devices(events, folder / "journal", ["n"])
    checks.check_ledger(place.address, events)
    state = bootstrap.load_state(place, "last")
    for trial in state.trials:
        assert trial.score is not None
        assert trial.score.objectives["score"].value == value_of(place, trial.number)
    assert place.ledger.commands(events[0].stream) == ()
    assert not [event for event in events if isinstance(event.data, ev.NoteLeft)], "nothing was refused"


def kill_while_four_wait(place: Workplace, folder: Path) -> Order:
    """Return the order for the next runner; the one before was killed while it waited for the analysis of four trials."""
    spec = str(write_spec(folder))
    with started(Order(place.address, spec, announce=True)) as runner:
        wait_until(runner, f"waiting for analysis {MOST} trials")
        kill_group(runner)
    state = bootstrap.load_state(place, "last")
    assert (len(state.awaiting), len(state.trials)) == (MOST, MOST)
    return Order(place.address, spec, bootstrap.find(place, "last"))


def test_four_answers_that_come_while_nobody_runs_are_all_taken(place: Workplace, tmp_path: Path) -> None:
    """Two by file, and two by orders that are carried out at once because nobody runs the campaign."""
    following = kill_while_four_wait(place, tmp_path)
    by_file(place, tmp_path, 3)
    by_order(place, 4)
    by_order(place, 1)
    by_file(place, tmp_path, 2)
    assert bootstrap.load_state(place, "last").awaiting == {2, 3}
    with Analysis(place, tmp_path):
        assert work(following).status is Status.COMPLETED
    check_every_answer_counts_once(place, tmp_path)
    assert sorted(path.name for path in (tmp_path / "answers").iterdir()) == ["taken"]


@pytest.mark.slow
def test_killed_again_and_again_while_it_takes_four_answers(place: Workplace, tmp_path: Path) -> None:
    """A runner's first two appends take the lease and say that it goes on; then each answer is one."""
    following = kill_while_four_wait(place, tmp_path)
    send = _into_the_inbox(place)
    for trial in (4, 2, 3, 1):
        send(trial)
    assert run(_dying(following, 3, "after")) != 0, "recorded, and still in the inbox"
    assert run(_dying(following, 4, "before")) != 0, "the first is no event any more; the third is not recorded"
    assert len(bootstrap.load_state(place, "last").awaiting) == 2
    assert len(place.ledger.commands(following.campaign or "")) == 2
    with Analysis(place, tmp_path):
        assert work(following).status is Status.COMPLETED
    check_every_answer_counts_once(place, tmp_path)


def _into_the_inbox(place: Workplace) -> Callable[[int], None]:
    """Return what sends an answer as if a runner lived, so that it lies in the inbox."""

    def send(trial: int) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("orchestrator.bootstrap.ordering.has_runner", lambda *_: True)
            by_order(place, trial)

    return send


def _dying(order: Order, write: int, when: str) -> Order:
    return Order(order.ledger, order.source, order.campaign, kill_at=write, when=when)  # type: ignore[arg-type]
