"""``kill -9`` of a night over samples: the same part goes on, and nothing is measured twice unknowingly."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import pytest

from orchestrator import bootstrap
from orchestrator.domain import events as ev
from orchestrator.domain.campaign import CampaignState, Status
from orchestrator.domain.parts import is_part
from tests.recovery import checks
from tests.recovery.killing import run
from tests.recovery.runner import Order

SPEC = """
name: holder
instrument: {{type: sample-changer, journal: {journal}}}
samples: [{samples}]
reward: {{signal: fluorescence, goal: maximise}}
agent: random
stages:
  load: {{plan: {{name: mount, args: {{position: $sample.position}}}}}}
  align: {{space: {{x: {{limits: [-2, 2]}}}}, budget: {{trials: 2}}}}
  measure: {{origin: align, space: {{energy: {{limits: [7115, 7140]}}}}, budget: {{trials: 2}}}}
seed: 7
"""
TRIALS = {"load": 1, "align": 2, "measure": 2}

Kill = tuple[Literal["before", "after"], str]

BETWEEN_PARTS: Kill = ("before", "~A1~align campaign-created")
"""That the stage began is on record, and its part's own stream is not."""
IN_A_PART: Kill = ("before", "~A1~measure trial-measured")
"""Once the instrument has measured, and before that is on record."""
PART_ENDED: Kill = ("after", "~A1~measure campaign-completed")
"""The part has ended, and the night does not know."""
AT_THE_RECORD_OF_THE_END: Kill = ("before", " stage-ended")
ALL: list[Kill] = [
    *((when, f"{sample}{stage} {event}") for when in ("before", "after") for sample, stage, event in (
        ("~A1", "~load", "campaign-created"), ("~A1", "~load", "trial-started"), ("~A1", "~align", "campaign-created"),
        ("~A1", "~align", "trial-started"), ("~A1", "~align", "campaign-completed"), ("~A2", "~load", "trial-started"),
        ("~A2", "~measure", "trial-measured"), ("~A2", "~measure", "campaign-completed"),
    )),
    ("before", " stage-started"), ("after", " stage-started"), ("after", " stage-ended"), ("before", " campaign-completed"),
]  # fmt: skip


@pytest.fixture
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("NIGHTSHIFT_DATA", str(tmp_path / "data"))
    return f"sqlite:///{tmp_path / 'ledger.db'}"


def night_of(ledger: str) -> str | None:
    """Return the id of the campaign over samples."""
    with bootstrap.open_workplace(ledger) as workplace:
        return next((each.campaign for each in workplace.ledger.summaries() if not is_part(each.campaign)), None)


def kill_and_finish(ledger: str, folder: Path, kills: Sequence[Kill], samples: Sequence[str]) -> None:
    """Kill one runner after another; the last one ends in peace."""
    spec = folder / "holder.yaml"
    listed = ", ".join(f"{{id: {sample}, position: {index}}}" for index, sample in enumerate(samples, start=1))
    spec.write_text(SPEC.format(journal=folder / "journal", samples=listed))
    for when, place in kills:
        assert run(Order(ledger, str(spec), night_of(ledger), kill_on=place, when=when)) != 0, f"nobody came to {place}"
    assert run(Order(ledger, str(spec), night_of(ledger))) == 0


def check_night(ledger: str, journal: Path, samples: Sequence[str]) -> None:
    """Every sample went through every stage once; each part kept what any campaign keeps, and the devices say so, too."""
    night = night_of(ledger)
    assert night is not None
    with bootstrap.open_workplace(ledger) as workplace:
        state = bootstrap.load_state(workplace, night)
        events = {part.id: workplace.ledger.read(part.id) for part in state.parts.by_place.values()}
        bootstrap.verify(workplace, night)
    assert list(state.parts.by_place) == [(sample, stage) for sample in samples for stage in TRIALS]
    begun = Counter((event.data.type, event.stream) for part in events.values() for event in part if event.seq == 1)
    assert set(begun.values()) == {1}
    check_parts(state, events, journal)
    assert state.status is Status.COMPLETED


def check_parts(state: CampaignState, events: dict[str, tuple[ev.LedgerEvent, ...]], journal: Path) -> None:
    for part in state.parts.by_place.values():
        told = events[part.id]
        assert (part.outcome, part.trials, part.head) == ("succeeded", TRIALS[part.stage], told[-1].hash)
        checks.check_nothing_lost(told, TRIALS[part.stage])
        checks.check_repeats_are_declared(told)
        checks.check_actions(told, checks.actions_of(journal, part.id, "mount" if part.stage == "load" else "trigger"))


def test_killed_between_parts_in_a_part_and_at_the_record_of_its_end(ledger: str, tmp_path: Path) -> None:
    kill_and_finish(ledger, tmp_path, [BETWEEN_PARTS, IN_A_PART, PART_ENDED], ["A1"])
    check_night(ledger, tmp_path / "journal", ["A1"])


@pytest.mark.slow
@pytest.mark.parametrize("kill", [AT_THE_RECORD_OF_THE_END, *ALL], ids="-".join)
def test_killed_at_each_of_its_records(ledger: str, tmp_path: Path, kill: Kill) -> None:
    kill_and_finish(ledger, tmp_path, [kill], ["A1", "A2"])
    check_night(ledger, tmp_path / "journal", ["A1", "A2"])
