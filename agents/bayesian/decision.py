"""One model-based decision for one objective: what was thought ahead, refined with the newest score."""

import time
from dataclasses import dataclass, replace

import numpy as np

from agents.alone import alone
from agents.bayesian.choice import best_again, best_found, best_listed
from agents.bayesian.explanation import explain
from agents.bayesian.fitting import Belief, believe_again
from agents.bayesian.improvement import NoisyImprovement, baseline_of
from agents.bayesian.observations import Observations, observe, observe_newest
from agents.bayesian.process import Process
from agents.bayesian.scaling import Scaling
from agents.bayesian.search import Ranked
from agents.bayesian.thought import Cost, Thought, before_newest_score, judge_of_list, think
from agents.bayesian.travel import Travel
from agents.bayesian.upper_bound import UpperBound
from agents.rows import with_proper_types
from orchestrator.domain.history import History
from orchestrator.domain.records import Evidence, Suggestion

_FEW = 64
"""With fewer readings one more may change the fit, and fitting again takes a few milliseconds."""
_SHOCK = 6.0
"""Sds of what was expected beyond which a reading changes so much that the model is fitted again."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is believed once the newest score is known."""

    observations: Observations
    belief: Belief


def decide(history: History, thought: Thought | None, cost: Cost) -> tuple[Suggestion, Thought]:
    """Return the point with the highest acquisition, and why; and the thought it rests on.

    Args:
        history: With the newest score.
        thought: What was worked out ahead, used if it suits the history; it makes no difference but in time.
        cost: What is to be spent sparingly.

    Raises:
        AgentError: If no point is left.
    """
    with alone():
        ahead = thought if thought is not None and thought.suits(history) else think(before_newest_score(history), cost)
        started = time.perf_counter()
        known = learn(ahead, history)
        ranked, name = _ranked(history, ahead, known)
        evidence = explain(
            ahead.encoding,
            known.observations,
            [known.belief],
            ranked,
            acquisition=name,
            model={"n_prepared": ahead.observations.n},
        )
        evidence = _with_time(evidence, ahead, ranked)
        seconds = {"prepare": ahead.seconds, "refine": time.perf_counter() - started}
    evidence = evidence.model_copy(update={"seconds": seconds})
    return Suggestion(point=with_proper_types(history.space, ranked.points[0]), evidence=evidence), ahead


def _with_time(evidence: Evidence, thought: Thought, ranked: Ranked) -> Evidence:
    """Return the evidence with the time the trial is expected to take, where that counted."""
    for way in thought.factor.factors:
        if isinstance(way, Travel):
            reason = f"{evidence.reason}; takes about {float(way.seconds(ranked.cube[:1])[0]):.2g} s with the way there"
            return evidence.model_copy(update={"reason": reason, "model": {**evidence.model, "travel": way.as_record(thought.encoding)}})
    return evidence


def prepared(history: History, cost: Cost) -> Thought:
    """Return what can be thought while the newest trial is still measured."""
    with alone():
        return think(history, cost)


def learn(thought: Thought, history: History) -> Known:
    """Return what is believed with the newest score, if the thought did not have it yet."""
    if thought.history is history or history.trials[-1].score is None:
        return Known(thought.observations, thought.belief)
    observations = observe_newest(thought.observations, history, thought.encoding)
    if observations is None or observations.n <= _FEW or _is_shocking(thought.belief.process, thought.belief.outcome.scaling, observations):
        observations = observe(history, thought.encoding)
        return Known(observations, believe_again(thought.encoding, observations, thought.belief))
    return Known(observations, _with_newest(thought.belief, observations))


def _with_newest(belief: Belief, observations: Observations) -> Belief:
    [outcome] = observations.outcomes
    outcome = replace(outcome, is_doubted=np.append(belief.outcome.is_doubted, False), scaling=belief.outcome.scaling)
    variance = belief.fit.hyperparameters.noise + outcome.variances[-1]
    process = belief.process.with_reading(observations.cube[-1], outcome.values[-1], variance, observations.times[-1]).with_best_mean()
    return Belief(outcome, replace(belief.fit, hyperparameters=process.hyperparameters), process)


def _is_shocking(process: Process, scaling: Scaling, observations: Observations) -> bool:
    mean, sd = process.predict(observations.cube[-1:])
    value = scaling.standardised(observations.outcomes[0].scores[-1:])[0]
    expected_sd = np.sqrt(sd[0] ** 2 + process.hyperparameters.noise)
    return bool(abs(value - mean[0]) > _SHOCK * expected_sd)


def _ranked(history: History, thought: Thought, known: Known) -> tuple[Ranked, str]:
    """Return the best points and the name of what ranked them."""
    rng = history.rng().spawn(1)[0]
    process, pending = known.belief.process, known.observations.pending
    if thought.listed is None:
        baseline = thought.baseline if process.remembers(thought.baseline) else baseline_of(process, pending)
        gain = NoisyImprovement(process, baseline, factor=thought.factor, rng=rng)
        return best_found(history, thought.encoding, gain, thought.rows, thought.cube, thought.taken, rng), gain.name
    judge = judge_of_list(history, known.observations, process, thought.factor, rng)
    ranked = best_listed(history, thought.encoding, judge, thought.rows, thought.listed)
    if ranked is not None:
        return ranked, judge.name
    bound = UpperBound(process, pending)
    return best_again(history, thought.encoding, bound, thought.listed), bound.name
