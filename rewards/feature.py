"""What image and spectrum rewards share: one feature of an array, found by an analyser."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from pydantic import Field

from orchestrator import plugins
from orchestrator.domain.errors import RewardError, SpecError
from orchestrator.domain.protocols import Analyser
from orchestrator.domain.records import ObjectiveScore
from orchestrator.domain.spec import Plugin, PluginRef
from rewards.judging import Aim, SignalName, array_of


class FeatureSettings(Aim):
    """Which feature of which signal, and what to do with it."""

    signal: SignalName
    analyser: PluginRef
    feature: str = Field(min_length=1)
    """One of the names the analyser gives."""
    unit: str = ""
    """Shown beside the score."""


def build_analyser(settings: FeatureSettings) -> Analyser:
    """Return the analyser a reward names.

    Raises:
        SpecError: If the analyser knows its features and the wanted one is not among them.
    """
    analyser = plugins.build("analyser", settings.analyser)
    names = getattr(analyser, "FEATURES", (settings.feature,))
    if settings.feature not in names:
        raise SpecError(f"analyser {settings.analyser.type} gives no feature {settings.feature!r}; choose from {', '.join(names)}")
    return analyser


def analyser_relative_to(analyser: Plugin, folder: Path) -> Plugin:
    """Return an analyser whose settings hold absolute paths only."""
    settings = plugins.settings_of("analyser", analyser)
    if not hasattr(settings, "relative_to"):
        return analyser
    absolute = settings.relative_to(folder).model_dump(mode="json", exclude_unset=True)
    return Plugin.model_validate({"type": analyser.type, **absolute})


def score_feature(settings: FeatureSettings, analyser: Analyser, arrays: Mapping[str, np.ndarray], *, n_dimensions: int) -> ObjectiveScore:
    """Return the score of the wanted feature.

    Raises:
        RewardError: If the array is missing or has no such feature.
    """
    features = analyser.features(array_of(arrays, settings.signal, n_dimensions=n_dimensions))
    if settings.feature not in features:
        found = ", ".join(features)
        raise RewardError(f"{settings.signal!r} has no feature {settings.feature!r}; {settings.analyser.type} gives {found}")
    return ObjectiveScore(value=settings.score(features[settings.feature]))
