"""Darks, references and alignments: what is due, and nights in which they are carried out."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain import events as ev
from orchestrator.domain.campaign import CampaignState, Status, TrialStatus
from orchestrator.domain.due import due
from orchestrator.domain.events import Draft
from orchestrator.domain.folding import create, evolve
from orchestrator.domain.instrument import InterlockDescription, PlanDescription, SignalDescription
from orchestrator.domain.ports import NotMeasured
from orchestrator.domain.records import Breach, TrialKind
from orchestrator.domain.spec import CampaignSpec
from orchestrator.engine import actions as act
from orchestrator.engine.next_action import next_action
from orchestrator.queries.record import record_of
from orchestrator.queries.table import table
from orchestrator.testing.fakes import EVENING, STAGE, FakeExecutor
from tests.unit.engine.conftest import Night
from tests.unit.engine.test_next_action import MAXIMISE, measured, reviewed, scored, suggested

DARK = {"plan": "take_dark", "kind": "dark"}
ALIGN = {"plan": "realign", "kind": "alignment"}
SITE = STAGE.model_copy(
    update={
        "signals": {"counts": SignalDescription(field="counts", unit="ph/s")},
        "plans": {"take_dark": PlanDescription(kind="dark"), "realign": PlanDescription(kind="alignment")},
        "interlocks": {"beam": InterlockDescription(), "injection": InterlockDescription(role="top-up")},
    }
)


class Story:
    """A campaign's events, each a minute after the one before unless told otherwise."""

    def __init__(self, *every: dict[str, Any], **changes: Any) -> None:
        written = {"name": "night", "instrument": "fake", "reward": {"signal": "counts"}, "budget": {"trials": 100}, **changes}
        spec = CampaignSpec.model_validate({**written, "every": list(every)})
        self.now = EVENING
        self.state = create(Draft(at=self.now, actor="test", data=ev.CampaignCreated(spec=spec, instrument=SITE)), MAXIMISE)
        self.tell(ev.CampaignStarted(start_positions={"x": 1.0}))

    def tell(self, *data: Any, minutes: float = 1.0) -> CampaignState:
        for each in data:
            self.now += timedelta(minutes=minutes)
            self.state = evolve(self.state, Draft(at=self.now, actor="test", data=each))
        return self.state

    @property
    def next(self) -> int:
        return len(self.state.trials) + 1

    def trial(self, value: float = 1.0) -> CampaignState:
        number = self.next
        started = ev.TrialStarted(trial=number, attempt=1)
        return self.tell(suggested(number), reviewed(number), started, measured(number), scored(number, value))

    def routine(self, name: str, kind: str, point: dict[str, float] | None = None) -> CampaignState:
        self.begin(name, kind, point)
        return self.tell(measured(len(self.state.trials)))

    def begin(self, name: str, kind: str, point: dict[str, float] | None = None) -> CampaignState:
        number = self.next
        asked = suggested(number, kind=kind, routine=name, point=point or {}, agent=name, role="engine")
        return self.tell(asked, reviewed(number), ev.TrialStarted(trial=number, attempt=1))

    def due(self, now: datetime | None = None) -> str | None:
        found = due(self.state, now or self.now)
        return None if found is None else found[0].id

    def action(self) -> act.Action:
        return next_action(self.state, self.now)


def test_a_dark_every_three_trials_is_taken_first_and_then_again_after_three() -> None:
    story = Story({**DARK, "trials": 3})
    assert story.action() == act.CarryOut("take_dark", "before the first trial")
    story.routine("take_dark", "dark")
    for _ in range(2):
        assert story.action() == act.Ask("agent")
        story.trial()
    assert story.due() is None
    story.trial()
    assert story.action() == act.CarryOut("take_dark", "3 trials since trial 1")


