"""What every agent must do: checks that a plug-in's author runs on an agent of their own.

@pytest.mark.parametrize("case", CASES, ids=str)
def test_my_agent_keeps_the_contract(case):
    check_agent(lambda space: MyAgent(MyAgent.Settings()), case)
"""

import copy
import json
from collections.abc import Callable

from orchestrator.domain.base import Point
from orchestrator.domain.campaign import TrialStatus
from orchestrator.domain.errors import AgentError
from orchestrator.domain.history import History
from orchestrator.domain.protocols import Agent
from orchestrator.domain.records import Evidence, Suggestion
from orchestrator.domain.space import Categorical, Continuous, Integer, Ordinal, Space, same_point
from orchestrator.testing.agent_cases import CASES, SPACES, Case, example_points
from orchestrator.testing.histories import empty_history, extended, history_with
from orchestrator.testing.light_import import check_imports_are_light

__all__ = ["CASES", "SPACES", "Case", "check_agent", "check_light_import", "check_memory", "example_points", "without_seconds"]

MakeAgent = Callable[[Space], Agent]
"""Builds a fresh agent for a space."""


def check_agent(make_agent: MakeAgent, case: Case, *, asks_twice: bool = True) -> None:
    """Check one agent on one history.

    Args:
        make_agent: Builds a fresh agent for the case's space.
        case: What happened so far.
        asks_twice: Whether another fresh agent must suggest the same, which takes as long again.

    Raises:
        AssertionError: Says which promise was broken.
    """
    space, before = case.history.space, copy.deepcopy(case.history)
    try:
        suggestion = make_agent(space).ask(case.history)
    except AgentError:
        assert case.is_exhausted, f"{case}: the agent gave up although points are left"
        return
    assert case.history == before, f"{case}: the agent changed the history"
    assert not space.problems(suggestion.point), f"{case}: {space.problems(suggestion.point)[0]}"
    _check_types(space, suggestion.point, case)
    _check_not_refused(case, suggestion.point)
    _check_evidence(case, suggestion.evidence)
    if asks_twice:
        again = make_agent(space).ask(case.history)
        assert without_seconds(again) == without_seconds(suggestion), f"{case}: two fresh agents disagree"


def check_memory(make_agent: MakeAgent, name: str, *, n: int = 4) -> None:
    """Check that an agent which lived through a whole campaign suggests what a fresh one would, also after ``prepare``."""
    space = SPACES[name]
    history = history_with(space, [(point, float(index % 5)) for index, point in enumerate(example_points(space, 9))])
    lived = make_agent(space)
    for step in range(n):
        try:
            suggestion = lived.ask(history)
        except AgentError:
            return
        lived.prepare(extended(history, suggestion))
        fresh = make_agent(space).ask(_through_json(history))
        assert without_seconds(fresh) == without_seconds(suggestion), f"{name}, step {step}: a fresh agent disagrees with a long-lived one"
        history = extended(history, suggestion, float(step % 3))


def check_light_import(module: str) -> None:
    """Check that importing a plug-in's module leaves the heavy libraries alone."""
    check_imports_are_light([module])


def without_seconds(suggestion: Suggestion) -> Suggestion:
    """Return a suggestion as replay compares it: what it took is left out."""
    return suggestion.model_copy(update={"evidence": suggestion.evidence.model_copy(update={"seconds": {}})})


def _check_types(space: Space, point: Point, case: Case) -> None:
    for name, parameter in space.parameters.items():
        match parameter:
            case Continuous():
                allowed: tuple[type, ...] = (float,)
            case Integer():
                allowed = (int,)
            case Ordinal():
                allowed = tuple({type(value) for value in parameter.values})
            case Categorical():
                allowed = (str,)
        assert type(point[name]) in allowed, f"{case}: {name} = {point[name]!r} is a {type(point[name]).__name__}, not one of {allowed}"


def _check_not_refused(case: Case, point: Point) -> None:
    for trial in case.history.trials:
        is_refused = trial.status in (TrialStatus.VETOED, TrialStatus.FAILED)
        assert not (is_refused and same_point(trial.point, point)), f"{case}: {dict(point)} was vetoed or failed before"
        is_repeated_member = case.history.space.candidates is not None and same_point(trial.point, point)
        assert not is_repeated_member, f"{case}: the member {dict(point)} was suggested before"


def _check_evidence(case: Case, evidence: Evidence) -> None:
    assert evidence.reason, f"{case}: the suggestion gives no reason"
    assert json.loads(json.dumps(evidence.model, allow_nan=False)) == evidence.model, f"{case}: evidence.model is not plain JSON"
    assert Evidence.model_validate_json(evidence.model_dump_json()) == evidence, f"{case}: the evidence changes when stored and read back"
    for runner_up in evidence.runners_up:
        assert case.history.space.contains(runner_up.point), f"{case}: runner-up {dict(runner_up.point)} lies outside the space"


def _through_json(history: History) -> History:
    """Return the history as it comes back from a ledger."""
    fresh = empty_history(history.space, history.objectives, seed=history.seed, stream=history.stream)
    for trial in history.trials:
        stored = Suggestion.model_validate_json(Suggestion(point=trial.point, evidence=trial.evidence).model_dump_json())
        value = None if trial.score is None else {name: score.value for name, score in trial.score.objectives.items()}
        fresh = extended(fresh, stored, trial.status if trial.status is TrialStatus.DONE else value, kind=trial.kind)
    return fresh
