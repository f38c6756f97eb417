"""How far a night over samples is, and how long the rest takes."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from instruments.sample_changer import SampleChanger, SampleChangerSettings
from orchestrator.domain import events as ev
from orchestrator.domain.campaign import CampaignState
from orchestrator.domain.folding import fold
from orchestrator.domain.parts import SampleSkipped, StageEnded, StageStarted
from orchestrator.domain.samples import SamplesSpec
from orchestrator.queries.night import night_figures, seconds_left
from orchestrator.queries.samples import sample_rows
from tests.night import EVENING, chain
from tests.unit.samples.words import spec

UNLOADED = spec(("  align:", "  unload: {plan: unmount, requires: load, always: true}\n  align:\n    requires: load"))


def night(*parts: tuple[str, float, float | None], whole: SamplesSpec | None = None, skipped: Sequence[str] = ()) -> CampaignState:
    """Return a night after parts, each ``A1 load``, the minute it began, and the minute it ended; negative if it failed then."""
    told: list[tuple[datetime, ev.LedgerData]] = [
        (EVENING, ev.CampaignCreated(spec=whole or spec(), instrument=SampleChanger(SampleChangerSettings()).describe())),
        (EVENING, ev.CampaignStarted()),
    ]
    for name, began, ended in parts:
        sample, stage = name.split()
        told.append((EVENING + timedelta(minutes=began), StageStarted(sample=sample, stage=stage, part=f"night~{sample}~{stage}")))
        if ended is not None:
            outcome = "failed" if ended < 0 else "succeeded"
            end = StageEnded(sample=sample, stage=stage, outcome=outcome, reason="why", best_score=None if ended < 0 else 12.5, trials=3)
            told.append((EVENING + timedelta(minutes=abs(ended)), end))
    told += [(told[-1][0], SampleSkipped(sample=sample, reason="it failed")) for sample in skipped]
    return fold(chain([ev.Draft(at=at, actor="engine", data=data) for at, data in told]))


def minutes_left(state: CampaignState, at: float, part_left: float | None = None) -> float | None:
    left = None if part_left is None else 60 * part_left
    seconds = seconds_left(state, EVENING + timedelta(minutes=at), part_left_s=left)
    return None if seconds is None else seconds / 60


FIRST = (("A1 load", 0.0, 1.0), ("A1 align", 1.0, 5.0), ("A1 measure", 5.0, 15.0))


def test_a_night_in_numbers():
    state = night(*FIRST, ("A2 load", 15, -16), ("A3 load", 16, None), skipped=["A2"])
    figures = night_figures(state)
    assert figures is not None
    assert figures.sentence == "1 of 3 samples through every stage, 1 skipped; 4 of 7 parts ended, 1 of them failed"


def test_nothing_is_foretold_before_the_first_sample_went_through_every_stage():
    assert minutes_left(night(*FIRST[:2], ("A1 measure", 5, None)), 6) is None


def test_until_then_the_pace_of_the_trials_tells_how_long_a_stage_takes():
    running = night(*FIRST[:2], ("A1 measure", 5, None))
    assert minutes_left(running, 6, part_left=9) == pytest.approx(9 + 2 * 15)


def test_then_every_sample_takes_as_long_as_the_stages_took():
    running = night(*FIRST, ("A2 load", 15, 16), ("A2 align", 16, None))
    assert minutes_left(running, 18) == pytest.approx((4 - 2) + 10 + 15)
    assert minutes_left(running, 18, part_left=0.5) == pytest.approx(0.5 + 10 + 15), "a rule to stop ends it sooner"


def test_a_sample_that_is_left_takes_no_time():
    running = night(*FIRST, ("A2 load", 15, -16), ("A3 load", 16, None), skipped=["A2"])
    assert minutes_left(running, 16) == pytest.approx(15)


def test_what_always_is_done_is_still_to_come_of_a_sample_that_is_left():
    state = night(("A1 load", 0, 1), ("A1 align", 1, -2), whole=UNLOADED, skipped=["A1"])
    assert {cell.stage: cell.outcome for cell in sample_rows(state)[0].stages} == {
        "load": "succeeded", "unload": "to come", "align": "failed", "measure": "not run"
    }  # fmt: skip


def test_the_best_of_a_sample_is_that_of_the_last_stage_that_was_judged():
    first, second, third = (row.best for row in sample_rows(night(*FIRST, ("A2 load", 15, 16))))
    assert first is not None
    assert (first.value, first.unit, first.name, first.stage) == (12.5, "counts", "fluorescence", "measure")
    assert (second, third) == (None, None)
