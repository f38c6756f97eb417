"""The site's wait after the beam is back: kept, counted and shown."""

from collections.abc import Callable
from datetime import timedelta

from orchestrator.domain import events as ev
from orchestrator.domain.instrument import InterlockDescription
from orchestrator.domain.records import Breach
from orchestrator.engine import actions as act
from orchestrator.engine.next_action import next_action
from orchestrator.guardians.interlocks import InterlockGuardian
from orchestrator.queries.record import record_of
from orchestrator.queries.standing import standing
from orchestrator.queries.timeline import spans
from orchestrator.testing.fakes import EVENING
from tests.unit.engine.conftest import Night
from tests.unit.engine.test_routines import SITE, Story
from tests.unit.guardians.scenes import STAGE, a_context, a_trial, an_observation


def test_beam_that_is_back_is_still_waited_for_until_the_sites_wait_is_over() -> None:
    story = Story({"plan": "realign", "kind": "alignment", "after": "beam-return"})
    until = EVENING + timedelta(minutes=30)
    story.tell(ev.InterlockLost(interlock="beam"), ev.InterlockReturned(interlock="beam", until=until))
    assert (story.state.lost_interlocks, dict(story.state.settling)) == ({"beam"}, {"beam": until})
    assert story.due() is None
    said = standing(story.state, has_runner=True)
    assert (said.word, "until 20:30:00" in said.sentence) == ("settling", True)
    story.tell(ev.InterlockReturned(interlock="beam"))
    assert (story.state.lost_interlocks, story.state.settling) == (frozenset(), {})
    assert story.due() == "realign", "and only now has the beam returned"


def test_beam_lost_again_while_it_settles_is_lost() -> None:
    story = Story()
    story.tell(
        ev.InterlockLost(interlock="beam"), ev.InterlockReturned(interlock="beam", until=EVENING), ev.InterlockLost(interlock="beam")
    )
    assert story.state.settling == {}


def test_the_wait_is_counted_down_on_the_screen_and_kept_in_the_ledger(night: Callable[..., Night]) -> None:
    tonight = night(budget={"trials": 1})
    executor, clock = tonight.executor, tonight.clock
    executor.description = SITE
    lost = Breach(interlock="beam", value=0.0, at=EVENING)
    executor.lost = {"beam": lost}
    n_waits = 0

    def pass_time() -> None:
        nonlocal n_waits
        n_waits += 1
        if n_waits == 2:
            executor.lost = {"beam": lost.model_copy(update={"until": clock.now() + timedelta(seconds=250)})}
        elif n_waits > 2 and "beam" in executor.lost:
            clock._now += timedelta(seconds=100)
            if clock._now >= executor.lost["beam"].until:
                executor.lost = {}

    clock.on_wait = pass_time
    tonight.drive()
    shown = [phase for phase in dict.fromkeys(tonight.live.phases) if phase.startswith("waiting")]
    assert shown == ["waiting for beam", "waiting for beam to settle"]
    events = tonight.ledger.read("night")
    returns = [event.data.until for event in events if isinstance(event.data, ev.InterlockReturned)]
    assert [until is None for until in returns] == [False, True]
    (span,) = (span for span in spans(record_of(events, ())) if span.kind == "interlock")
    assert (span.end - span.start).total_seconds() > 250, "the wait is part of what the beam cost"


def test_a_new_instrument_process_does_not_cut_the_wait_short(night: Callable[..., Night]) -> None:
    tonight = night(budget={"trials": 1})
    tonight.executor.description = SITE
    lost = Breach(interlock="beam", value=0.0, at=EVENING, until=EVENING + timedelta(seconds=50))
    tonight.executor.lost = {"beam": lost}
    tonight.clock.on_wait = tonight.executor.lost.clear
    tonight.drive()
    returned = [event.at for event in tonight.ledger.read("night") if isinstance(event.data, ev.InterlockReturned)]
    assert returned[-1] >= EVENING + timedelta(seconds=50)


def test_an_injection_spoils_a_reading_only_where_the_site_says_so() -> None:
    guardian, breach = InterlockGuardian(InterlockGuardian.Settings()), Breach(interlock="top-up", value=1.0, at=EVENING)
    observation = an_observation(x=1.0, y=1.0, breaches=[breach])
    answers = []
    for told in (InterlockDescription(role="top-up"), InterlockDescription(role="top-up", spoils=False)):
        context = a_context(instrument=STAGE.model_copy(update={"interlocks": {"top-up": told}}))
        answers.append(guardian.inspect(a_trial(x=1.0, y=1.0), observation, context))
    assert [answer.answer.value for answer in answers] == ["re-measure", "allow"]


def test_while_anything_settles_nothing_is_measured() -> None:
    story = Story()
    story.tell(ev.InterlockLost(interlock="beam"), ev.InterlockReturned(interlock="beam", until=EVENING + timedelta(hours=1)))
    story.tell(ev.TrialSuggested(trial=1, point={"x": 1.0}, agent="random", based_on=3), ev.TrialReviewed(trial=1))
    assert next_action(story.state, story.now) == act.AwaitInterlocks()