def test_an_alignment_counts_from_the_start_unless_it_is_to_begin_with_one() -> None:
    assert Story({**ALIGN, "trials": 3}).due() is None
    assert Story({**ALIGN, "trials": 3, "after": "start"}).due() == "realign"
    assert Story({**ALIGN, "after": ["sample"]}).due() == "realign"


def test_minutes_run_from_the_last_time_and_overdue_is_due_once() -> None:
    story = Story({**ALIGN, "minutes": 60})
    assert story.due(story.now + timedelta(minutes=59)) is None
    five_hours_later = story.tell(ev.CampaignPaused(), ev.CampaignResumed(), minutes=150.0)
    assert due(five_hours_later, story.now) is not None
    story.routine("realign", "alignment")
    assert story.due() is None
    assert story.due(story.now + timedelta(minutes=60)) == "realign"


def test_of_several_the_alignment_comes_first_then_the_dark_then_the_reference() -> None:
    story = Story({"kind": "reference", "trials": 1, "at": {"x": 1.0}}, {**DARK, "trials": 1}, {**ALIGN, "trials": 1})
    story.routine("take_dark", "dark")
    story.trial()
    order = []
    while (name := story.due()) is not None:
        order.append(name)
        kinds = {"realign": "alignment", "take_dark": "dark", "reference": "reference"}
        story.routine(name, kinds[name], {"x": 1.0} if name == "reference" else None)
        if name == "reference":
            story.tell(scored(len(story.state.trials)))
    assert order == ["realign", "take_dark", "reference"]


def test_after_the_beam_returned_the_interrupted_trial_waits_for_the_alignment() -> None:
    story = Story({**ALIGN, "after": "beam-return"})
    again = ev.TrialRemeasured(trial=1, attempt=1, reason="no beam")
    story.tell(suggested(1), reviewed(1), ev.TrialStarted(trial=1, attempt=1), again, ev.InterlockLost(interlock="beam"))
    assert story.action() == act.AwaitInterlocks()
    story.tell(ev.InterlockReturned(interlock="beam"))
    assert story.action() == act.CarryOut("realign", "the beam is back")
    story.begin("realign", "alignment")
    assert story.action() == act.Resettle(2, 1)
    story.tell(measured(2))
    assert story.action() == act.Measure(1, 2), "and then the interrupted one, again"


def test_top_up_coming_and_going_is_no_return_of_the_beam() -> None:
    story = Story({**ALIGN, "after": "beam-return"})
    story.tell(ev.InterlockLost(interlock="injection"), ev.InterlockReturned(interlock="injection"))
    assert story.due() is None


def test_a_reference_repeats_the_best_point_of_when_it_was_first_due() -> None:
    story = Story({"kind": "reference", "trials": 2})
    story.tell(suggested(1, point={"x": 4.0}), reviewed(1), ev.TrialStarted(trial=1, attempt=1), measured(1), scored(1, 1.0))
    story.tell(suggested(2, point={"x": 5.0}), reviewed(2), ev.TrialStarted(trial=2, attempt=1), measured(2), scored(2, 9.0))
    assert story.due() == "reference"
    story.routine("reference", "reference", {"x": 5.0})
    assert story.action() == act.Score(3), "it is judged as any trial is"
    state = story.tell(scored(3, 8.0))
    assert (state.n_counted, state.n_scored, state.best) == (2, 2, 2), "and neither counts nor becomes the best"


def test_each_measurement_names_the_dark_and_the_alignment_in_force() -> None:
    story = Story({**DARK, "trials": 2}, {**ALIGN, "trials": 2})
    story.routine("take_dark", "dark")
    story.trial()
    story.tell(suggested(3), reviewed(3), ev.TrialStarted(trial=3, attempt=1, uses={"take_dark": 1}), measured(3), scored(3))
    rows = table(record_of(_stored(story), MAXIMISE))
    assert [row["dark"] for row in rows] == [None, None, 1]
    assert [row["alignment"] for row in rows] == [None] * 3


