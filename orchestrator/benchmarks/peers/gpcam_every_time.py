"""gpCAM with expected improvement, trained anew after every measurement: what its users do who can wait."""

from collections.abc import Mapping

from orchestrator.benchmarks.peers import gpcam_optimizer
from orchestrator.benchmarks.peers.gpcam_optimizer import POOL, refusal
from orchestrator.benchmarks.tasks import Goal
from orchestrator.domain.space import Space

__all__ = ["POOL", "make", "refusal"]


def make(space: Space, objectives: Mapping[str, Goal], seed: int, reference: tuple[float, float] | None) -> "GpcamEveryTime":
    return GpcamEveryTime(space, objectives, seed)


class GpcamEveryTime(gpcam_optimizer.GpcamOptimizer):
    """Maximises: gpCAM's expected improvement looks upwards."""

    ACQUISITION = "expected improvement"
    TRAINING: Mapping[str, object] = {}

    def __init__(self, space: Space, objectives: Mapping[str, Goal], seed: int) -> None:
        super().__init__(space, objectives, seed)
        self._sign = -self._sign

    def _is_trained_at(self, n: int) -> bool:
        return True
