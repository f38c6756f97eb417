"""One model-based decision for one objective: what was thought ahead, refined with the newest score."""

import time
from dataclasses import dataclass, replace

import numpy as np

from agents.alone import alone
from agents.bayesian.belief import Belief, counted
from agents.bayesian.choice import best_again, best_found, best_listed
from agents.bayesian.evenness import even_choice, shows_nothing, told
from agents.bayesian.explanation import explain
from agents.bayesian.exposed import Exposed
from agents.bayesian.exposure import Exposure, exposing, exposure_in
from agents.bayesian.exposure_in_words import with_exposures
from agents.bayesian.factors import Product
from agents.bayesian.fitting import believe_again
from agents.bayesian.improvement import baseline_of
from agents.bayesian.limited import Choice, kept_readings, safe_choice, safe_listed_choice, safe_region, with_limits
from agents.bayesian.observations import Observations, observe, observe_newest
from agents.bayesian.outlook import Outlook, outlooks_with_newest
from agents.bayesian.search import Ranked
from agents.bayesian.success import Success, with_newest_outcome
from agents.bayesian.thought import Cost, Thought, before_newest_score, judge_of, judge_of_list, think
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
    looks: tuple[Outlook, ...]
    """On limited signals."""


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
        factor, chance = with_newest_outcome(ahead.factor, history, ahead.encoding)
        factor = exposing(factor, history, known.observations, known.belief)
        choice = _chosen(history, ahead, known, factor)
        evidence = explain(
            history,
            ahead.encoding,
            known.observations,
            [known.belief],
            choice.ranked,
            ranked_by=choice,
            model={"n_prepared": ahead.observations.n},
            kept=kept_readings(history, known.observations) if history.limits else None,
        )
        evidence = told(evidence, known.observations, choice)
        suggestion = _timed(history, ahead, known.belief, exposure_in(factor), choice.ranked, evidence)
        evidence = with_limits(suggestion.evidence, ahead.encoding, known.looks, choice)
        evidence = evidence if chance is None else chance.told(evidence, ahead.encoding, choice.ranked.cube[:1])
        seconds = {"prepare": ahead.seconds, "refine": time.perf_counter() - started}
    evidence = evidence.model_copy(update={"seconds": seconds})
    return suggestion.model_copy(update={"evidence": evidence}), ahead


def _timed(history: History, thought: Thought, belief: Belief, exposure: Exposure | None, ranked: Ranked, evidence: Evidence) -> Suggestion:
    """Return the best point, with its exposure if that is chosen too, and the evidence with what it takes."""
    if exposure is not None and isinstance(history, Exposed):
        return with_exposures(history, thought.encoding, belief, exposure, ranked, evidence)
    return Suggestion(point=with_proper_types(history.space, ranked.points[0]), evidence=_with_time(evidence, thought, ranked))


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
        return Known(thought.observations, thought.belief, thought.looks)
    looks = outlooks_with_newest(thought.looks, history, thought.encoding)
    observations = observe_newest(thought.observations, history, thought.encoding)
    if observations is None or observations.n <= _FEW or _is_shocking(thought.belief, observations):
        observations = observe(history, thought.encoding)
        return Known(observations, believe_again(thought.encoding, observations, thought.belief), looks)
    return Known(observations, thought.belief.with_newest(observations), looks)


def _is_shocking(belief: Belief, observations: Observations) -> bool:
    process, scaling = belief.process, belief.outcome.scaling
    mean, sd = process.predict(observations.cube[-1:])
    value = scaling.standardised(observations.outcomes[0].scores[-1:])[0]
    outcome = replace(observations.outcomes[0], scaling=scaling)
    known = counted(outcome, observations, belief.fit.counting).undoubted_variances
    expected_sd = np.sqrt(sd[0] ** 2 + process.hyperparameters.noise + known[-1])
    return bool(abs(value - mean[0]) > _SHOCK * expected_sd)


def _counts_trials_alone(history: History, factor: Product) -> bool:
    """Return whether points of a space are chosen by their scores alone: no pool, no limit, no failures, no time to be spared."""
    is_weighed = any(isinstance(each, Travel | Exposure | Success) for each in factor.factors)
    return history.space.candidates is None and not history.limits and not is_weighed


def _chosen(history: History, thought: Thought, known: Known, factor: Product) -> Choice:
    """Return the best points, what ranked them, and what limits had to do with it."""
    rng = history.rng().spawn(1)[0]
    process, pending = known.belief.process, known.observations.pending
    if _counts_trials_alone(history, factor) and shows_nothing(history, known.observations, known.belief):
        return even_choice(history, thought.encoding, known.observations)
    region = safe_region(history, known.looks, pending)
    if thought.listed is None:
        baseline = thought.baseline if process.remembers(thought.baseline) else baseline_of(process, pending)
        judge = judge_of(process, baseline, pending, factor, known.looks, rng)
        found = best_found(history, thought.encoding, judge, thought.rows, thought.cube, thought.taken, rng)
        if region is None:
            return Choice(found, judge)
        return safe_choice(history, thought.encoding, region, judge, found, thought.taken, rng)
    judge = judge_of_list(history, known.observations, process, factor, known.looks, rng)
    if region is not None:
        return safe_listed_choice(history, thought.encoding, region, judge, thought.listed)
    ranked = best_listed(history, thought.encoding, judge, thought.rows, thought.listed)
    if ranked is not None:
        return Choice(ranked, judge)
    bound = UpperBound(process, pending)
    return Choice(best_again(history, thought.encoding, bound, thought.listed), bound)
