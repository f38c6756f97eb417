"""What a trial adds to the dose."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from orchestrator.domain.dose import DoseRule

SECONDS = st.floats(0.0, 1e4)


def test_a_constant_beam_gives_dose_by_the_second_of_open_shutter():
    assert DoseRule(factor=2.5, unit="kGy").of(4.0, None) == 10.0


def test_a_flux_monitor_tells_how_much_a_second_gives():
    assert DoseRule(factor=1e-12, signal="flux").of(2.0, 3e12) == pytest.approx(6.0)


def test_an_ion_chamber_s_counts_are_a_total_already():
    assert DoseRule(factor=0.5, per="trial", signal="i0").of(60.0, 8.0) == 4.0


def test_a_detector_s_offset_gives_no_dose_back():
    assert DoseRule(factor=1.0, signal="i0").of(1.0, -3.0) == 0.0


def test_a_reading_that_is_missing_does_not_pass_for_no_dose():
    assert DoseRule(factor=1.0, signal="i0").of(1.0, None) is None
    assert DoseRule(factor=1.0, signal="i0").of(0.0, None) == 0.0, "the shutter was closed"


@given(SECONDS, SECONDS, st.floats(0.0, 1e6))
def test_two_exposures_give_what_one_of_their_length_does(one: float, other: float, reading: float):
    rule = DoseRule(factor=3.0, signal="i0")
    assert (rule.of(one, reading) or 0.0) + (rule.of(other, reading) or 0.0) == pytest.approx(rule.of(one + other, reading) or 0.0)


@pytest.mark.parametrize("written", [{"factor": 0}, {"factor": -1}, {"factor": float("inf")}, {"factor": 1, "per": "day"}, {}])
def test_rules_that_tell_nothing_are_refused(written: dict[str, object]):
    with pytest.raises(ValidationError):
        DoseRule.model_validate(written)
