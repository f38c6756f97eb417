"""How probable it is that a measurement succeeds, learned from those that did and those that failed.

Failures pool: a region where nothing can be measured is told from bad luck, which may strike anywhere. What a point promises
is multiplied by its probability of success (Gelbart, Snoek and Adams, UAI 2014), and far less is left of it where failure is
all but known: in the end hardly anything is to be gained where measurements succeed, and any hope elsewhere would count for more.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from agents.bayesian.factors import Product
from agents.bayesian.kernel import covariance
from agents.bayesian.observations import Observations, is_failure, n_failed, n_teaching, observe
from agents.bayesian.odds import fit_odds, log_chance, mode_of
from agents.bayesian.outlook import slopes
from agents.bayesian.problems import problem_of
from agents.bayesian.process import Process, condition
from agents.bayesian.scaling import Scaling
from agents.bayesian.surrogate import Hyperparameters
from agents.encoding import Encoding
from orchestrator.domain.campaign import Trial, TrialStatus
from orchestrator.domain.history import History
from orchestrator.domain.records import Evidence, Objective, ObjectiveScore, Score
from orchestrator.wording import percent

_FEWEST_FAILURES, _FEWEST_SUCCESSES = 3, 2
"""From which on there is something to learn."""
_MOST_FITTED = 150
"""Outcomes, drawn at random, that tell the hyperparameters well enough."""
_MOST_KNOWN = 1000
"""Outcomes, the newest, that are conditioned on."""
_HOPE = 0.5
"""Sds of the log odds added before failure counts as known: what is hardly known deserves another try."""
_SHARE = 0.75
"""Of the largest probability of success anywhere it was tried, below which failure counts as known. Bad luck lowers both."""
_STEEPNESS = 50.0
"""Power that what lies below is raised to."""
_WORTH_SAYING = 0.9
"""Probability of success below which it is mentioned."""
_SIGNS = Scaling(sign=1.0, centre=0.5, spread=0.5, power=1.0, shift=0.0, scale=1.0)
"""To -1 for failures and 1 for successes."""
_NAME = "success"


@dataclass(frozen=True, slots=True)
class Success:
    """What is believed of the log odds of success."""

    process: Process
    n_failed: int
    n_succeeded: int
    largest: float
    """Log of the largest probability of success where it was tried."""

    def log_factor(self, cube: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the log of the probability of success, far lower where failure is known, shape (points,), and its gradient."""
        means, sds, mean_slopes, sd_slopes = slopes(self.process, cube)
        shrink = _shrink(sds)
        by_mean = shrink / (1.0 + np.exp(shrink * means))
        by_sd = -by_mean * means * shrink**2 * np.pi / 8.0 * sds
        hope = means + _HOPE * sds
        short = log_chance(hope) - self.largest - np.log(_SHARE)
        by_hope = np.where(short < 0.0, _STEEPNESS / (1.0 + np.exp(hope)), 0.0)
        value = log_chance(shrink * means) + _STEEPNESS * np.minimum(short, 0.0)
        return value, (by_mean + by_hope)[:, None] * mean_slopes + (by_sd + _HOPE * by_hope)[:, None] * sd_slopes

    def probability(self, cube: np.ndarray) -> np.ndarray:
        """Return the probability of success at points of shape (points, columns), shape (points,)."""
        return np.exp(_log_probability(self.process, cube))

    def told(self, evidence: Evidence, encoding: Encoding, cube: np.ndarray) -> Evidence:
        """Return the evidence of a point of shape (1, columns) with its probability of success, said where it is in doubt."""
        probability = float(self.probability(cube)[0])
        model = {**evidence.model, _NAME: {"probability": probability, **self._record(encoding)}}
        said = f"; succeeds with {percent(probability)}, as {self.n_failed} of {self.n_failed + self.n_succeeded} measurements failed"
        reason = f"{evidence.reason}{said}" if probability < _WORTH_SAYING else evidence.reason
        return evidence.model_copy(update={"reason": reason, "model": model})

    def _record(self, encoding: Encoding) -> dict[str, Any]:
        """Return as JSON what the log odds are believed to be like; lengthscales are in the units of the parameters."""
        hyperparameters = self.process.hyperparameters
        lengthscales = (float(each) for each in hyperparameters.lengthscales * encoding.span)
        return {
            "n_failed": self.n_failed,
            "n_succeeded": self.n_succeeded,
            "lengthscales": dict(zip(encoding.space.names, lengthscales, strict=True)),
            "outputscale": hyperparameters.outputscale,
            "mean": hyperparameters.mean,
        }


