"""What the model believes of limited signals, and how probable it is that a point keeps a limit."""

from dataclasses import dataclass, replace

import numpy as np

from agents.bayesian.belief import Belief
from agents.bayesian.caution import cautious
from agents.bayesian.conditioning import process_of
from agents.bayesian.fitting import believe_all, believe_all_again
from agents.bayesian.kernel import covariance_and_slope, gradient_of_shared
from agents.bayesian.observations import Observations, observe, observe_newest
from agents.bayesian.process import Process
from agents.bayesian.recording import record
from agents.bayesian.scaling import Scaling
from agents.bayesian.triangular import lower_times, transposed_times
from agents.encoding import Encoding
from orchestrator.domain.campaign import Trial, TrialStatus
from orchestrator.domain.history import History
from orchestrator.domain.limits import Limit, limited_sd, limited_value
from orchestrator.domain.records import LimitPrediction, Objective, ObjectiveScore, Score

_LOG_SQRT_2PI = 0.5 * np.log(2.0 * np.pi)
_SMALLEST_SD = 1e-9
_LOWEST = -1e4
"""Log of a probability, below which all are the same."""
_IMPROBABLE = float(np.log(0.05))
_STEEPNESS = 5.0
"""Power that a probability below that is raised to."""
_FEW = 64
"""With fewer readings one more may change the fit."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """One limited signal, as the model sees it."""

    name: str
    limit: Limit
    observations: Observations
    """Its readings."""
    belief: Belief
    process: Process
    """What is believed of the signal; less sure than the belief where the limit is safe."""

    @property
    def bounds(self) -> tuple[float, float]:
        """Return the lowest and highest standardised value that keeps the limit; infinite where there is no such bound."""
        return _bounds(self.limit, self.belief.outcome.scaling)

    def log_factor(self, cube: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the log of the probability that the limit is kept at points of shape (points, columns), and its gradient.

        Where it is very improbable, much less than that, so that nothing that a point promises makes up for it.
        """
        means, sds, mean_slopes, sd_slopes = slopes(self.process, cube)
        value, by_mean, by_sd = log_between(means, sds, self.bounds)
        gradient = by_mean[:, None] * mean_slopes + by_sd[:, None] * sd_slopes
        steepness = np.where(value < _IMPROBABLE, _STEEPNESS, 1.0)
        return _IMPROBABLE + steepness * (value - _IMPROBABLE), steepness[:, None] * gradient

    def predictions(self, cube: np.ndarray) -> list[LimitPrediction]:
        """Return what is expected at points of shape (points, columns), in the signal's unit."""
        means, sds = self.process.predict(cube)
        middles, half_widths = self.belief.outcome.scaling.interval(means, sds)
        probabilities = np.minimum(np.exp(log_between(means, sds, self.bounds)[0]), 1.0)
        return [
            LimitPrediction(mean=float(mean), sd=float(sd), probability=float(probability))
            for mean, sd, probability in zip(middles, half_widths, probabilities, strict=True)
        ]

    def as_record(self, encoding: Encoding) -> dict[str, object]:
        """Return it as JSON: the next fit starts there."""
        return record(self.belief, encoding, self.observations.numbers)


def outlooks(history: History, encoding: Encoding) -> tuple[Outlook, ...]:
    """Return what is believed of each limited signal that was read at all."""
    found = (_outlook(history, encoding, name, limit) for name, limit in history.limits.items())
    return tuple(outlook for outlook in found if outlook is not None)


def outlooks_with_newest(before: tuple[Outlook, ...], history: History, encoding: Encoding) -> tuple[Outlook, ...]:
    """Return the outlooks with what was read in the newest trial.

    Args:
        before: What was believed while that trial was still pending.
        history: With its score.
        encoding: Of the space.
    """
    known = {outlook.name: outlook for outlook in before}
    found = (_with_newest(known.get(name), history, encoding, name, limit) for name, limit in history.limits.items())
    return tuple(outlook for outlook in found if outlook is not None)


def _outlook(history: History, encoding: Encoding, name: str, limit: Limit) -> Outlook | None:
    view = _view(history, name)
    observations = observe(view, encoding)
    if observations.n == 0:
        return None
    observations = _scaled(observations, limit)
    [belief] = believe_all(view, encoding, observations)
    return _of(name, limit, encoding, observations, belief)


