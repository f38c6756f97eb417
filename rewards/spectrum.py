"""A spectrum: how alike it is to a wanted one, or one of its features."""

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from orchestrator.domain.base import Value
from orchestrator.domain.errors import BadInput, RewardError
from orchestrator.domain.records import Objective, ObjectiveScore, Observation
from orchestrator.domain.spec import PluginRef
from rewards.feature import FeatureSettings, analyser_relative_to, build_analyser, score_feature
from rewards.judging import Goal, SignalName, array_of


class SpectrumSettings(Value):
    """Either ``like``, a spectrum to resemble, or ``analyser`` and ``feature``."""

    signal: SignalName
    like: tuple[float, ...] | str | None = None
    """The wanted intensities, or a CSV or .npy with them; of several CSV columns the last counts."""
    compare: Literal["cosine", "rms"] = "cosine"
    """``cosine`` ignores brightness and is maximised; ``rms`` is the root-mean-square difference and is minimised."""
    analyser: PluginRef | None = None
    feature: str = Field(default="", description="One of the names the analyser gives.")
    goal: Goal = "maximise"
    target: float | None = None
    unit: str = ""

    @model_validator(mode="after")
    def _has_one_purpose(self) -> Self:
        if (self.like is None) == (self.analyser is None):
            raise ValueError("give either like, a wanted spectrum, or analyser and feature")
        if self.analyser is not None:
            self.wanted_feature()
        return self

    def wanted_feature(self) -> FeatureSettings:
        shared = {name: getattr(self, name) for name in ("signal", "analyser", "feature", "goal", "target", "unit")}
        return FeatureSettings.model_validate(shared)

    def relative_to(self, folder: Path) -> Self:
        """Return a copy whose paths are relative to the campaign file's folder no more."""
        if isinstance(self.like, str):
            return self.model_copy(update={"like": str(folder / self.like)})
        return self if self.analyser is None else self.model_copy(update={"analyser": analyser_relative_to(self.analyser, folder)})


class SpectrumReward:
    """The score is a similarity to a wanted spectrum, or one feature of the measured one."""

    Settings: ClassVar[type[Value]] = SpectrumSettings

    def __init__(self, settings: SpectrumSettings) -> None:
        self._settings = settings
        self._feature = settings.wanted_feature() if settings.like is None else None
        self._analyser = None if self._feature is None else build_analyser(self._feature)
        self._wanted = None if settings.like is None else wanted_spectrum(settings.like)

    def objective(self) -> Objective:
        if self._feature is not None:
            return Objective(name=self._feature.feature, goal=self._feature.direction, unit=self._feature.unit)
        if self._settings.compare == "cosine":
            return Objective(name="similarity", goal="maximise")
        return Objective(name="difference", goal="minimise", unit=self._settings.unit)

    def signals(self) -> tuple[str, ...]:
        return (self._settings.signal,)

    def score(self, observation: Observation, arrays: Mapping[str, np.ndarray]) -> ObjectiveScore:
        if self._feature is not None and self._analyser is not None:
            return score_feature(self._feature, self._analyser, arrays, n_dimensions=1)
        measured = array_of(arrays, self._settings.signal, n_dimensions=1)
        compare = cosine_similarity if self._settings.compare == "cosine" else rms_difference
        return ObjectiveScore(value=compare(measured, np.asarray(self._wanted)))


def cosine_similarity(measured: np.ndarray, wanted: np.ndarray) -> float:
    """Return how alike two spectra are, whatever their brightness.

    Args:
        measured: Intensities, shape (channels,), counts.
        wanted: Intensities on the same axis, shape (channels,), counts.

    Returns:
        A number in [−1, 1], in [0, 1] for non-negative spectra; 1 when the shapes agree.

    Raises:
        RewardError: If the shapes differ or a spectrum is all zero.

    Source:
        The cosine of the angle between two vectors, ``a·b / (|a| |b|)``.
    """
    _require_same_shape(measured, wanted)
    length = float(np.linalg.norm(measured) * np.linalg.norm(wanted))
    if length == 0.0:
        raise RewardError("a spectrum of only zeros resembles nothing; check the detector, or compare: rms")
    return float(np.clip(np.dot(measured, wanted) / length, -1.0, 1.0))


def rms_difference(measured: np.ndarray, wanted: np.ndarray) -> float:
    """Return the root-mean-square difference, in the spectra's unit. Raises RewardError if the shapes, (channels,), differ."""
    _require_same_shape(measured, wanted)
    return float(np.sqrt(np.mean((measured - wanted) ** 2)))


def wanted_spectrum(like: tuple[float, ...] | str) -> np.ndarray:
    """Return the wanted intensities, shape (channels,).

    Raises:
        BadInput: If a file cannot be read or holds no finite spectrum.
    """
    wanted = np.asarray(like if isinstance(like, tuple) else _read(Path(like)), dtype=float)
    if wanted.size == 0 or not np.isfinite(wanted).all():
        raise BadInput(f"like = {like!r} holds no finite spectrum; give one number per channel")
    return wanted


def _read(path: Path) -> np.ndarray:
    try:
        table = (
            np.load(path, allow_pickle=False)
            if path.suffix == ".npy"
            else np.genfromtxt(path, delimiter=",", skip_header=_has_header(path))
        )
    except (OSError, ValueError) as error:
        raise BadInput(f"like = {path}: cannot be read as a spectrum ({error}); give a CSV or .npy file") from None
    return np.atleast_1d(table if table.ndim < 2 else table[:, -1])


def _has_header(path: Path) -> int:
    with path.open(encoding="utf-8-sig") as file:
        first = file.readline().split(",")[-1].strip()
    try:
        float(first)
    except ValueError:
        return 1
    return 0


def _require_same_shape(measured: np.ndarray, wanted: np.ndarray) -> None:
    if measured.shape != wanted.shape:
        raise RewardError(f"the spectrum has {measured.size} channels but the wanted one {wanted.size}; resample one of them")
