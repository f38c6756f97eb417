"""What an agent remembers changes nothing: over random campaigns a long-lived one suggests what a fresh one would."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from agents.bayesian import BayesianAgent
from agents.random import RandomAgent
from orchestrator.domain.campaign import Trial, TrialStatus
from orchestrator.domain.errors import AgentError
from orchestrator.domain.history import History
from orchestrator.domain.records import Evidence, Suggestion, TrialKind
from orchestrator.domain.space import Categorical, Continuous, Integer, Ordinal, Parameter, Space
from orchestrator.testing.agent_contract import without_seconds
from orchestrator.testing.histories import empty_history, extended

N_CAMPAIGNS, N_HISTORIES = 20, 10
"""Of each campaign, this many histories are asked about: 200 in all, of which a few campaigns' in every run of the suite."""
_N_ALWAYS = 5
_PARAMETERS: Sequence[Parameter] = (
    Continuous(limits=(-2.0, 5.0)),
    Continuous(limits=(1e-3, 1e3)),
    Integer(type="integer", limits=(1, 9)),
    Ordinal(values=(1, 2, 5, 10)),
    Categorical(values=("Cu", "Mo", "W")),
)
_ENDS = (TrialStatus.VETOED, TrialStatus.FAILED, TrialStatus.AWAITING)


@pytest.mark.parametrize("seed", [pytest.param(seed, marks=[pytest.mark.slow] if seed >= _N_ALWAYS else []) for seed in range(N_CAMPAIGNS)])
def test_a_fresh_bayesian_agent_suggests_what_a_long_lived_one_does_whenever_it_thought_ahead(seed: int) -> None:
    rng = np.random.default_rng([seed, 4])
    history = _begun(rng, seed)
    lived = _agent()
    for _ in range(N_HISTORIES):
        suggestion = _asked(lived, history)
        assert _asked(_agent(), _read_back(history)) == suggestion
        history = _begun(rng, seed) if isinstance(suggestion, str) else _gone_on(lived, history, suggestion, rng)


def _asked(agent: BayesianAgent, history: History) -> Suggestion | str:
    """Return the suggestion, or why there is none: every value of a small space may have been vetoed."""
    try:
        return without_seconds(agent.ask(history))
    except AgentError as error:
        return str(error)


def _agent() -> BayesianAgent:
    return BayesianAgent(BayesianAgent.Settings(n_initial=3))


def _begun(rng: np.random.Generator, seed: int) -> History:
    """Return a campaign of two to six scored trials in one or two parameters, of any kind."""
    chosen = rng.permutation(len(_PARAMETERS))[: rng.integers(1, 3)]
    space = Space(parameters={f"p{index}": _PARAMETERS[index] for index in chosen})
    history = empty_history(space, seed=seed)
    for _ in range(rng.integers(2, 7)):
        history = extended(history, _somewhere(history), _score(rng))
    return history


def _somewhere(history: History) -> Suggestion:
    return RandomAgent(RandomAgent.Settings()).ask(history)


def _score(rng: np.random.Generator) -> float:
    """Return a score; one in eight lies far off."""
    return float(rng.normal(0.0, 100.0 if rng.random() < 0.125 else 1.0))


def _gone_on(agent: BayesianAgent, history: History, suggestion: Suggestion, rng: np.random.Generator) -> History:
    """Return the history some events later; now and then the agent is told to think ahead, of what it will be asked or not."""
    if rng.random() < 0.2:
        history = extended(history, _somewhere(history), _score(rng), kind=TrialKind.HUMAN)
    if rng.random() < 0.5:
        agent.prepare(extended(history, suggestion))
    outcome = _score(rng) if rng.random() < 0.8 else _ENDS[rng.integers(len(_ENDS))]
    history = extended(history, suggestion, outcome, sd=0.3 if rng.random() < 0.3 else None)
    if rng.random() < 0.1:
        agent.prepare(history)
    if rng.random() < 0.3:
        history = _answered(history, rng)
    return history


def _answered(history: History, rng: np.random.Generator) -> History:
    """Return the history once an analysis that was awaited has answered, or one has been corrected."""
    trials = list(history.trials)
    index = int(rng.integers(len(trials)))
    if trials[index].status in (TrialStatus.AWAITING, TrialStatus.SCORED):
        donor = extended(empty_history(history.space), Suggestion(point=trials[index].point), _score(rng)).trials[0]
        trials[index] = replace(trials[index], status=TrialStatus.SCORED, score=donor.score)
    return replace(history, trials=tuple(trials))


def _read_back(history: History) -> History:
    """Return the history as another process reads it from the ledger."""
    return replace(history, trials=tuple(map(_trial_read_back, history.trials)))


def _trial_read_back(trial: Trial) -> Trial:
    return replace(trial, evidence=Evidence.model_validate_json(trial.evidence.model_dump_json()))