def _stored(story: Story) -> list[ev.LedgerEvent]:
    """Return what a ledger would hold of the story so far."""
    created = ev.CampaignCreated(spec=story.state.spec, instrument=SITE)
    trials = [*_told(story)]
    return [
        ev.LedgerEvent(stream="night", seq=seq, at=EVENING, actor="test", schema_version=1, token=1, data=data, prev_hash="", hash="")
        for seq, data in enumerate([created, ev.CampaignStarted(), *trials], start=1)
    ]


def _told(story: Story) -> list[Any]:
    told: list[Any] = []
    for trial in story.state.trials:
        asked = suggested(trial.number, kind=trial.kind, routine=trial.routine, point=trial.point)
        told += [asked, ev.TrialStarted(trial=trial.number, attempt=1, uses=trial.uses), measured(trial.number)]
    return told


@given(n=st.integers(1, 6), total=st.integers(1, 25))
def test_between_two_darks_lie_exactly_as_many_trials_as_asked(n: int, total: int) -> None:
    story, taken = Story({**DARK, "trials": n}), []
    for _ in range(total):
        while story.due() is not None:
            taken.append(story.state.upkeep.n_measured)
            story.routine("take_dark", "dark")
        story.trial()
    assert taken[0] == 0
    assert {later - earlier for earlier, later in pairwise(taken)} <= {n}


@pytest.mark.parametrize(("on_failure", "expected"), [("hold", act.Hold), ("stop", act.Stop), ("go-on", act.Ask)])
def test_a_routine_that_broke_off_twice_has_failed(on_failure: str, expected: type) -> None:
    story = Story({**DARK, "trials": 5, "on_failure": on_failure})
    story.begin("take_dark", "dark")
    for attempt in (1, 2):
        assert not isinstance(story.action(), act.GiveUp)
        story.tell(ev.TrialRemeasured(trial=1, attempt=attempt, reason="the shutter is stuck"))
    action = story.action()
    assert action == act.GiveUp(1, "take_dark broke off 2 times, at last: the shutter is stuck")
    story.tell(ev.TrialFailed(trial=1, reason=action.reason))
    assert isinstance(story.action(), expected)
    assert story.due(story.now) is None, "it is tried again when it is due again, or once a person has looked"


def test_a_refusal_before_anything_moved_is_no_failure() -> None:
    story = Story({**DARK, "trials": 5})
    story.begin("take_dark", "dark")
    for attempt in (1, 2, 3):
        story.tell(ev.TrialRemeasured(trial=1, attempt=attempt, reason="refused", is_refused=True))
    assert (story.action(), story.state.upkeep.broken) == (act.Measure(1, 2), "")


def test_after_a_hold_the_failed_routine_is_carried_out_first() -> None:
    story = Story({**ALIGN, "trials": 5, "after": "start"})
    story.begin("realign", "alignment")
    story.tell(ev.TrialFailed(trial=1, reason="no peak"), ev.CampaignHeld(reason="…"), ev.CampaignResumed())
    assert story.action() == act.CarryOut("realign", "it failed before, and the campaign goes on")


def test_failing_again_and_again_holds_whatever_the_file_says() -> None:
    story = Story({**ALIGN, "trials": 1, "after": "start", "on_failure": "go-on"})
    for _ in range(2):
        story.begin("realign", "alignment")
        story.tell(ev.TrialFailed(trial=len(story.state.trials), reason="no peak"))
        assert story.action() == act.Ask("agent")
        story.trial()
    story.begin("realign", "alignment")
    story.tell(ev.TrialFailed(trial=len(story.state.trials), reason="no peak"))
    held = story.action()
    assert isinstance(held, act.Hold)
    assert held.reason == "realign failed 3 times in a row: no peak; mend it, then resume: it is carried out again first"


