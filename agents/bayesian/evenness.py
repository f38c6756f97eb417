"""While readings show nothing: looking evenly, instead of where a model that knows nothing is least certain.

A stationary process is least certain at the rim and in the corners, and noise that it takes for a signal draws it further.
As long as all readings are alike, as where the beam is lost, that leaves most of the space unseen.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from agents.bayesian.belief import Belief
from agents.bayesian.conditioning import is_exact
from agents.bayesian.limited import Choice
from agents.bayesian.observations import Observations
from agents.bayesian.opening import usual_length
from agents.bayesian.search import Ranked, Scale
from agents.bayesian.surrogate import NOISE_LIMITS
from agents.encoding import Encoding
from agents.spread import distance_to_nearest, sobol_point
from orchestrator.domain.history import History
from orchestrator.domain.records import Evidence

_PRICE = 1.0
"""Log likelihood that a model has to gain over a constant: Akaike's price of one parameter (IEEE Trans. Autom. Control 19, 716 (1974)).
Of all that it could ask for its several ones the least, for what is not followed in time costs more than a few points spread evenly."""
_CHANCE = 0.01
"""That the best of readings which are all alike lies as far out as it does; less, and it is no chance."""


@dataclass(frozen=True, slots=True)
class EvenSpread:
    """Ranks points by their distance from all earlier ones, in the unit cube."""

    places: np.ndarray
    """The earlier ones, shape (points, columns)."""
    name: str = "distance from every earlier point"
    scale: Scale = "plain"

    def of_cube(self, cube: np.ndarray) -> np.ndarray:
        """Return the distances of points of shape (points, columns), shape (points,)."""
        return distance_to_nearest(cube, self.places)


def shows_nothing(history: History, observations: Observations, belief: Belief) -> bool:
    """Return whether the readings, twice as many as an opening has, are as well explained by one constant and its scatter.

    That is so where the model, with hyperparameters as probable as they can be, makes them hardly more likely than the constant
    does, and the best of them is no better than the best of so many alike would be. Of more readings than are known exactly the
    model has no likelihood to compare.
    """
    if not is_exact(observations) or observations.n < 2 * usual_length(history.space) or belief.outcome.is_doubted.any():
        return False
    return _gain(belief) <= _PRICE and not _stands_out(belief)


def _gain(belief: Belief) -> float:
    """Return the log likelihood of the readings under the model less that under a constant."""
    process = belief.process
    model = np.log(np.diag(process.inverse_factor)).sum() - process.whitened @ process.whitened / 2
    return float(model - _constant_likelihood(process.values, process.variances - process.hyperparameters.noise))


def _constant_likelihood(values: np.ndarray, known: np.ndarray) -> float:
    """Return the log likelihood of readings around the constant and with the scatter that suit them best, less n/2 · log 2π.

    Args:
        values: Shape (readings,).
        known: The part of their variances that is known, shape (readings,).
    """
    from scipy.optimize import minimize_scalar

    def loss(log_scatter: float) -> float:
        variances = known + np.exp(log_scatter)
        mean = (values / variances).sum() / (1.0 / variances).sum()
        return float(((values - mean) ** 2 / variances + np.log(variances)).sum() / 2)

    low, high = np.log(NOISE_LIMITS)
    best: Any = minimize_scalar(loss, bounds=(low, high), method="bounded")
    return -float(best.fun)


def _stands_out(belief: Belief) -> bool:
    from scipy.special import ndtri

    outcome, scaling = belief.outcome, belief.outcome.scaling
    best = (scaling.sign * outcome.scores).max()
    distance = (best - scaling.sign * scaling.centre) / scaling.spread
    return bool(distance > -ndtri(_CHANCE / len(outcome.scores)))


def even_choice(history: History, encoding: Encoding, observations: Observations) -> Choice:
    """Return the next point of the sequence that the campaign was opened with.

    Raises:
        AgentError: If no point is left.
    """
    point, _ = sobol_point(history)
    judge = EvenSpread(np.vstack([observations.cube, observations.pending]))
    cube = encoding.of_points([point])
    return Choice(Ranked((point,), cube, judge.of_cube(cube)), judge)


def told(evidence: Evidence, observations: Observations, choice: Choice) -> Evidence:
    """Return the evidence of a choice, with what the point is for where it only fills the space."""
    if not isinstance(choice.judge, EvenSpread):
        return evidence
    purpose = f"to fill the space evenly: all {observations.n} readings are alike but for chance"
    return evidence.model_copy(update={"reason": f"{purpose}; {evidence.reason}", "purpose": purpose})
