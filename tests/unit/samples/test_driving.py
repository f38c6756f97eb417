"""Nights over samples, whole: what is run, what becomes of samples that go wrong, and what people can do about it."""

from collections.abc import Callable

import pytest

from orchestrator.domain import events as ev
from orchestrator.domain.campaign import Status
from orchestrator.domain.samples import Sample, WholeBudget
from tests.unit.samples.conftest import WHOLE, Killed, SamplesNight
from tests.unit.samples.words import spec

Make = Callable[..., SamplesNight]
TWELVE = tuple(Sample(id=f"S{number}", position=number) for number in range(1, 13))


def test_of_twelve_samples_one_missing_and_one_failing_alignment_ten_are_measured_and_the_report_says_why(night: Make):
    whole = night(spec(samples=TWELVE), empty=(4,), broken=(9,))
    state = whole.drive()
    assert state.status is Status.COMPLETED
    assert sum(outcome == "succeeded" for name, outcome in whole.outcomes.items() if name.endswith("measure")) == 10
    assert state.reason.startswith(
        "10 of 12 samples went through every stage; S4: load failed: no sample at position 4 of the holder; "
        "S9: align failed: the best has fluorescence = 5."
    )
    assert state.reason.endswith(", and succeeds_when asks for fluorescence ≥ 100")
    assert state.n_counted == 12 + 11 * 3 + 10 * 2


def test_each_part_is_a_campaign_whose_space_is_where_the_one_before_was_best(night: Make):
    whole = night(spec())
    whole.drive()
    found, part = whole.state.parts.at("A2", "align"), whole.part("A2", "measure")
    assert found is not None
    assert found.best_point is not None
    assert part.spec.fixed == {"y": found.best_point["y"]}
    first = whole.ledger.read(f"{WHOLE}~A2~measure", limit=1)[0].data
    assert isinstance(first, ev.CampaignCreated)
    assert first.part_of is not None
    assert (first.part_of.campaign, first.part_of.sample, first.part_of.stage) == (WHOLE, "A2", "measure")
    assert found.head == whole.ledger.read(f"{WHOLE}~A2~align")[-1].hash, "the whole's stream vouches for the part's"


@pytest.mark.parametrize("n_writes", range(1, 60, 3))
def test_wherever_the_runner_is_killed_the_same_part_goes_on_and_nothing_is_measured_twice(night: Make, n_writes: int):
    whole = night(spec(samples=TWELVE[:2]), empty=(1,))
    whole.ledger.writes_left = n_writes
    try:
        whole.drive()
    except Killed:
        whole.ledger.writes_left = None
        whole.drive()
    assert whole.state.status is Status.COMPLETED
    assert whole.outcomes == {"S1 load": "failed", "S2 load": "succeeded", "S2 align": "succeeded", "S2 measure": "succeeded"}
    counts = [event.data.part for event in whole.ledger.read(WHOLE) if isinstance(event.data, ev.StageStarted)]
    assert len(counts) == len(set(counts)), "no part is begun twice"
    measured = {attempt for attempt in whole.n_measured if "~S2~" in attempt}
    assert max(whole.n_measured.values()) == 1
    trials = {attempt.rsplit("/", 1)[0] for attempt in measured}
    assert len(trials) == 6
    repeats = [event for part in ("load", "align", "measure") for event in whole.ledger.read(f"{WHOLE}~S2~{part}")]
    assert len(measured) - len(trials) <= sum(isinstance(event.data, ev.TrialRemeasured) for event in repeats), "every repeat is on record"


def test_a_failed_stage_may_hold_for_a_person_who_goes_on(night: Make):
    whole = night(spec(("    succeeds_when", "    on_failure: hold\n    succeeds_when")), broken=(2,))
    held = whole.drive()
    assert held.status is Status.HELD
    assert "A2: align failed: the best has fluorescence" in held.reason
    assert "resume to go on with A2 all the same, skip A2 to leave it, or stop" in held.reason
    whole.order("resume")
    assert whole.drive().status is Status.COMPLETED
    assert whole.outcomes["A2 measure"] == "succeeded"


def test_or_leaves_the_sample(night: Make):
    whole = night(spec(("    succeeds_when", "    on_failure: hold\n    succeeds_when")), broken=(2,))
    whole.drive()
    whole.order("skip", content={"sample": "A2"}, note="cracked")
    assert whole.drive().status is Status.COMPLETED
    assert "A2 measure" not in whole.outcomes
    assert whole.state.parts.skipped == {"A2": "cracked"}


def test_a_failed_stage_may_stop_the_night(night: Make):
    whole = night(spec(("    succeeds_when", "    on_failure: stop\n    succeeds_when")), broken=(2,))
    state = whole.drive()
    assert (state.status, "A3 load" in whole.outcomes) == (Status.STOPPED, False)


