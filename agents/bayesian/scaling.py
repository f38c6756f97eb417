"""Scores in comparable units: more is better, evenly spread, and of mean 0 and sd 1.

A Gaussian process expects outcomes that look Gaussian, and those of experiments seldom do: a loss has a long tail, a
signal is flat but for one peak. The power transform of Yeo and Johnson (Biometrika 87, 954 (2000)) with the power that
suits the scores best evens them out, which lets the model see differences among the good ones (Cowen-Rivers et al.,
JAIR 74, 1269 (2022)).
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

_TINY = 1e-12
"""Outcomes that differ by less than this share of their size are the same."""
_FARTHEST = 1e6
"""Spreads from the median beyond which a score is not told from others as far away."""
_POWERS = np.linspace(0.0, 2.0, 41)
"""1 changes nothing; 0 is a logarithm above the median and 2 one below it. Further, the transform could not be undone."""
_POWER_PRIOR_SD = 1.0
_NORMAL_IQR = 1.349
"""Distance between the quartiles of a standard normal distribution."""


@dataclass(frozen=True, slots=True)
class Scaling:
    """A monotone function from an objective's unit to standardised outcomes, and back."""

    sign: float
    """1 to maximise, -1 to minimise."""
    centre: float
    """The median, in the objective's unit."""
    spread: float
    """What an sd would be if the quartiles were those of a normal distribution, in the objective's unit; positive."""
    power: float
    shift: float
    scale: float
    """Mean and sd after the transform."""

    @classmethod
    def of(cls, scores: np.ndarray, sign: float) -> "Scaling":
        """Return the scaling that suits scores of shape (trials,); safe for huge, tiny and constant ones, and for none at all."""
        if len(scores) == 0:
            return cls(sign, 0.0, 1.0, 1.0, 0.0, 1.0)
        centre, spread = _centre_and_spread(scores)
        unscaled = cls(sign, centre, spread, 1.0, 0.0, 1.0)
        even = unscaled._even(scores)
        power = _best_power(even)
        warped = _warp(even, power)
        sd = float(warped.std())
        return cls(sign, centre, spread, power, float(warped.mean()), sd if sd > _TINY else 1.0)

    @classmethod
    def from_record(cls, record: Mapping[str, float]) -> "Scaling":
        return cls(**{name: float(value) for name, value in record.items()})

    def as_record(self) -> dict[str, Any]:
        return asdict(self)

    def standardised(self, scores: np.ndarray) -> np.ndarray:
        return (_warp(self._even(scores), self.power) - self.shift) / self.scale

    def in_unit(self, standardised: np.ndarray) -> np.ndarray:
        """Return standardised outcomes in the objective's unit."""
        even = np.clip(_unwarp(self.shift + self.scale * standardised, self.power), -_FARTHEST, _FARTHEST)
        return self.centre + self.sign * self.spread * even

    def variances(self, scores: np.ndarray, sds: np.ndarray) -> np.ndarray:
        """Return standardised variances of scores with these sds, all of shape (trials,), to first order."""
        even = self._even(scores)
        slope = np.where(even >= 0, (1 + np.abs(even)) ** (self.power - 1), (1 + np.abs(even)) ** (1 - self.power))
        return (slope * np.minimum(sds / self.spread, _FARTHEST) / self.scale) ** 2

    def interval(self, means: np.ndarray, sds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return, in the objective's unit, the middle of normal distributions and half the width of their central 68 %.

        For a straight transform these are mean and sd. Under a bent one a mean may be ruled by a tail that nothing supports.
        """
        low, high = self.in_unit(means - sds), self.in_unit(means + sds)
        return self.in_unit(means), np.abs(high / 2 - low / 2)

    def _even(self, scores: np.ndarray) -> np.ndarray:
        return np.clip(self.sign * (scores / self.spread - self.centre / self.spread), -_FARTHEST, _FARTHEST)


def _centre_and_spread(scores: np.ndarray) -> tuple[float, float]:
    """Return median and spread; the sd where more than half the scores agree, and 1 where all do."""
    largest = float(np.abs(scores).max(initial=0.0))
    if largest == 0.0:
        return 0.0, 1.0
    share = scores / largest
    low, centre, high = np.quantile(share, [0.25, 0.5, 0.75])
    spread = (high - low) / _NORMAL_IQR if high - low > _TINY else float(share.std())
    return float(centre) * largest, float(spread) * largest if spread > _TINY else 1.0


def _best_power(even: np.ndarray) -> float:
    """Return the power under which outcomes of shape (trials,) look most like draws from one normal distribution."""
    n = len(even)
    if n < 3 or even.std() <= _TINY:
        return 1.0
    logs = (np.sign(even) * np.log1p(np.abs(even))).sum()
    spreads = np.array([_warp(even, power).var() for power in _POWERS])
    likelihood = -n / 2 * np.log(spreads + 1e-300) + (_POWERS - 1.0) * logs
    return float(_POWERS[np.argmax(likelihood - ((_POWERS - 1.0) / _POWER_PRIOR_SD) ** 2 / 2)])


def _warp(even: np.ndarray, power: float) -> np.ndarray:
    size = np.abs(even)
    return np.where(even >= 0, _raise(size, power), -_raise(size, 2.0 - power))


def _raise(size: np.ndarray, power: float) -> np.ndarray:
    return np.log1p(size) if power == 0.0 else np.expm1(power * np.log1p(size)) / power


def _unwarp(warped: np.ndarray, power: float) -> np.ndarray:
    size = np.minimum(np.abs(warped), _raise(np.array(_FARTHEST), 2.0))
    return np.where(warped >= 0, _lower(size, power), -_lower(size, 2.0 - power))


def _lower(size: np.ndarray, power: float) -> np.ndarray:
    """Undo ``_raise``, up to the farthest outcome there is."""
    logs = size if power == 0.0 else np.log1p(power * size) / power
    return np.expm1(np.minimum(logs, np.log1p(_FARTHEST)))
