"""People in the loop: points, edits, limits, budgets and notes, each an event with who and why."""

from collections.abc import Callable

import pytest

from orchestrator.domain import events as ev
from orchestrator.domain.access import Role
from orchestrator.domain.campaign import CampaignState, Status, TrialStatus
from orchestrator.domain.errors import BadInput, NotAllowed, StaleApproval, WrongState
from orchestrator.domain.ports import Command
from orchestrator.domain.records import Answer, TrialKind
from orchestrator.engine.meanings import meaning
from orchestrator.testing.fakes import EVENING
from tests.unit.engine.conftest import Night, Strict

Make = Callable[..., Night]


def command(verb: str, **details: object) -> Command:
    return Command(0, "night", EVENING, "human:anna", verb, **details)  # type: ignore[arg-type]


def held(night: Make) -> tuple[Night, CampaignState]:
    """Return a night whose first suggestion waits for a person."""
    made = night(approval={"first": 1})
    return made, made.drive()


def hash_of(state: CampaignState) -> str:
    trial = state.trial(1)
    return ev.suggestion_hash(trial.number, trial.point)


def test_a_persons_point_is_measured_next_and_goes_past_the_guardians(night: Make) -> None:
    made = night()
    made.order("suggest", content={"point": {"x": 4.25}}, note="the old optimum")
    state = made.drive()
    first = state.trial(1)
    assert (first.kind, first.role, first.agent, first.point) == (TrialKind.HUMAN, "human", "anna", {"x": 4.25})
    assert first.evidence.reason == "the old optimum"
    assert first.status is TrialStatus.SCORED
    reviewed = [event.data for event in made.ledger.read("night") if isinstance(event.data, ev.TrialReviewed)]
    assert reviewed[0].trial == 1
    assert reviewed[0].verdicts
    suggested = next(event for event in made.ledger.read("night") if event.type == "trial-suggested")
    assert suggested.actor == "human:anna"
    assert state.n_counted == 5


def test_two_points_from_people_are_measured_one_after_the_other(night: Make) -> None:
    made = night()
    made.order("suggest", content={"point": {"x": 1.0}})
    made.order("suggest", content={"point": {"x": 2.0}})
    state = made.drive()
    assert [trial.point["x"] for trial in state.trials[:2]] == [1.0, 2.0]
    assert not made.ledger.commands("night")


def test_a_persons_point_can_be_refused_by_a_guardian(night: Make) -> None:
    made = night()
    made.guardians["strict"] = Strict(review=Answer.VETO)
    made.order("suggest", content={"point": {"x": 4.0}})
    state = made.drive()
    assert state.trial(1).status is TrialStatus.VETOED
    assert "night/1/1" not in made.executor.motions


def test_an_edited_suggestion_is_vetoed_and_a_new_one_by_a_human_takes_its_place(night: Make) -> None:
    made, state = held(night)
    made.order("edit", trial=1, suggestion_hash=hash_of(state), content={"point": {"x": 7.5}}, note="clear of the beam stop")
    state = made.drive(waits=True)
    assert state.trial(1).status is TrialStatus.VETOED
    assert "trial 2 takes its place" in state.trial(1).note
    second = state.trial(2)
    assert (second.role, second.point, second.status) == ("human", {"x": 7.5}, TrialStatus.SCORED)
    assert "clear of the beam stop" in second.evidence.reason


def test_nobody_approves_something_that_changed(night: Make) -> None:
    _, state = held(night)
    with pytest.raises(StaleApproval, match="look again"):
        meaning(command("approve", trial=1, suggestion_hash="0" * 64), state)
    assert meaning(command("approve", trial=1, suggestion_hash=hash_of(state)), state)


def test_the_second_of_two_operators_is_told_that_it_is_decided(night: Make) -> None:
    made, state = held(night)
    bound = hash_of(state)
    made.order("approve", trial=1, suggestion_hash=bound)
    made.order("veto", trial=1, suggestion_hash=bound)
    state = made.drive(waits=True)
    assert state.trial(1).status is TrialStatus.SCORED
    notes = [event.data.text for event in made.ledger.read("night") if isinstance(event.data, ev.NoteLeft)]
    assert len(notes) == 1
    assert "veto was not carried out" in notes[0]
    assert "decided already" in notes[0]


def test_narrowed_limits_bind_the_next_suggestion_and_are_on_record(night: Make) -> None:
    made = night()
    made.order("amend", content={"change": {"type": "set-limits", "parameter": "x", "lower": 2.0, "upper": 3.0}}, role=Role.OPERATOR)
    state = made.drive()
    assert all(2.0 <= float(trial.point["x"]) <= 3.0 for trial in state.trials)
    amended = next(event for event in made.ledger.read("night") if event.type == "campaign-amended")
    assert amended.actor == "human:anna"
    assert isinstance(amended.data, ev.CampaignAmended)
    assert amended.data.change == "limits of x narrowed from [0, 10] to [2, 3] mm"