def success(history: History, encoding: Encoding, fitted: Hyperparameters | None = None) -> Success | None:
    """Return what is believed of the success of measurements; None where hardly any failed, or hardly any succeeded.

    A veto is no failure: nothing was tried there.

    Args:
        history: Whose trials succeeded or failed.
        encoding: Of the space.
        fitted: Hyperparameters of the log odds; fitted by default.
    """
    if n_failed(history) < _FEWEST_FAILURES:
        return None
    view = _view(history)
    fewest = _FEWEST_FAILURES + _FEWEST_SUCCESSES
    if n_teaching(view, fewest) < fewest:  # some may lie in an older space
        return None
    observations = _newest(observe(view, encoding))
    [outcome] = observations.outcomes
    n_succeeded = int(outcome.scores.sum())
    if observations.n - n_succeeded < _FEWEST_FAILURES or n_succeeded < _FEWEST_SUCCESSES:
        return None
    if fitted is None:
        fitted = fit_odds(problem_of(encoding, observations, outcome, None, rng=history.rng(), most=_MOST_FITTED))
    cube = observations.cube
    mode = mode_of(covariance(cube, cube, encoding.groups, fitted), outcome.values, fitted.mean)
    process = condition(fitted, encoding.groups, cube, mode.targets, 1.0 / mode.curvatures, times=observations.times, now=observations.now)
    return Success(process, observations.n - n_succeeded, n_succeeded, float(_log_probability(process, cube).max()))


def with_newest_outcome(factor: Product, history: History, encoding: Encoding) -> tuple[Product, Success | None]:
    """Return the factor with what is believed of success now in place of what was before, and that; nothing is fitted again.

    Args:
        factor: What was thought before the newest outcome.
        history: With that.
        encoding: Of the space.
    """
    before = next((each for each in factor.factors if isinstance(each, Success)), None)
    now = success(history, encoding, None if before is None else before.process.hyperparameters)
    others = tuple(each for each in factor.factors if each is not before)
    return Product(others if now is None else (*others, now)), now


def _newest(observations: Observations) -> Observations:
    """Return the newest outcomes, as signs."""
    [outcome] = observations.outcomes
    newest = slice(-_MOST_KNOWN, None)
    signs = replace(outcome, scores=outcome.scores[newest], is_doubted=outcome.is_doubted[newest], scaling=_SIGNS)
    return replace(observations, cube=observations.cube[newest], numbers=observations.numbers[newest], outcomes=(signs,))


def _view(history: History) -> History:
    """Return the history as if success were its only objective: 1, and 0 for what failed."""
    objective = Objective(name=_NAME, goal="maximise")
    return replace(history, objectives=(objective,), trials=tuple(map(_as_outcome, history.trials)), limits={})


def _as_outcome(trial: Trial) -> Trial:
    if not is_failure(trial) and trial.status is not TrialStatus.SCORED:
        return trial if trial.score is None else replace(trial, score=None)
    outcome = ObjectiveScore.model_construct(value=float(not is_failure(trial)), sd=None, parts={})
    return replace(trial, score=Score.model_construct(objectives={_NAME: outcome}))


def _log_probability(process: Process, cube: np.ndarray) -> np.ndarray:
    means, sds = process.predict(cube)
    return log_chance(_shrink(sds) * means)


def _shrink(sds: np.ndarray) -> np.ndarray:
    """Return by what factor log odds that are not known are nearer to even ones (MacKay, Neural Computation 4, 720 (1992))."""
    return 1.0 / np.sqrt(1.0 + np.pi / 8.0 * sds**2)
