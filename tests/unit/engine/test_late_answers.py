"""Analysis that answers after the instrument has gone on: late, out of order, twice, wrongly, or never."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from orchestrator.domain import events as ev
from orchestrator.domain.campaign import CampaignState, Status, TrialStatus
from orchestrator.domain.errors import BadInput, UnknownTrial, WrongState
from orchestrator.domain.events import Draft
from orchestrator.domain.folding import fold
from orchestrator.domain.history import history_of
from orchestrator.domain.ports import Command
from orchestrator.domain.records import Later, Objective, ObjectiveScore, Score
from orchestrator.domain.spec import CampaignSpec
from orchestrator.engine import actions as act
from orchestrator.engine.answers import is_early
from orchestrator.engine.meanings import meaning
from orchestrator.engine.next_action import next_action
from orchestrator.engine.scoring import Judge
from orchestrator.store.memory import MemoryArtefacts
from orchestrator.testing.fakes import EVENING, STAGE, STAGE_SPACE
from rewards.external import ExternalReward
from rewards.scalar import ScalarReward
from tests.unit.engine.conftest import Night
from tests.unit.engine.test_next_action import measured, reviewed, suggested

LATER = Later(timeout=600.0, max_pending=2)
PURITY = Objective(name="purity", goal="maximise", later=LATER)
STRAIN = Objective(name="strain", goal="minimise", later=LATER)
COUNTS = Objective(name="counts", goal="maximise")


def state(*events: object, objectives: tuple[Objective, ...] = (PURITY,), budget: int = 9) -> CampaignState:
    spec = CampaignSpec.model_validate({"name": "n", "instrument": "fake", "reward": {"type": "external"}, "budget": {"trials": budget}})
    first = (ev.CampaignCreated(spec=spec, instrument=STAGE), ev.CampaignStarted())
    return fold([Draft(at=EVENING, actor="test", data=data) for data in (*first, *events)], objectives)


def started(trial: int = 1) -> tuple[object, ...]:
    return suggested(trial), reviewed(trial), ev.TrialStarted(trial=trial, attempt=1)


def awaiting(*trials: int, **known: float) -> tuple[object, ...]:
    told = {name: ObjectiveScore(value=value) for name, value in known.items()}
    return tuple(event for trial in trials for event in (*started(trial), measured(trial), ev.TrialAwaiting(trial=trial, known=told)))


def scored(trial: int = 1, **values: float) -> ev.TrialScored:
    return ev.TrialScored(trial=trial, score=Score(objectives={name: ObjectiveScore(value=value) for name, value in values.items()}))


def answer(trial: int | None = 1, /, note: str = "", **content: Any) -> Command:
    """Return the order that an answer arrives as; further names are objectives with their values."""
    known = ("failed", "run_uid", "is_correction", "scores")
    scores = {name: {"value": value} for name, value in content.items() if name not in known}
    whole = {name: value for name, value in content.items() if name in known} | ({"scores": scores} if scores else {})
    return Command(0, "night", EVENING, "human:cluster", "score", trial, note, content=whole)


# --- what an answer means


def test_an_answer_scores_its_trial_whichever_comes_first():
    after = state(*awaiting(1, 2))
    assert meaning(answer(2, purity=0.8), after) == (scored(2, purity=0.8),)
    assert meaning(answer(1, scores={"": {"value": 0.7, "sd": 0.1}}), after) == (
        ev.TrialScored(trial=1, score=Score(objectives={"purity": ObjectiveScore(value=0.7, sd=0.1)})),
    )


def test_a_trial_with_several_objectives_is_scored_once_all_are_told():
    both = (COUNTS, PURITY, STRAIN)
    one = state(*awaiting(1, counts=5.0), objectives=both)
    (first,) = meaning(answer(strain=0.1), one)
    assert isinstance(first, ev.TrialAwaiting)
    assert set(first.known) == {"counts", "strain"}
    two = state(*awaiting(1, counts=5.0), first, objectives=both)
    assert two.awaiting == {1}
    assert meaning(answer(purity=0.9), two) == (scored(1, counts=5.0, purity=0.9, strain=0.1),)


def test_a_correction_replaces_the_score_says_why_and_may_change_which_is_best():
    before = state(*awaiting(1, 2), scored(1, purity=0.9), scored(2, purity=0.5))
    events = meaning(answer(1, purity=0.2, is_correction=True, note="background was left in"), before)
    (again,) = events
    assert isinstance(again, ev.TrialScored)
    assert again.reason == "purity = 0.9 was corrected: background was left in"
    after = state(*awaiting(1, 2), scored(1, purity=0.9), scored(2, purity=0.5), again)
    assert (before.best, after.best, after.n_scored) == (1, 2, 2)


def test_the_same_answer_twice_changes_nothing():
    assert meaning(answer(purity=0.9), state(*awaiting(1), scored(1, purity=0.9))) == ()
    assert meaning(answer(failed="again"), state(*awaiting(1), ev.TrialFailed(trial=1, reason="its analysis failed: no peak"))) == ()


def test_a_failed_analysis_leaves_its_trial_without_a_score():
    assert meaning(answer(failed="no peak"), state(*awaiting(1))) == (ev.TrialFailed(trial=1, reason="its analysis failed: no peak"),)


def test_an_answer_after_the_timeout_is_still_taken():
    given_up = state(*awaiting(1), ev.TrialFailed(trial=1, reason="did not answer"))
    assert given_up.awaiting == set()
    assert meaning(answer(purity=0.9), given_up) == (scored(1, purity=0.9),)
    after = state(*awaiting(1), ev.TrialFailed(trial=1, reason="did not answer"), scored(1, purity=0.9))
    assert (after.trial(1).status, after.trial(1).note, after.best) == (TrialStatus.SCORED, "", 1)


@pytest.mark.parametrize(
    ("command", "events", "error", "words"),
    [
        (answer(7, purity=1.0), awaiting(1), UnknownTrial, "no trial 7; it has 1"),
        (answer(None, purity=1.0), awaiting(1), UnknownTrial, "no trial None"),
        (answer(purity=float("nan")), awaiting(1), BadInput, "finite.*say that it failed"),
        (answer(purity=float("inf")), awaiting(1), BadInput, "finite"),
        (answer(purity="much"), awaiting(1), BadInput, "scores.purity.value = 'much'"),
        (answer(scores={"purity": {"value": 1.0, "sd": -1.0}}), awaiting(1), BadInput, "sd = -1.0"),
        (answer(), awaiting(1), BadInput, "gives scores, or says why"),
        (answer(purity=1.0, failed="both"), awaiting(1), BadInput, "one of the two"),
        (answer(strain=1.0), awaiting(1), BadInput, "'strain' is nothing that an analysis tells here; awaited are purity"),
        (answer(purity=0.8), (*awaiting(1), scored(1, purity=0.9)), WrongState, "purity = 0.9 already, and purity = 0.8 differs"),
        (answer(failed="no peak"), (*awaiting(1), scored(1, purity=0.9)), WrongState, "is scored"),
        (answer(purity=1.0), (suggested(1),), WrongState, "suggested: there is nothing to score"),
        (answer(purity=1.0), (suggested(1), ev.TrialVetoed(trial=1, note="too far")), WrongState, "vetoed .too far"),
        (answer(purity=1.0), (*awaiting(1), ev.CampaignAborted(reason="enough")), WrongState, "trial 1, purity = 1 is too late"),
    ],
)
def test_what_is_no_answer_is_refused_and_says_what_it_is(command: Command, events: tuple[object, ...], error: type, words: str):
    with pytest.raises(error, match=words):
        meaning(command, state(*events))


def test_an_answer_about_a_run_that_does_not_count_is_refused():
    told = measured()
    counts = told.model_copy(update={"observation": told.observation.model_copy(update={"run_uid": "run-2"})})
    after = state(*started(), counts, ev.TrialAwaiting(trial=1))
    assert meaning(answer(purity=1.0, run_uid="run-2"), after)
    with pytest.raises(WrongState, match="run run-1 is not the one that counts for trial 1: run-2"):
        meaning(answer(purity=1.0, run_uid="run-1"), after)


def test_where_every_reward_judges_at_once_no_answer_is_taken():
    judged = state(*started(), measured(), scored(1, counts=1.0), objectives=(COUNTS,))
    with pytest.raises(WrongState, match="only a reward of type external"):
        meaning(answer(counts=2.0, is_correction=True), judged)


def test_which_objective_is_meant_must_be_said_where_two_are_awaited():
    with pytest.raises(BadInput, match=r"awaits purity, strain; say which one"):
        meaning(answer(scores={"": {"value": 1.0}}), state(*awaiting(1), objectives=(PURITY, STRAIN)))


@pytest.mark.parametrize(("events", "early"), [(started(), True), ((*started(), measured()), True), (awaiting(1), False), ((), False)])
def test_an_answer_may_come_before_its_trial_is_recorded_as_measured(events: tuple[object, ...], early: bool):
    assert is_early(answer(purity=1.0), state(*events)) is early


# --- what the engine does meanwhile


def test_the_instrument_waits_only_when_as_many_trials_await_as_may():
    assert next_action(state(*awaiting(1)), EVENING) == act.Ask("agent")
    assert next_action(state(*awaiting(1, 2)), EVENING) == act.AwaitAnswers()
    assert next_action(state(*awaiting(1, 2), scored(1, purity=1.0)), EVENING) == act.Ask("agent")


def test_silence_fails_the_trial_or_holds_for_a_person():
    late = EVENING + timedelta(seconds=600)
    assert next_action(state(*awaiting(1)), late - timedelta(seconds=1)) == act.Ask("agent")
    assert next_action(state(*awaiting(1)), late) == act.GiveUp(
        1, "the analysis of trial 1 did not answer within 600 s; an answer is still taken while the campaign lives"
    )
    holding = PURITY.model_copy(update={"later": LATER.model_copy(update={"on_timeout": "hold"})})
    action = next_action(state(*awaiting(1), objectives=(holding,)), late)
    assert isinstance(action, act.Hold)
    for_ever = PURITY.model_copy(update={"later": LATER.model_copy(update={"timeout": None})})
    assert next_action(state(*awaiting(1), objectives=(for_ever,)), late + timedelta(days=9)) == act.Ask("agent")


def test_time_in_which_nobody_ran_the_campaign_is_not_the_analysis_s():
    stopped = state(*awaiting(1), ev.CampaignStopped(), ev.CampaignResumed())
    resumed = replace(stopped, going_since=EVENING + timedelta(hours=8))
    assert next_action(resumed, EVENING + timedelta(hours=8, seconds=599)) == act.Ask("agent")
    assert isinstance(next_action(resumed, EVENING + timedelta(hours=8, seconds=600)), act.GiveUp)


def test_an_answer_leaves_the_trial_that_is_being_measured_alone():
    both = (COUNTS, PURITY, STRAIN)
    partial = ev.TrialAwaiting(trial=1, known={"strain": ObjectiveScore(value=0.1)})
    assert state(*awaiting(1), *started(2), partial, objectives=both).open_trial == 2
    assert state(*awaiting(1), *started(2), scored(1, purity=1.0)).open_trial == 2


def test_agents_are_shown_what_is_awaited_as_pending():
    history = history_of(state(*awaiting(1, 2), scored(2, purity=1.0), suggested(3)), STAGE_SPACE)
    assert [trial.number for trial in history.pending()] == [1, 3]
    assert [trial.number for trial in history.scored()] == [2]


# --- whole nights


def external(night: Callable[..., Night], *, n_trials: int = 12, **settings: Any) -> Night:
    """Return a night whose only reward is told by an analysis elsewhere."""
    made = night(reward={"type": "external", "name": "purity", **settings}, budget={"trials": n_trials})
    made.judge = Judge({"purity": ExternalReward(ExternalReward.Settings(**settings))}, MemoryArtefacts())
    return made


class Analysis:
    """Answers every trial some seconds after it was recorded as measured; odd trials are quicker than even ones."""

    def __init__(self, made: Night, seconds: float) -> None:
        self._made, self._seconds, self._sent = made, seconds, set[int]()
        self.most = 0
        self.order: list[int] = []

    def look(self) -> None:
        recorded = fold(self._made.ledger.read("night"), self._made.judge.objectives())
        self.most = max(self.most, len(recorded.awaiting))
        for number in sorted(recorded.awaiting - self._sent):
            trial = recorded.trial(number)
            assert trial.observation is not None
            if (self._made.clock.now() - trial.observation.finished_at).total_seconds() >= self._seconds * (0.5 if number % 2 else 1.0):
                self._sent.add(number)
                self.order.append(number)
                self._made.order("score", trial=number, content={"scores": {"": {"value": -abs(trial.point["x"] - 3.0)}}})


def test_a_night_with_slow_analysis_never_waits_while_there_is_room(night: Callable[..., Night]):
    """Exposures of 30 s and analysis of 5 min, thirty times as fast: the beam is never idle."""
    made = external(night, n_trials=24, max_pending=12)
    analysis = Analysis(made, seconds=10.0)
    made.clock.on_wait = analysis.look
    final = made.drive()
    assert (final.status, final.n_scored, final.awaiting) == (Status.COMPLETED, 24, frozenset())
    assert analysis.order != sorted(analysis.order), "they came out of order"
    assert made.live.news[0].startswith(f"trial {analysis.order[0]} scored: purity = -")
    assert 4 < analysis.most < 12
    gaps = [trial.observation.dead_s for trial in final.trials if trial.observation and trial.observation.dead_s is not None]
    assert max(gaps) == 0.0
    begun = [trial.observation.started_at for trial in final.trials if trial.observation]
    assert begun[-1] - begun[0] == timedelta(seconds=23), "each follows at once on the one before"


def test_a_full_analysis_is_waited_for_and_that_is_no_dead_time(night: Callable[..., Night]):
    made = external(night, n_trials=4, max_pending=1)
    made.clock.on_wait = Analysis(made, seconds=60.0).look
    final = made.drive()
    assert final.n_scored == 4
    assert "waiting for analysis" in made.live.phases
    seen = [trial.observation for trial in final.trials if trial.observation]
    waits = [(other.started_at - one.finished_at).total_seconds() for one, other in pairwise(seen)]
    assert min(waits) > 25.0
    assert max(each.dead_s or 0.0 for each in seen) < 0.5


def test_answers_that_wait_when_the_runner_dies_are_all_taken_by_the_next(night: Callable[..., Night]):
    made = external(night, n_trials=5, timeout=3600)
    made.clock.on_wait = lambda: made.order("stop") if len(made.executor.motions) == 4 else None
    stopped = made.drive()
    assert (stopped.status, stopped.awaiting) == (Status.STOPPED, frozenset({1, 2, 3}))
    assert stopped.trial(4).status is TrialStatus.MEASURED, "and its answer is early"
    for number in (3, 1, 4, 2):
        made.order("score", trial=number, content={"scores": {"purity": {"value": number / 10}}})
    analysis = Analysis(made, seconds=1.0)
    made.clock.on_wait = analysis.look
    final = made.drive()
    assert [trial.score.objectives["purity"].value for trial in final.trials[:4] if trial.score] == [0.1, 0.2, 0.3, 0.4]
    assert made.ledger.commands("night") == ()
    actors = {event.actor for event in made.ledger.read("night") if event.type == "trial-scored"}
    assert actors == {"human:anna"}


def test_an_answer_that_comes_while_the_next_trial_is_measured_is_taken_at_once(night: Callable[..., Night]):
    made = external(night, n_trials=2)
    seen: list[int] = []

    def settle(request: Any, *, interrupted: Callable[[], bool], meanwhile: Callable[[], None], **_: Any) -> Any:
        meanwhile()
        if request.trial == 2:
            made.order("score", trial=1, content={"scores": {"purity": {"value": 0.5}}})
            made.order("score", trial=2, content={"scores": {"purity": {"value": 0.6}}})
            assert not interrupted()
            seen.extend(event.data.trial for event in made.ledger.read("night") if isinstance(event.data, ev.TrialScored))
            assert [command.trial for command in made.ledger.commands("night")] == [2], "it is not measured yet, and waits"
        return measure(request, interrupted=interrupted, meanwhile=lambda: None)

    measure, made.executor.settle = made.executor.settle, settle  # type: ignore[method-assign]
    final = made.drive()
    assert seen == [1]
    assert (final.n_scored, final.best) == (2, 2)


def test_what_is_refused_and_what_comes_too_late_is_on_record(night: Callable[..., Night]):
    made = external(night, n_trials=1, timeout=1)
    made.clock.on_wait = lambda: made.order("score", trial=9, content={"failed": "?"}) if not made.ledger.commands("night") else None
    final = made.drive()
    assert (final.status, final.trial(1).status) == (Status.COMPLETED, TrialStatus.FAILED)
    notes = [event.data.text for event in made.ledger.read("night") if isinstance(event.data, ev.NoteLeft)]
    assert "score of trial 9 was not carried out: campaign night has no trial 9; it has 1" in notes


def test_a_reward_that_says_nothing_of_answering_later_must_answer_at_once(night: Callable[..., Night]):
    class Silent(ScalarReward):
        def score(self, *_: Any) -> None:
            return None

    made = night(budget={"trials": 1})
    made.judge = Judge({"counts": Silent(ScalarReward.Settings(signal="counts"))}, MemoryArtefacts())
    final = made.drive()
    assert "does not say that it answers later" in final.trial(1).note
