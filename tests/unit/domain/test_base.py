"""Durations and moments as people write them."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from threading import Barrier

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from orchestrator.domain.base import Duration, Moment, Value

DURATION = TypeAdapter(Duration)
MOMENT = TypeAdapter(Moment)


@pytest.mark.parametrize(
    ("written", "seconds"),
    [("30 min", 1800), ("8 h", 28800), ("250 ms", 0.25), ("5 s", 5), ("5sec", 5), ("1 d", 86400), (12, 12), ("7", 7)],
)
def test_a_duration_is_read_in_the_unit_people_wrote(written, seconds):
    assert DURATION.validate_python(written) == pytest.approx(seconds)


@pytest.mark.parametrize("written", ["soon", "3 weeks", "", "h", "-5 s", "inf", "nan s", -1])
def test_what_is_no_duration_is_refused(written):
    with pytest.raises(ValidationError):
        Holder(duration=written)


def test_a_refused_duration_names_what_was_written_and_the_units_that_work():
    with pytest.raises(ValidationError, match=r"'3 weeks' is not a duration; write a number and one of .*min"):
        DURATION.validate_python("3 weeks")


def test_a_moment_without_a_time_zone_is_refused_with_the_way_to_write_it():
    with pytest.raises(ValidationError, match="no time zone; write it as UTC, for example 2025-01-01T00:00:00Z"):
        MOMENT.validate_python(datetime(2025, 1, 1))  # noqa: DTZ001  (the missing zone is what is tested)


@given(st.datetimes(min_value=datetime(1971, 1, 1), max_value=datetime(2100, 1, 1)), st.integers(-12, 14))  # noqa: DTZ001  (hypothesis wants naive bounds)
def test_a_moment_is_the_same_instant_whatever_zone_it_was_written_in(local, hours):
    written = local.replace(tzinfo=timezone(timedelta(hours=hours)))
    moment = MOMENT.validate_python(written)
    assert moment == written
    assert moment.tzinfo is UTC
    assert MOMENT.validate_json(MOMENT.dump_json(moment)) == moment


class Holder(Value):
    duration: Duration


def test_a_value_is_frozen_and_knows_its_fields():
    holder = Holder(duration=1.0)
    with pytest.raises(ValidationError, match="frozen"):
        holder.duration = 2.0
    with pytest.raises(ValidationError, match="Extra inputs"):
        Holder.model_validate({"duration": 1.0, "colour": "red"})


def test_threads_that_are_the_first_to_make_a_record_all_make_it():
    class Reading(Value):
        """Deferred, so that the first of the threads below builds its validator."""

        counts: float
        at: Moment

    at_once = Barrier(8)

    def make(number: int) -> float:
        at_once.wait()
        return Reading(counts=number, at=datetime(2026, 1, 1, tzinfo=UTC)).counts

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(make, range(8))) == list(range(8))