def test_widening_takes_an_admin_even_if_it_was_a_narrowing_when_it_was_sent(night: Make) -> None:
    state = held(night)[1]
    wider = {"change": {"type": "set-limits", "parameter": "x", "lower": 0.0, "upper": 12.0}}
    with pytest.raises(NotAllowed, match="admin"):
        meaning(command("amend", content=wider, role=Role.OPERATOR), state)
    assert meaning(command("amend", content=wider, role=Role.ADMIN), state)


def test_a_smaller_budget_ends_the_campaign_sooner(night: Make) -> None:
    made = night()
    made.order("amend", content={"change": {"type": "set-budget", "budget": {"trials": 2}}}, note="beam is needed elsewhere")
    state = made.drive()
    assert state.n_counted == 2
    assert state.status is Status.COMPLETED


def test_a_new_wall_time_counts_from_the_start(night: Make) -> None:
    state = held(night)[1]
    (amended,) = meaning(command("amend", content={"change": {"type": "set-budget", "budget": {"wall_time": 60.0}}}), state)
    assert isinstance(amended, ev.CampaignAmended)
    assert state.started_at is not None
    assert amended.ends_at is not None
    assert (amended.ends_at - state.started_at).total_seconds() == 60.0


def test_a_change_that_is_none_names_what_is_wrong(night: Make) -> None:
    state = held(night)[1]
    with pytest.raises(BadInput, match="explode"):
        meaning(command("amend", content={"change": {"type": "explode"}}), state)
    with pytest.raises(BadInput, match="no parameter 'y'"):
        meaning(command("amend", content={"change": {"type": "release-parameter", "parameter": "y"}}), state)


def test_a_note_is_left_with_who_wrote_it(night: Make) -> None:
    made = night()
    made.order("note", content={"text": "top-up at 22:40"})
    made.drive()
    note = next(event for event in made.ledger.read("night") if event.type == "note-left")
    assert (note.actor, note.data.text) == ("human:anna", "top-up at 22:40")  # type: ignore[union-attr]


def test_whoever_started_the_campaign_is_named(night: Make) -> None:
    made = night()
    made.order("start")
    made.drive()
    started = next(event for event in made.ledger.read("night") if event.type == "campaign-started")
    assert started.actor == "human:anna"
    assert not made.ledger.commands("night")


def test_a_resume_that_started_this_runner_is_named_with_its_note(night: Make) -> None:
    made = night()
    made.order("pause")
    made.drive()
    made.order("resume", note="back from dinner")
    made.drive()
    resumed = [event for event in made.ledger.read("night") if event.type == "campaign-resumed"][-1]
    assert (resumed.actor, resumed.data.reason) == ("human:anna", "back from dinner")  # type: ignore[union-attr]
    assert not made.ledger.commands("night")


def test_a_runner_that_left_because_a_person_was_needed_did_not_vanish(night: Make) -> None:
    made = night(approval={"first": 1})
    assert made.drive().is_waiting_for_approval
    made.drive()
    [resumed] = [event.data for event in made.ledger.read("night") if isinstance(event.data, ev.CampaignResumed)]
    assert resumed.reason == "the runner before ended while it waited for an approval"


@pytest.mark.parametrize("verb", ["approve", "veto", "edit", "note"])
def test_what_people_decide_after_a_runner_left_does_not_make_its_end_a_crash(night: Make, verb: str) -> None:
    made = night(approval={"first": 1})
    made.drive()
    made.decide(verb, content={"point": {"x": 1.0}, "text": "looked at it"})
    made.drive()
    [resumed] = [event.data for event in made.ledger.read("night") if isinstance(event.data, ev.CampaignResumed)]
    assert resumed.reason == "the runner before ended while it waited for an approval"


def test_a_campaign_that_was_stopped_while_nobody_ran_it_is_resumed_after_that(night: Make) -> None:
    made = night(approval={"first": 1})
    made.drive()
    made.decide("stop")
    made.drive()
    [resumed] = [event.data for event in made.ledger.read("night") if isinstance(event.data, ev.CampaignResumed)]
    assert resumed.reason == "resumed after stopped"


def test_orders_that_come_too_late_leave_a_word_and_an_empty_inbox(night: Make) -> None:
    made = night()
    made.drive()
    made.order("suggest", content={"point": {"x": 1.0}})
    made.drive()
    assert not made.ledger.commands("night")
    assert made.types()[-1] == "note-left"


@pytest.mark.parametrize("verb", ["pause", "resume", "stop", "start", "approve", "amend", "suggest"])
def test_a_finished_campaign_takes_no_orders(night: Make, verb: str) -> None:
    state = night().drive()
    with pytest.raises(WrongState, match="completed"):
        meaning(command(verb, content={"point": {"x": 1.0}}), state)


def test_a_started_campaign_is_not_started_twice(night: Make) -> None:
    state = held(night)[1]
    with pytest.raises(WrongState, match="started already"):
        meaning(command("start"), state)
