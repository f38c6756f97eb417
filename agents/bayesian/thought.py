"""What can be thought before the newest score is known, while the instrument still measures that trial.

A thought is a function of the history as it was shown then, so it makes no difference whether it was worked out ahead
or only when a suggestion was asked for.
"""

import time
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from agents.bayesian.belief import Belief
from agents.bayesian.exposed import spent_keys
from agents.bayesian.exposure import exposing
from agents.bayesian.factors import Product
from agents.bayesian.feasibility import Feasibility, limited_judge
from agents.bayesian.fitting import believe
from agents.bayesian.improvement import NoisyImprovement, baseline_of
from agents.bayesian.observations import Observations, n_teaching, observe
from agents.bayesian.outlook import Outlook, outlooks
from agents.bayesian.process import Process
from agents.bayesian.refusals import refusals
from agents.bayesian.search import around
from agents.bayesian.shortlist import all_rows, near, promising_of_list, promising_rows
from agents.bayesian.success import Success, success
from agents.bayesian.travel import Travel, travel
from agents.bayesian.upper_bound import UpperBound
from agents.encoding import Encoding
from agents.past import Key
from orchestrator.domain.campaign import TrialStatus
from orchestrator.domain.history import History

Cost = Literal["trials", "time"]
"""What is to be spent sparingly."""
_N_LOCAL = 32
"""Draws around the newest trial and the best measured points, which the score may make the most promising ones."""


@dataclass(frozen=True, slots=True)
class Thought:
    """A fitted model, and the points that looked promising under it."""

    history: History
    """What was known."""
    encoding: Encoding
    observations: Observations
    belief: Belief
    factor: Product
    """What speaks for or against places besides what is believed of them."""
    looks: tuple[Outlook, ...]
    """On limited signals."""
    listed: np.ndarray | None
    """Every point of a pool or of a small finite space, shape (points, parameters)."""
    taken: frozenset[Key]
    """What was suggested before, where points cannot be listed."""
    rows: np.ndarray
    """Points worth looking at once the score is known, shape (points, parameters)."""
    cube: np.ndarray
    """The same in the unit cube, shape (points, columns)."""
    baseline: np.ndarray
    """Points that may be the best measured one once the score is known, shape (points, columns); none where points are listed."""
    seconds: float = field(compare=False)
    """What it took."""

    def suits(self, history: History) -> bool:
        """Return whether this is what would be thought before that history's newest score was known."""
        before = before_newest_score(history)
        return (
            before.space is self.history.space
            and (before.limits, before.safe_start) == (self.history.limits, self.history.safe_start)
            and (before.seed, before.stream, before.objectives) == (self.history.seed, self.history.stream, self.history.objectives)
            and before.trials[:-1] == self.history.trials[:-1]
            and _as_thought_of(before) == _as_thought_of(self.history)
        )


def _as_thought_of(history: History) -> tuple[object, ...]:
    """Return what of the newest trial a thought depends on."""
    if not history.trials:
        return ()
    newest = history.trials[-1]
    if not newest.is_judged:
        return newest.number, newest.kind  # a dark teaches nothing, whatever became of it
    return newest.number, newest.kind, newest.point, newest.is_pending, newest.status if not newest.is_pending else None


def before_newest_score(history: History) -> History:
    """Return the history with its newest trial still pending; as it is, if that has no score, or if nothing else teaches."""
    if not history.trials or history.trials[-1].score is None:
        return history
    pending = replace(history.trials[-1], status=TrialStatus.STARTED, score=None, observation=None)
    before = replace(history, trials=(*history.trials[:-1], pending))
    return before if n_teaching(before, 1) else history


def think(history: History, cost: Cost) -> Thought:
    """Return what one objective's scores teach so far, and where to look next with what is to be spent sparingly."""
    started = time.perf_counter()
    encoding = Encoding.of(history.space)
    observations = observe(history, encoding)
    [belief] = believe(history, encoding, observations)
    process, pending = belief.process, observations.pending
    rng = history.rng()
    factor = factor_of(history, encoding, observations, cost)
    judging = exposing(factor, history, observations, belief)
    looks = outlooks(history, encoding)
    listed = all_rows(history)
    taken, baseline = frozenset[Key](), pending[:0]
    if listed is None:
        taken, baseline = frozenset(spent_keys(history)), baseline_of(process, pending)
        judge, centres = judge_of(process, baseline, pending, judging, looks, rng), near(process)
        rows = promising_rows(encoding, judge, centres, rng)
        rows = np.vstack([rows, around(encoding, np.vstack([pending[-1:], centres]), _N_LOCAL, rng)])
    else:
        judge = judge_of_list(history, observations, process, judging, looks, rng)
        rows = promising_of_list(history, encoding, judge, listed, judge.n_places)
    cube = encoding.of_rows(rows)
    if listed is None:
        belief = replace(belief, process=process.remembering(cube).remembering(baseline))
    seconds = time.perf_counter() - started
    return Thought(history, encoding, observations, belief, factor, looks, listed, taken, rows, cube, baseline, seconds)


def factor_of(history: History, encoding: Encoding, observations: Observations, cost: Cost) -> Product:
    """Return what lowers a point's worth: that it may be refused or fail, and the time it takes if that is to be spared."""
    away = travel(history, encoding) if cost == "time" else None
    chance = success(history, encoding)
    avoided = refusals(history, encoding, observations, only_vetoes=chance is not None)
    return Product(tuple(each for each in (avoided, away, chance) if each is not None))


def judge_of(
    process: Process, baseline: np.ndarray, pending: np.ndarray, factor: Product, looks: tuple[Outlook, ...], rng: np.random.Generator
) -> NoisyImprovement | Feasibility:
    """Return what ranks points: by improvement over the baseline, or under limits over those of its points that probably keep them."""
    if looks:
        return limited_judge(process, pending, looks, factor, rng)
    return NoisyImprovement(process, baseline, factor=factor, rng=rng)


def judge_of_list(
    history: History,
    observations: Observations,
    process: Process,
    factor: Product,
    looks: tuple[Outlook, ...],
    rng: np.random.Generator,
) -> NoisyImprovement | UpperBound | Feasibility:
    """Return what ranks points of a list: members of a pool by a hopeful guess, because each is measured once.

    That guess is no amount of anything, so that where time, limits or failures count, what is gained does instead.
    """
    is_weighed = any(isinstance(each, Travel | Success) for each in factor.factors)
    if history.space.candidates is not None and not is_weighed and not looks:
        return UpperBound(process, observations.pending)
    return judge_of(process, baseline_of(process, observations.pending), observations.pending, factor, looks, rng)
