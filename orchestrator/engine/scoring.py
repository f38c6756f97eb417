"""What all rewards together make of an observation."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from orchestrator.domain.errors import RewardError
from orchestrator.domain.ports import Artefacts, Frames
from orchestrator.domain.protocols import Reward
from orchestrator.domain.records import Objective, ObjectiveScore, Observation


@dataclass(frozen=True, slots=True)
class Judge:
    """A campaign's rewards by objective name, and where their spectra and images lie."""

    rewards: Mapping[str, Reward]
    artefacts: Artefacts
    frames: Frames | None = None
    """Reads what detectors wrote into files, in a process of its own: never in the engine's."""

    def objectives(self) -> tuple[Objective, ...]:
        return tuple(reward.objective().model_copy(update={"name": name}) for name, reward in self.rewards.items())

    def score(self, observation: Observation) -> Mapping[str, ObjectiveScore]:
        """Return what is told at once, by objective; those that an analysis tells later are left out.

        Raises:
            RewardError: If a reward cannot judge the observation.
            ArtefactMissing: If a spectrum or image is gone.
            FramesUnreadable: If a detector's file is.
        """
        arrays = dict(self._arrays(observation))
        scores: dict[str, ObjectiveScore] = {}
        for name, reward in self.rewards.items():
            score = reward.score(observation, arrays)
            if score is not None:
                scores[name] = score
            elif reward.objective().later is None:
                raise RewardError(f"reward {name!r} gave no score, and does not say that it answers later; mend its score()")
        return scores

    def _arrays(self, observation: Observation) -> Iterator[tuple[str, np.ndarray]]:
        """Yield what the rewards need; images in files are large, and those that nobody asks for stay there."""
        for name, ref in observation.arrays.items():
            yield name, self.artefacts.get_array(ref)
        wanted = {signal for reward in self.rewards.values() for signal in reward.signals()}
        for name, refs in observation.files.items():
            if name in wanted and self.frames is not None:
                yield name, self.frames.read(refs).array
