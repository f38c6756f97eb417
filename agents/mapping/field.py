"""The map as the agent believes it: what a stationary Gaussian process expects, and how far off that is from place to place.

A reading is m + a(x)·(h(x) + ε) with h stationary and a² the local amplitude: what is finer than the points' distance
passes for noise, and is as uneven as the rest. With m and a taken away, an ordinary process tells variances and
lengthscales. It does not tell the map itself: where ground with a small a meets features with a large one, a·h would
make too much of how far the ground is from m. The map is what a stationary process expects, with those lengthscales or
with those of the plain readings, which are shorter where a few features stand on flat ground: left-out points decide.
"""

from dataclasses import dataclass, replace

import numpy as np

from agents.bayesian.belief import Fit
from agents.bayesian.observations import Observations, Outcome
from agents.bayesian.process import Process, condition
from agents.bayesian.surrogate import Hyperparameters
from agents.encoding import Encoding
from agents.mapping.amplitude import Amplitude, amplitude_of, left_out
from agents.mapping.smoothing import Smoothing


@dataclass(frozen=True, slots=True)
class Field:
    """One objective's map; numbers are standardised."""

    outcome: Outcome
    fit: Fit
    amplitude: Amplitude
    process: Process
    """Of h, for variances."""
    plain: Hyperparameters
    """Fitted to the readings as they are."""
    picture: Process
    """What the map is expected to be."""

    @property
    def hyperparameters(self) -> Hyperparameters:
        return self.fit.hyperparameters

    def noise(self, cube: np.ndarray) -> np.ndarray:
        """Return the variance of a reading around the signal at places, the median where scores state their own."""
        return np.median(self.outcome.variances) + self.hyperparameters.noise * self.amplitude.of(cube)

    def predict(self, cube: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and sd of the signal at places of shape (places, columns), each of shape (places,)."""
        return self.picture.predict(cube)[0], np.sqrt(self.amplitude.of(cube)) * self.process.predict(cube)[1]

    def with_pending(self, cube: np.ndarray) -> "Field":
        """Return the field as if points of shape (points, columns) had been read exactly where they are expected."""
        process = self.process
        for place, variance in zip(cube, self.noise(cube) / self.amplitude.of(cube), strict=True) if len(cube) else ():
            process = process.with_reading(place, float(process.predict(place[None, :])[0][0]), float(variance))
        return replace(self, process=process)


def field_of(
    encoding: Encoding,
    observations: Observations,
    outcome: Outcome,
    fit: Fit,
    plain: Hyperparameters,
    smoothings: tuple[Smoothing, ...] | None = None,
) -> Field:
    """Return the field of fitted hyperparameters: first with one amplitude, then with the one its left-out points ask for.

    Args:
        encoding: Of the space.
        observations: What was read.
        outcome: Of the objective.
        fit: The hyperparameters of what is left without the amplitude.
        plain: Those of the readings as they are.
        smoothings: What a decision recorded of the amplitude; None to judge anew.
    """
    expected = stationary(encoding, observations, outcome, fit.hyperparameters)
    found, amplitude = expected.hyperparameters, amplitude_of(expected, smoothings)
    values, variances = normalised(outcome, amplitude, observations.cube, found.mean)
    process = condition(replace(found, mean=0.0), encoding.groups, observations.cube, values, variances)
    picture = _closer(expected, stationary(encoding, observations, outcome, plain))
    return Field(outcome, replace(fit, hyperparameters=found), amplitude, process, plain, picture)


def stationary(encoding: Encoding, observations: Observations, outcome: Outcome, hyperparameters: Hyperparameters) -> Process:
    """Return the process that knows the readings as they are, with the constant mean that suits them best."""
    return condition(hyperparameters, encoding.groups, observations.cube, outcome.values, outcome.variances).with_best_mean()


def _closer(one: Process, other: Process) -> Process:
    """Return the process that misses left-out points less; a point counts as much as the ground up to its nearest neighbour."""
    from scipy.spatial import KDTree

    if len(one.places) == 1:
        return one
    ground = KDTree(one.places).query(one.places, 2)[0][:, 1] ** (int(one.groups.max()) + 1)
    misses = [float(ground @ left_out(process)[0] ** 2) for process in (one, other)]
    return one if misses[0] <= misses[1] else other


def normalised(outcome: Outcome, amplitude: Amplitude, cube: np.ndarray, mean: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the readings with mean and amplitude taken away, and the variances they state, both of shape (trials,)."""
    relative = amplitude.of(cube)
    return (outcome.values - mean) / np.sqrt(relative), outcome.variances / relative
