"""The rewards a campaign names: whoever only looks at a recorded campaign needs nothing else of its parts."""

from collections.abc import Mapping

from orchestrator import plugins
from orchestrator.domain.errors import SpecError
from orchestrator.domain.protocols import Reward
from orchestrator.domain.spec import CampaignSpec


def build_rewards(spec: CampaignSpec) -> Mapping[str, Reward]:
    """Return the rewards by objective name, in the spec's order.

    Raises:
        SpecError: If two objectives share a name, or a setting is wrong.
    """
    rewards: dict[str, Reward] = {}
    for plugin in spec.rewards:
        reward: Reward = plugins.build("reward", plugin)
        name = plugin.name or reward.objective().name
        if name in rewards:
            raise SpecError(f"two rewards are called {name!r}; give each its own name: rewards: [{{name: …}}, …]")
        rewards[name] = reward
    return rewards
