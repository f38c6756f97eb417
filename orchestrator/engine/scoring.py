"""What all rewards together make of an observation."""

from collections.abc import Mapping
from dataclasses import dataclass

from orchestrator.domain.errors import RewardError
from orchestrator.domain.ports import Artefacts
from orchestrator.domain.protocols import Reward
from orchestrator.domain.records import Objective, ObjectiveScore, Observation


@dataclass(frozen=True, slots=True)
class Judge:
    """A campaign's rewards by objective name, and where their spectra and images lie."""

    rewards: Mapping[str, Reward]
    artefacts: Artefacts

    def objectives(self) -> tuple[Objective, ...]:
        return tuple(reward.objective().model_copy(update={"name": name}) for name, reward in self.rewards.items())

    def score(self, observation: Observation) -> Mapping[str, ObjectiveScore]:
        """Return what is told at once, by objective; those that an analysis tells later are left out.

        Raises:
            RewardError: If a reward cannot judge the observation.
            ArtefactMissing: If a spectrum or image is gone.
        """
        arrays = {name: self.artefacts.get_array(ref) for name, ref in observation.arrays.items()}
        scores: dict[str, ObjectiveScore] = {}
        for name, reward in self.rewards.items():
            score = reward.score(observation, arrays)
            if score is not None:
                scores[name] = score
            elif reward.objective().later is None:
                raise RewardError(f"reward {name!r} gave no score, and does not say that it answers later; mend its score()")
        return scores
