"""Scores on principal components: how a spectrum differs from the mean of known ones, in a few numbers.

The components are learned from spectra given beforehand, never from the campaign's own, so that a score means the same
in the first trial and in the last.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Self

import numpy as np
from pydantic import Field

from orchestrator.domain.base import Value
from orchestrator.domain.errors import BadInput, RewardError


class PcaSettings(Value):
    """The spectra to learn from, and how many components to keep."""

    spectra: tuple[tuple[float, ...], ...] | str
    """Known spectra, or a CSV (one spectrum to a line, no header) or .npy with them, shape (spectra, channels)."""
    components: int = Field(default=3, ge=1, le=10)

    def relative_to(self, folder: Path) -> Self:
        """Return a copy whose path is relative to the campaign file's folder no more."""
        return self.model_copy(update={"spectra": str(folder / self.spectra)}) if isinstance(self.spectra, str) else self


class Pca:
    """Features: score_1, score_2 …, in the spectrum's unit, and residual, what the components leave out (rms)."""

    Settings: ClassVar[type[Value]] = PcaSettings

    def __init__(self, settings: PcaSettings) -> None:
        known = known_spectra(settings.spectra)
        if settings.components >= len(known):
            way_out = f"give at least {settings.components + 1} spectra, or fewer components"
            raise BadInput(f"components = {settings.components} of {len(known)} spectra cannot be learned; {way_out}")
        self._mean = known.mean(axis=0)
        self._components = principal_components(known, settings.components)
        self.FEATURES = (*(f"score_{number}" for number in range(1, settings.components + 1)), "residual")

    def features(self, raw: np.ndarray) -> Mapping[str, float]:
        if raw.shape != self._mean.shape:
            raise RewardError(f"the spectrum has {raw.size} channels but the known ones {self._mean.size}; resample one of them")
        scores = self._components @ (raw - self._mean)
        left = raw - self._mean - scores @ self._components
        return dict(zip(self.FEATURES, [*map(float, scores), float(np.sqrt(np.mean(left**2)))], strict=True))


def principal_components(spectra: np.ndarray, n: int) -> np.ndarray:
    """Return the n directions in which spectra of shape (spectra, channels) differ most, shape (n, channels), of length 1.

    The largest loading of each is positive, so that scores do not change sign from one machine to the next.

    Source: Jolliffe, Principal Component Analysis (2002), section 3.5, by singular values.
    """
    _, _, directions = np.linalg.svd(spectra - spectra.mean(axis=0), full_matrices=False)
    largest = np.abs(directions[:n]).argmax(axis=1)
    return directions[:n] * np.sign(directions[np.arange(n), largest])[:, None]


def known_spectra(given: tuple[tuple[float, ...], ...] | str) -> np.ndarray:
    """Return the spectra to learn from, shape (spectra, channels).

    Raises:
        BadInput: If a file cannot be read, or holds no table of finite numbers.
    """
    try:
        known = _read(Path(given)) if isinstance(given, str) else np.array(given, dtype=float)
    except (OSError, ValueError) as error:
        raise BadInput(
            f"spectra = {_shortened(given)} cannot be read as spectra of one length ({error}); give a CSV or .npy file"
        ) from None
    if known.ndim != 2 or not known.size or not np.isfinite(known).all():
        raise BadInput(f"spectra = {_shortened(given)} is no table of finite numbers; write one spectrum to a line, all of one length")
    return known


def _read(path: Path) -> np.ndarray:
    if path.suffix == ".npy":
        return np.asarray(np.load(path, allow_pickle=False), dtype=float)
    return np.genfromtxt(path, delimiter=",", ndmin=2)


def _shortened(given: object) -> str:
    written = str(given)
    return written if len(written) <= 80 else f"{written[:80]}…"
