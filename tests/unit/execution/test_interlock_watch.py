"""No breach is forgotten, however short."""

from datetime import timedelta

from orchestrator.domain.records import Breach
from orchestrator.execution.interlock_watch import InterlockWatch
from orchestrator.testing.fakes import EVENING


def breach(seconds: float) -> Breach:
    return Breach(interlock="beam", value=0.0, at=EVENING + timedelta(seconds=seconds))


def test_a_breach_that_began_and_ended_inside_the_trial_is_reported() -> None:
    watch = InterlockWatch()
    watch.listen(breach(2), "beam")
    watch.listen(None, "beam")
    assert watch.lost() == {}
    assert watch.since(EVENING) == (breach(2),)


def test_a_breach_from_before_the_trial_counts_only_while_it_stands() -> None:
    watch = InterlockWatch()
    watch.listen(breach(-5), "beam")
    assert watch.since(EVENING) == (breach(-5),)
    watch.listen(None, "beam")
    assert watch.since(EVENING) == ()


def test_one_loss_that_gets_worse_and_is_then_waited_out_is_one_breach() -> None:
    watch, until = InterlockWatch(), EVENING + timedelta(minutes=5)
    for told in (breach(2), breach(2).model_copy(update={"value": -1.0}), breach(2).model_copy(update={"value": -1.0, "until": until})):
        watch.listen(told, "beam")
    (kept,) = watch.since(EVENING)
    assert (kept.value, kept.until) == (-1.0, until), "with its worst value"
    assert watch.lost()["beam"].until == until, "and no trial begins before the wait is over"
