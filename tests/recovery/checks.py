"""What must hold after any kill, checked against what the devices say they were asked to do."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from instruments.journal import read_journal
from orchestrator import bootstrap
from orchestrator.domain import events as ev
from orchestrator.domain.base import Point
from orchestrator.domain.events import LedgerEvent

Attempt = tuple[int, int]


def events_of(ledger: str) -> tuple[LedgerEvent, ...]:
    """Return the ledger events of the ledger's newest campaign."""
    with bootstrap.open_workplace(ledger) as workplace:
        return workplace.ledger.read(workplace.ledger.summaries()[0].campaign)


def actions_of(journal: Path, campaign: str, what: str, axis: str | None = None) -> Counter[Attempt]:
    """Return how often each attempt of a campaign moved an axis, or triggered, from the devices' own fsynced record."""
    lines = [line for line in read_journal(journal) if line["what"] == what and line.get("axis") == axis]
    return Counter(_attempt(line) for line in lines if str(line["attempt"]).startswith(f"{campaign}/"))


def _attempt(line: Mapping[str, object]) -> Attempt:
    _campaign, trial, attempt = str(line["attempt"]).rsplit("/", 2)
    return int(trial), int(attempt)


def check_devices(events: Sequence[LedgerEvent], journal: Path, axes: Sequence[str]) -> None:
    """No attempt moved or exposed more than once, and those that count did so once."""
    campaign = events[0].stream
    for axis in axes:
        check_actions(events, actions_of(journal, campaign, "motion", axis))
    check_actions(events, actions_of(journal, campaign, "trigger"))


def check_actions(events: Sequence[LedgerEvent], actions: Counter[Attempt]) -> None:
    """Each action belongs to one recorded start, each start has at most one, each measured trial exactly one that counts."""
    started = Counter((event.data.trial, event.data.attempt) for event in events if isinstance(event.data, ev.TrialStarted))
    assert set(actions) <= set(started), f"actions without a start: {set(actions) - set(started)}"
    assert set(started.values()) <= {1}, f"starts recorded twice: {started}"
    assert all(count == 1 for count in actions.values()), f"starts with several actions: {actions}"
    measured = [(event.data.trial, event.data.observation.attempt) for event in events if isinstance(event.data, ev.TrialMeasured)]
    assert Counter(trial for trial, _ in measured).most_common(1)[0][1] == 1, "a trial was measured twice"
    assert all(actions[attempt] == 1 for attempt in measured), "a measured trial did nothing"


def check_repeats_are_declared(events: Sequence[LedgerEvent]) -> None:
    """Every start after a trial's first is preceded by a re-measurement of the attempt before it."""
    declared: set[Attempt] = set()
    for event in events:
        if isinstance(event.data, ev.TrialRemeasured):
            declared.add((event.data.trial, event.data.attempt))
        if isinstance(event.data, ev.TrialStarted) and event.data.attempt > 1:
            assert (event.data.trial, event.data.attempt - 1) in declared, f"trial {event.data.trial} was repeated without a word"


def check_nothing_lost(events: Sequence[LedgerEvent], n_trials: int) -> None:
    """Every trial was suggested once, in order, and scored."""
    suggested = [event.data.trial for event in events if isinstance(event.data, ev.TrialSuggested)]
    scored = sorted(event.data.trial for event in events if isinstance(event.data, ev.TrialScored))
    assert suggested == list(range(1, n_trials + 1))
    assert scored == suggested


def check_ledger(ledger: str, events: Sequence[LedgerEvent]) -> None:
    """Hashes, chain, sequence and projection agree. Raises LedgerCorrupt."""
    with bootstrap.open_workplace(ledger) as workplace:
        bootstrap.verify(workplace, events[0].stream, events[-1].hash)


def points_of(events: Sequence[LedgerEvent]) -> list[Point]:
    return [event.data.point for event in events if isinstance(event.data, ev.TrialSuggested)]


def n_before_first_repeat(events: Sequence[LedgerEvent]) -> int:
    """Return how many suggestions cannot have been influenced by a repeated measurement."""
    repeated = [event.data.trial for event in events if isinstance(event.data, ev.TrialRemeasured)]
    return min(repeated, default=len(points_of(events)))