def test_a_failed_dark_leaves_the_one_before_in_force() -> None:
    story = Story({**DARK, "trials": 1, "on_failure": "go-on"})
    story.routine("take_dark", "dark")
    story.trial()
    story.begin("take_dark", "dark")
    story.tell(ev.TrialFailed(trial=3, reason="saturated"))
    assert story.state.upkeep.good == {"take_dark": 1}


MakeNight = Callable[..., Night]


def _with_plans(night: Night) -> FakeExecutor:
    night.executor.description = SITE
    return night.executor


def test_a_night_takes_its_darks_and_every_trial_names_its_own(night: MakeNight) -> None:
    tonight = night(every=[{**DARK, "trials": 2}, {"kind": "reference", "trials": 3, "at": "first"}])
    _with_plans(tonight)
    state = tonight.drive()
    assert (state.status, state.n_counted) == (Status.COMPLETED, 5)
    assert [str(trial.kind) for trial in state.trials] == ["dark", "agent", "agent", "dark", "agent", "reference", "agent", "dark", "agent"]
    assert [trial.uses.get("take_dark") for trial in state.trials] == [None, 1, 1, 1, 4, 4, 4, 4, 8]
    observed = [trial.observation.uses for trial in state.trials if trial.observation is not None]
    assert observed == [trial.uses for trial in state.trials], "and the observation says so, too"
    assert state.trials[5].point == state.trials[1].point
    assert state.trials[5].status is TrialStatus.SCORED
    assert state.trials[0].status is TrialStatus.DONE


def test_after_a_crash_in_a_dark_it_is_settled_and_taken_once(night: MakeNight) -> None:
    tonight = night(every=[{**DARK, "trials": 9}], budget={"trials": 2})
    executor = _with_plans(tonight)
    settle = executor.settle

    def die(*arguments: Any, **named: Any) -> Any:
        settle(*arguments, **named)
        raise SystemExit

    executor.settle = die  # type: ignore[method-assign]
    with pytest.raises(SystemExit):
        tonight.drive()
    executor.settle = settle  # type: ignore[method-assign]
    tonight.order("resume")
    state = tonight.drive()
    assert [str(trial.kind) for trial in state.trials] == ["dark", "agent", "agent"]
    assert executor.motions[0] == "night/1/1"
    assert state.trials[0].observation is not None
    assert state.trials[0].observation.is_adopted


def test_the_beam_comes_back_and_the_night_realigns_before_the_interrupted_trial(night: MakeNight) -> None:
    tonight = night(every=[{**ALIGN, "after": "beam-return"}], budget={"trials": 2})
    executor = _with_plans(tonight)
    settle = executor.settle

    def lose_beam(*_: Any, **__: Any) -> NotMeasured:
        executor.lost["beam"] = Breach(interlock="beam", value=0.0, at=EVENING)
        executor.settle = settle  # type: ignore[method-assign]
        return NotMeasured("the beam went")

    executor.settle = lose_beam  # type: ignore[method-assign]
    tonight.clock.on_wait = executor.lost.clear
    state = tonight.drive()
    assert [str(trial.kind) for trial in state.trials] == ["agent", "alignment", "agent"]
    assert executor.motions == ["night/2/1", "night/1/2", "night/3/1"]


def test_a_dark_has_no_point_and_costs_no_beam(night: MakeNight) -> None:
    tonight = night(every=[{**DARK, "trials": 9}], budget={"trials": 1}, measure={"exposure": 2.0})
    executor, asked = _with_plans(tonight), []
    measure = executor._measure
    executor._measure = lambda request: asked.append(request) or measure(request)  # type: ignore[method-assign]
    tonight.drive()
    dark, agent = asked
    assert (dark.kind, dict(dark.point), dark.keeps_all, dark.plan.name) == (TrialKind.DARK, {}, True, "take_dark")
    assert dark.exposure_s == 2.0, "the detector counts as long as for a trial"
    assert (agent.plan, agent.uses) == (None, {"take_dark": 1})
    assert agent.start_metadata()["nightshift"]["uses"] == {"take_dark": 1}
