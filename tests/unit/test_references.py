"""Drift, as a reference shows it."""

from datetime import timedelta

import pytest

from orchestrator.domain import events as ev
from orchestrator.domain.records import ObjectiveScore, Observation, Score, TrialKind
from orchestrator.queries.references import ReferenceDrift, reference_drifts
from tests.unit.engine.test_next_action import reviewed, suggested
from tests.unit.engine.test_routines import Story


def a_reference_night(values: list[float], sd: float | None, *, hours: float = 1.0) -> tuple[ReferenceDrift, ...]:
    story = Story({"kind": "reference", "trials": 1, "at": {"x": 2.0}})
    for number, value in enumerate(values, start=1):
        at = story.now + timedelta(hours=hours * number)
        asked = suggested(number, kind=TrialKind.REFERENCE, routine="reference")
        seen = Observation(trial=number, attempt=1, setpoint={}, readback={}, readings={"counts": value}, started_at=at, finished_at=at)
        scores = Score(objectives={"counts": ObjectiveScore(value=value, sd=sd)})
        story.tell(asked, reviewed(number), ev.TrialStarted(trial=number, attempt=1), minutes=0.0)
        story.tell(ev.TrialMeasured(trial=number, observation=seen), ev.TrialScored(trial=number, score=scores), minutes=0.0)
    return reference_drifts(story.state)


def test_a_line_through_exact_readings_is_found_with_its_textbook_error():
    (drift,) = a_reference_night([10.0, 8.0, 6.0, 4.0], sd=0.5)
    assert drift.slope == pytest.approx(-2.0)
    assert drift.slope_sd == pytest.approx(0.5 / 5.0**0.5), "sd over the root of the sum of squared hours about their mean, which is 5"
    assert drift.drifts
    said, drifts = drift.sentence.split("; ")
    assert said == "reference: counts = 4.00 ± 0.50 ph/s in trial 4, -6.00 ± 0.71 ph/s since trial 1"
    assert drifts == "drifts by -2.00 ± 0.22 ph/s per hour"


def test_scatter_alone_is_no_drift():
    (drift,) = a_reference_night([10.0, 10.6, 9.5, 10.2], sd=0.5)
    assert not drift.drifts
    assert drift.sentence.endswith("no drift beyond its scatter in 4 readings")


def test_without_stated_sds_the_scatter_about_the_line_tells_from_three_readings_on():
    assert a_reference_night([10.0, 8.0], sd=None)[0].slope_sd is None
    (drift,) = a_reference_night([10.0, 8.1, 5.9, 4.0], sd=None)
    assert drift.slope_sd == pytest.approx((0.018 / 2 / 5.0) ** 0.5)


def test_one_reading_says_so_and_none_says_nothing():
    assert a_reference_night([10.0], sd=0.5)[0].sentence == "reference: counts = 10.00 ± 0.50 ph/s in trial 1, once so far"
    assert a_reference_night([], sd=None) == ()
