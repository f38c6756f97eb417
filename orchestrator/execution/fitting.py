"""A peak on a constant background, fitted by least squares."""

import math
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from orchestrator.domain.errors import InstrumentError
from orchestrator.domain.operations import Fit
from orchestrator.execution.quantities import Readings, Signal, is_finite

_LEAST_POINTS = 6
"""Four parameters, and something left to tell how well they fit."""
_SIGNIFICANT = 3.0
"""A peak lower than this many of its own sds is none."""
_FWHM_OF_SIGMA = 2.0 * math.sqrt(2.0 * math.log(2.0))

Model = Callable[..., np.ndarray]


def _gaussian(x: np.ndarray, center: float, height: float, fwhm: float, background: float) -> np.ndarray:
    return background + height * np.exp(-0.5 * ((x - center) / (fwhm / _FWHM_OF_SIGMA)) ** 2)


def _lorentzian(x: np.ndarray, center: float, height: float, fwhm: float, background: float) -> np.ndarray:
    return background + height / (1.0 + ((x - center) / (fwhm / 2.0)) ** 2)


_MODELS: Mapping[str, Model] = {"gaussian": _gaussian, "lorentzian": _lorentzian}
_AREAS: Mapping[str, float] = {"gaussian": math.sqrt(2.0 * math.pi) / _FWHM_OF_SIGMA, "lorentzian": math.pi / 2.0}
"""Area by height and full width at half maximum."""
_PLACES = {"center": 0, "height": 1, "fwhm": 2, "background": 3}


def fit(name: str, operation: Fit, source: Readings, x: Readings | None) -> Signal:
    """Return the wanted parameter with its sd.

    Args:
        name: The signal's, for what is said.
        operation: Model, window and parameter.
        source: A curve, shape (readings,); spectra, shape (readings, channels); or images, shape (frames, rows, columns).
        x: What a curve is plotted against, shape (readings,); None for numbers from 0.

    Raises:
        InstrumentError: If curve and x have different lengths.
    """
    y, sd = _profile(source, operation)
    places = np.arange(y.size, dtype=float) if x is None else np.ravel(x.values).astype(float)
    if places.size != y.size:
        raise InstrumentError(
            f"{name}: {operation.of} has {y.size} points, and {operation.x} {places.size}; plot it against one of as many"
        )
    low, high = operation.window or (-math.inf, math.inf)
    inside = (places >= low) & (places <= high)
    places, y, sd = places[inside], y[inside], None if sd is None else sd[inside]
    if y.size < _LEAST_POINTS:
        raise InstrumentError(f"{name}: {y.size} points of {operation.of} are too few to fit a peak; give {_LEAST_POINTS} or more")
    if not is_finite(y) or not is_finite(places):
        return Signal(None, remark=f"{name}: {operation.of} has points that are not finite; check its detector")
    return _judged(name, operation, places, y, sd)


def _profile(source: Readings, operation: Fit) -> tuple[np.ndarray, np.ndarray | None]:
    """Return one curve and its sd, shape (points,): frames and spectra are added up, images along their other axis."""
    values = np.asarray(source.values, dtype=float)
    if values.ndim == 1:
        return values, source.sd
    added = (0,) if values.ndim == 2 else (0, 1 if operation.along == "x" else 2)
    return values.sum(axis=added), None if source.sd is None else np.sqrt(np.square(source.sd).sum(axis=added))


def _judged(name: str, operation: Fit, x: np.ndarray, y: np.ndarray, sd: np.ndarray | None) -> Signal:
    found = _fitted(_MODELS[operation.model], x, y, sd)
    if found is None:
        return Signal(None, remark=f"{name}: no {operation.model} peak could be fitted to {operation.of}; widen the scan or the window")
    best, covariance = found
    center, height, fwhm = (float(value) for value in best[:3])
    step, span = float(np.median(np.abs(np.diff(np.sort(x))))), float(np.ptp(x))
    height_sd = math.sqrt(covariance[1, 1])
    if not x.min() <= center <= x.max():
        problem = f"the fitted centre {center:g} lies outside [{x.min():g}, {x.max():g}]"
    elif not step / 2 <= fwhm <= 2 * span:
        problem = f"the fitted width {fwhm:g} is under half a step ({step:g}) or more than twice the span ({span:g})"
    elif abs(height) < _SIGNIFICANT * height_sd:
        problem = f"the fitted height {height:.4g} ± {height_sd:.2g} is no peak"
    else:
        return _parameter(operation, best, covariance)
    return Signal(None, remark=f"{name}: {problem}; widen the scan, or measure longer")


def _fitted(model: Model, x: np.ndarray, y: np.ndarray, sd: np.ndarray | None) -> tuple[np.ndarray, np.ndarray] | None:
    """Return parameters and covariance; None where nothing fits."""
    from scipy.optimize import OptimizeWarning, curve_fit

    weights: dict[str, Any] = {} if sd is None or not (sd > 0).all() else {"sigma": sd, "absolute_sigma": True}
    with warnings.catch_warnings():
        warnings.simplefilter("error", OptimizeWarning)
        warnings.simplefilter("ignore", RuntimeWarning)
        try:
            best, covariance = curve_fit(model, x, y, p0=_guess(x, y), maxfev=4000, **weights)
        except (RuntimeError, OptimizeWarning, ValueError):
            return None
    if best[2] < 0:  # the models know the width's square only
        best[2], covariance[2], covariance[:, 2] = -best[2], -covariance[2], -covariance[:, 2]
    return (best, covariance) if is_finite(best) and is_finite(covariance) else None


def _guess(x: np.ndarray, y: np.ndarray) -> tuple[float, float, float, float]:
    """Return where to begin: at the point furthest from the median, which may be a dip."""
    background = float(np.median(y))
    furthest = int(np.argmax(np.abs(y - background)))
    height = float(y[furthest] - background)
    n_above = max(1, int(np.count_nonzero((y - background) / (height or 1.0) > 0.5)))
    return float(x[furthest]), height, n_above * float(np.ptp(x)) / max(1, x.size - 1), background


def _parameter(operation: Fit, best: np.ndarray, covariance: np.ndarray) -> Signal:
    if operation.gives != "area":
        place = _PLACES[operation.gives]
        return Signal(float(best[place]), math.sqrt(covariance[place, place]))
    scale = _AREAS[operation.model]
    slopes = scale * np.array([best[2], best[1]])
    return Signal(scale * float(best[1] * best[2]), float(np.sqrt(slopes @ covariance[1:3, 1:3] @ slopes)))
