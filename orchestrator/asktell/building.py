"""What a loop is made of: a state as it was written or saved, its agent, and what that believes."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from orchestrator import plugins
from orchestrator.asktell.refusing import parsed, refused
from orchestrator.asktell.state import AskTellState
from orchestrator.domain.errors import AgentError
from orchestrator.domain.history import History
from orchestrator.domain.protocols import Agent, Beliefs
from orchestrator.domain.space import Space
from orchestrator.domain.spec import AgentPlugin


def state_of(written: Mapping[str, Any]) -> AskTellState:
    """Return the state that is meant. Raises BadInput that names every problem, its value and the way out."""
    try:
        return AskTellState.model_validate(written)
    except ValidationError as error:
        raise refused(error, written, AskTellState) from None


def saved_state(text: str | bytes) -> AskTellState:
    """Return what ``to_json`` wrote. Raises BadInput if the text is none of that."""
    said = parsed(text)
    try:
        return AskTellState.model_validate_json(text)
    except ValidationError as error:
        raise refused(error, said, AskTellState) from None


def space_of(state: AskTellState) -> Space:
    """Return the space that is searched. Raises BadInput if its parts do not go together."""
    try:
        return Space(parameters=state.space, constraints=state.constraints, candidates=state.candidates)
    except ValidationError as error:
        raise refused(error, {}, Space) from None


def built(agent: AgentPlugin) -> Agent:
    """Return the agent that is meant. Raises BadInput if a setting is wrong, UnknownPlugin if there is none of that name."""
    settings = plugins.load("agent", agent.type).Settings
    try:
        settings.model_validate(agent.settings)
    except ValidationError as error:
        raise refused(error, agent.settings, settings, ("agent",)) from None
    return plugins.build("agent", agent)


def beliefs_of(agent: Agent, state: AskTellState, history: History) -> Beliefs:
    """Return what the agent's model expects now. Raises AgentError if it has no model, or not yet."""
    posterior = getattr(agent, "posterior", None)
    if posterior is None:
        raise AgentError(f"the agent {state.agent.type} has no model; choose one that has, such as bayesian")
    if not any(trial.values for trial in state.trials):
        raise AgentError("no measurement was told yet, so there is nothing to predict from; tell one first")
    if not any(trial.values and state.objectives.keys() <= trial.values.keys() for trial in state.trials):
        raise AgentError(
            f"no measurement of all of {', '.join(state.objectives)} was told yet, and the model learns from those; tell one first"
        )
    history = _with_something_left(history)
    evidence = agent.ask(history).evidence
    if not evidence.predicted:
        raise AgentError(f"there is no model yet (the next point would be: {evidence.reason}); tell more measurements first")
    return posterior(history, evidence)


def _with_something_left(history: History) -> History:
    """Return the history, without its pool where all of that was asked for: a model is recorded with a next point only."""
    known = [trial.point for trial in history.trials]
    if history.space.candidates is None or any(candidate not in known for candidate in history.space.candidates):
        return history
    return replace(history, space=history.space.model_copy(update={"candidates": None}))