def _with_newest(before: Outlook | None, history: History, encoding: Encoding, name: str, limit: Limit) -> Outlook | None:
    if before is None:
        return _outlook(history, encoding, name, limit)
    newest = _view(replace(history, trials=history.trials[-1:]), name)
    if newest.trials[-1].score is None:
        return before
    if before.observations.n < _FEW:
        observations = _scaled(observe(_view(history, name), encoding), limit)
        return _of(name, limit, encoding, observations, believe_all_again(encoding, observations, before.belief))
    observations = observe_newest(before.observations, newest, encoding)
    if observations is None:
        return _outlook(history, encoding, name, limit)
    return _of(name, limit, encoding, observations, before.belief.with_newest(observations))


def _of(name: str, limit: Limit, encoding: Encoding, observations: Observations, belief: Belief) -> Outlook:
    process = belief.process
    if limit.safe:
        bounds = _bounds(limit, belief.outcome.scaling)
        process = process_of(encoding, observations, belief.outcome, cautious(process.hyperparameters, bounds))
    return Outlook(name, limit, observations, belief, process)


def _scaled(observations: Observations, limit: Limit) -> Observations:
    """Return the readings in units in which their distance from the limit counts, however alike they are among themselves."""
    [outcome] = observations.outcomes
    bounds = [bound for bound in (limit.at_least, limit.at_most) if bound is not None]
    return replace(observations, outcomes=(replace(outcome, scaling=Scaling.of(np.append(outcome.scores, bounds), 1.0)),))


def _bounds(limit: Limit, scaling: Scaling) -> tuple[float, float]:
    lower = -np.inf if limit.at_least is None else float(scaling.standardised(np.array([limit.at_least]))[0])
    upper = np.inf if limit.at_most is None else float(scaling.standardised(np.array([limit.at_most]))[0])
    return lower, upper


def _view(history: History, name: str) -> History:
    """Return the history as if a limited signal were its only objective."""
    label = f"limit on {name}"
    trials = tuple(_read(trial, name, label) for trial in history.trials)
    return replace(history, objectives=(Objective(name=label, goal="maximise"),), trials=trials, limits={})


def _read(trial: Trial, name: str, label: str) -> Trial:
    """Return a trial scored by what was read of a signal. One whose reward could not judge it may have been read all the same."""
    is_over = trial.status in (TrialStatus.SCORED, TrialStatus.FAILED)
    value = limited_value(name, trial.observation, trial.score) if is_over else None
    if value is None:
        return trial if trial.score is None else replace(trial, score=None)
    sd = limited_sd(name, trial.observation, trial.score)
    read = ObjectiveScore.model_construct(value=value, sd=sd, parts={})
    return replace(trial, score=Score.model_construct(objectives={label: read}))


def slopes(process: Process, cube: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return mean and sd at points, each of shape (points,), and their gradients, each of shape (points, columns)."""
    hyperparameters = process.hyperparameters
    matern, slope = covariance_and_slope(cube, process.places, process.groups, hyperparameters)
    features = lower_times(process.inverse_factor, hyperparameters.ageing.aged(matern, process.ages).T)
    means = hyperparameters.mean + process.whitened @ features
    variances = process.variance - np.einsum("ij,ij->j", features, features)
    sds = np.sqrt(np.maximum(variances, _SMALLEST_SD**2 * process.variance))
    pull = slope * hyperparameters.ageing.share(process.ages)
    by_mean = pull * process.weights
    by_sd = -pull * transposed_times(process.inverse_factor, features).T / sds[:, None]
    mean_slopes, sd_slopes = (gradient_of_shared(each, cube, process.places, process.groups, hyperparameters) for each in (by_mean, by_sd))
    return means, sds, mean_slopes, sd_slopes


def log_between(means: np.ndarray, sds: np.ndarray, bounds: tuple[float, float]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the log of the probability that a normal variable lies between bounds, and its derivatives by mean and sd.

    Where both bounds lie above the mean they are mirrored, since the difference of two small numbers keeps its digits.

    Args:
        means: Shape (points,), as everything returned.
        sds: Shape (points,).
        bounds: The lower and the upper one; infinite where there is none.
    """
    from scipy.special import log_ndtr

    sds = np.maximum(sds, _SMALLEST_SD)
    low, high = (bounds[0] - means) / sds, (bounds[1] - means) / sds
    a, b = np.where(low > 0, -high, low), np.where(low > 0, -low, high)
    logs = log_ndtr(b)
    value = np.maximum(logs + np.log1p(-np.exp(np.minimum(log_ndtr(a) - logs, -1e-16))), _LOWEST)
    by_low, by_high = (np.exp(np.minimum(-(z**2) / 2 - _LOG_SQRT_2PI - value, 700.0)) for z in (low, high))
    below, above = (np.where(np.isfinite(z), z, 0.0) * density for z, density in ((low, by_low), (high, by_high)))
    return value, (by_low - by_high) / sds, (below - above) / sds
