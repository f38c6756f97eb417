"""A feature of a camera image, such as the beam's size or its offset from a target pixel."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from orchestrator.domain.base import Value
from orchestrator.domain.records import Objective, ObjectiveScore, Observation
from orchestrator.domain.spec import Plugin, PluginRef
from rewards.feature import FeatureSettings, build_analyser, score_feature


class ImageSettings(FeatureSettings):
    """Which feature of which image, and what to do with it."""

    analyser: PluginRef = Plugin(type="image-moments")


class ImageReward:
    """The score is one feature of an image, or its distance from a target."""

    Settings: ClassVar[type[Value]] = ImageSettings

    def __init__(self, settings: ImageSettings) -> None:
        self._settings = settings
        self._analyser = build_analyser(settings)

    def objective(self) -> Objective:
        return Objective(name=self._settings.feature, goal=self._settings.direction, unit=self._settings.unit)

    def signals(self) -> tuple[str, ...]:
        return (self._settings.signal,)

    def score(self, observation: Observation, arrays: Mapping[str, np.ndarray]) -> ObjectiveScore:
        return score_feature(self._settings, self._analyser, arrays, n_dimensions=2)
