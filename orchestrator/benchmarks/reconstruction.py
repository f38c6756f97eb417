"""What a few pixels tell of all: a Gaussian process, conditioned pixel by pixel, and linear interpolation."""

from collections.abc import Iterator

import numpy as np

_MOST_FITTED = 250
"""Pixels that hyperparameters are fitted to; more tell them no better and cost their cube."""
_REFIT = 1.3
"""Hyperparameters are fitted anew when the pixels have grown by this factor."""
_BOUNDS = ((-1.0, 5.0), (-1.0, 5.0), (-12.0, 1.0))


class PixelGP:
    """Matérn-5/2 with a length scale for each axis and a learned noise; knows mean and variance of every pixel.

    Source: Rasmussen and Williams, Gaussian Processes for Machine Learning (2006), equations 2.23-2.24 and 2.30, one point at a time.
    """

    def __init__(self, pixels: np.ndarray) -> None:
        self._pixels = pixels
        self._log = np.array([1.5, 1.5, -5.0])
        """Log length scales in pixels, log noise variance over signal variance."""
        self._n_fitted = 0
        self._told: list[tuple[int, float]] = []
        self._begin()

    def _begin(self) -> None:
        values = [value for _, value in self._told]
        self._level, self._scale = (float(np.mean(values)), float(np.std(values)) or 1.0) if values else (0.0, 1.0)
        self._mean, self._variance = np.zeros(len(self._pixels)), np.ones(len(self._pixels))
        self._factors = np.empty((0, len(self._pixels)))

    @property
    def mean(self) -> np.ndarray:
        """Expected values of all pixels."""
        return self._level + self._scale * self._mean

    @property
    def variance(self) -> np.ndarray:
        """Variances of all pixels, without noise."""
        return self._scale**2 * np.maximum(self._variance, 0.0)

    def tell(self, pixel: int, value: float) -> None:
        """Take one more value into account; hyperparameters are fitted anew now and then."""
        self._told.append((pixel, value))
        if len(self._told) >= max(5.0, _REFIT * self._n_fitted):
            self._refit()
        else:
            self._condition(pixel, value)

    def tell_all(self, pixels: np.ndarray, values: np.ndarray) -> None:
        """Take many values into account at once."""
        self._told += [(int(pixel), float(value)) for pixel, value in zip(pixels, values, strict=True)]
        self._refit()

    def _refit(self) -> None:
        self._fit()
        self._begin()
        pixels, values = (np.array(each) for each in zip(*self._told, strict=True))
        self._condition_all(pixels, values)

    def _condition_all(self, pixels: np.ndarray, values: np.ndarray) -> None:
        """Take all values into account at once; the same as one by one, and several times as fast."""
        from scipy.linalg import solve_triangular

        rows = _matern(self._pixels[pixels], self._pixels, self._log[:2])
        lower = np.linalg.cholesky(rows[:, pixels] + np.exp(self._log[2]) * np.eye(len(pixels)))
        self._factors = solve_triangular(lower, rows, lower=True)
        self._mean = solve_triangular(lower, (values - self._level) / self._scale, lower=True) @ self._factors
        self._variance = 1.0 - (self._factors**2).sum(axis=0)

    def _condition(self, pixel: int, value: float) -> None:
        row = _matern(self._pixels[pixel][None], self._pixels, self._log[:2])[0] - self._factors[:, pixel] @ self._factors
        factor = row / np.sqrt(max(row[pixel], 0.0) + np.exp(self._log[2]))
        surprise = ((value - self._level) / self._scale - self._mean[pixel]) / np.sqrt(max(row[pixel], 0.0) + np.exp(self._log[2]))
        self._mean = self._mean + factor * surprise
        self._variance = self._variance - factor**2
        self._factors = np.vstack([self._factors, factor])

    def _fit(self) -> None:
        from scipy.optimize import minimize

        self._n_fitted = len(self._told)
        chosen = np.random.default_rng(self._n_fitted).permutation(len(self._told))[:_MOST_FITTED]
        pixels, values = (np.array(each) for each in zip(*(self._told[index] for index in chosen), strict=True))
        standard = (values - values.mean()) / (values.std() or 1.0)
        squares = (self._pixels[pixels, None, :] - self._pixels[None, pixels, :]).transpose(2, 0, 1) ** 2
        found = minimize(_minus_likelihood, self._log, args=(squares, standard), jac=True, method="L-BFGS-B", bounds=_BOUNDS)
        self._log = found.x if np.isfinite(found.fun) else self._log


class Reconstruction:
    """Estimates of all pixels from some; keeps hyperparameters between looks."""

    def __init__(self, pixels: np.ndarray) -> None:
        self._pixels = pixels

    def estimates(self, chosen: np.ndarray, values: np.ndarray) -> Iterator[np.ndarray]:
        """Yield estimates of all pixels, shape (pixels,): by a Gaussian process, and by linear interpolation."""
        yield self._by_process(chosen, values)
        yield self._by_lines(chosen, values)

    def _by_process(self, chosen: np.ndarray, values: np.ndarray) -> np.ndarray:
        model = PixelGP(self._pixels)
        model.tell_all(chosen, values)
        return model.mean

    def _by_lines(self, chosen: np.ndarray, values: np.ndarray) -> np.ndarray:
        from scipy.interpolate import LinearNDInterpolator, NearestNDInterpolator
        from scipy.spatial import QhullError

        nearest = NearestNDInterpolator(self._pixels[chosen], values)(self._pixels)
        try:
            between = LinearNDInterpolator(self._pixels[chosen], values)(self._pixels)
        except QhullError:  # all on one line
            return nearest
        return np.where(np.isnan(between), nearest, between)


def _matern(here: np.ndarray, there: np.ndarray, log_lengths: np.ndarray) -> np.ndarray:
    apart = (here[:, None, :] - there[None, :, :]) / np.exp(log_lengths)
    distance = np.sqrt(5.0 * (apart**2).sum(axis=2))
    return (1.0 + distance + distance**2 / 3.0) * np.exp(-distance)


def _minus_likelihood(log: np.ndarray, squares: np.ndarray, values: np.ndarray) -> tuple[float, np.ndarray]:
    """Return minus the log likelihood at its best signal variance, less a constant, and its gradient by the logs.

    Args:
        log: Of the length scales and of noise over signal variance, shape (3,).
        squares: Squared distances along each axis, in pixels, shape (2, pixels, pixels).
        values: Shape (pixels,).

    Source: Rasmussen and Williams (2006), equations 5.8 and 5.9.
    """
    from scipy.linalg import LinAlgError, cho_factor, cho_solve

    parts = squares / np.exp(2.0 * log[:2])[:, None, None]
    distance = np.sqrt(5.0 * parts.sum(axis=0))
    decay, noise, n = np.exp(-distance), np.exp(log[2]), len(values)
    covariance = (1.0 + distance + distance**2 / 3.0) * decay
    try:
        factor = cho_factor(covariance + (noise + 1e-8) * np.eye(n), lower=True)
    except LinAlgError:
        return 1e10, np.zeros(3)
    inverse = cho_solve(factor, np.eye(n))
    weights = inverse @ values
    fit = float(values @ weights)
    sensitivity = (inverse - np.outer(weights, weights) * n / fit) / 2.0
    slope = sensitivity * decay * (1.0 + distance) * 5.0 / 3.0
    gradient = np.array([*(slope * parts).sum(axis=(1, 2)), noise * np.trace(sensitivity)])
    return 0.5 * n * float(np.log(fit / n)) + float(np.log(np.diag(factor[0])).sum()), gradient