def test_a_plan_that_fails_holds_its_part_if_people_want_to_be_asked_and_is_tried_again_when_they_go_on(night: Make):
    whole = night(spec(("  load: {plan", "  load: {on_failure: hold, plan")), empty=(2,))
    assert whole.drive().status is Status.HELD
    assert whole.state.reason == "A2 load: no sample at position 2 of the holder"
    whole.executor.empty = ()
    whole.order("resume", note="put it in")
    assert whole.drive().status is Status.COMPLETED
    assert set(whole.outcomes.values()) == {"succeeded"}


def when(whole: SamplesNight, attempt: str, verb: str, **details: object) -> None:
    """Order something while an attempt is measured."""

    def ordering(request: object) -> None:
        if getattr(request, "attempt_id", "") == f"{WHOLE}~{attempt}":
            whole.order(verb, **details)

    whole.executor.on_settle = ordering


def test_stop_reaches_the_part_that_runs_and_resume_goes_on_with_it(night: Make):
    whole = night(spec())
    when(whole, "A2~align/2/1", "stop", note="beam studies")
    stopped = whole.drive()
    assert (stopped.status, stopped.reason) == (Status.STOPPED, "beam studies")
    assert whole.part("A2", "align").status is Status.STOPPED
    assert not whole.ledger.commands(WHOLE)
    whole.executor.on_settle = lambda _request: None
    assert whole.drive().status is Status.COMPLETED
    assert max(whole.n_measured.values()) == 1


def test_abort_ends_part_and_night_for_good(night: Make):
    whole = night(spec())
    when(whole, "A2~align/2/1", "abort", note="wrong holder")
    assert whole.drive().status is Status.ABORTED
    assert whole.part("A2", "align").status is Status.ABORTED
    assert whole.state.parts.running is None


def test_pause_and_resume_reach_the_part_and_the_night_says_so(night: Make):
    whole = night(spec())
    when(whole, "A1~align/1/1", "pause")
    whole.clock.on_wait = lambda: whole.order("resume") if whole.state.status is Status.PAUSED else None
    assert whole.drive(waits=True).status is Status.COMPLETED
    told = [(event.type, event.actor) for event in whole.ledger.read(WHOLE) if event.type in ("campaign-paused", "campaign-resumed")]
    assert told[0] == ("campaign-paused", "human:ana")
    assert ("campaign-resumed", "human:ana") in told


def test_skipping_the_sample_that_is_measured_ends_its_part_and_the_next_sample_begins(night: Make):
    whole = night(spec())
    when(whole, "A2~align/2/1", "skip", content={"sample": "A2"}, note="bubble")
    assert whole.drive().status is Status.COMPLETED
    assert whole.outcomes["A2 align"] == "failed"
    assert whole.state.parts.skipped["A2"] == "bubble"
    assert whole.outcomes["A3 measure"] == "succeeded"


@pytest.mark.parametrize(
    ("sample", "said"), [("A9", "has no sample 'A9'; it has A1, A2, A3"), ("A1", "A1 is through all its stages already")]
)
def test_a_sample_that_cannot_be_skipped_is_refused_on_record(night: Make, sample: str, said: str):
    whole = night(spec())
    when(whole, "A3~load/1/1", "skip", content={"sample": sample})
    whole.drive()
    notes = [event.data.text for event in whole.ledger.read(WHOLE) if isinstance(event.data, ev.NoteLeft)]
    assert any(said in note for note in notes)


def test_the_nights_budget_caps_its_parts_and_ends_it(night: Make):
    whole = night(spec(budget=WholeBudget(trials=8)))
    state = whole.drive()
    assert (state.status, state.n_counted) == (Status.COMPLETED, 8)
    assert state.reason.startswith("all 8 trials of the budget were measured. 1 of 3 samples went through every stage")
    assert whole.part("A2", "align").spec.budget.trials == 1


def test_an_origin_that_leaves_nothing_fails_its_part_before_anything_moves(night: Make):
    whole = night(spec(("x: {limits: [-0.5, 0.5]}", "x: {limits: [40, 50]}")))
    assert whole.drive().status is Status.COMPLETED
    assert "lie outside the axis's own [-5, 5] mm" in whole.state.parts.skipped["A1"]
    assert not any("measure" in attempt for attempt in whole.n_measured)


def test_a_person_who_stops_a_part_stops_the_night(night: Make):
    whole = night(spec())
    when(whole, "A2~align/2/1", "stop", campaign=f"{WHOLE}~A2~align")
    assert whole.drive().status is Status.STOPPED


def test_of_the_whole_only_its_budget_can_be_changed_and_the_way_out_names_the_part(night: Make):
    whole = night(spec())
    content = {"change": {"type": "set-limits", "parameter": "x", "lower": -1.0, "upper": 1.0}}
    when(whole, "A2~align/2/1", "amend", content=content)
    whole.drive()
    told = [event.data.text for event in whole.ledger.read(WHOLE) if isinstance(event.data, ev.NoteLeft)]
    assert any("only the budget can be changed; change night-1~A2~align" in text for text in told), told


def test_the_budget_of_the_whole_can_be_changed(night: Make):
    whole = night(spec())
    when(whole, "A2~align/2/1", "amend", content={"change": {"type": "set-budget", "budget": {"trials": 5}}})
    assert whole.drive().spec.budget.trials == 5
