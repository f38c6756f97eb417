"""Who asks, and what they may do. Every route names its policy with ``allow``."""

from orchestrator.api.security.callers import Asking, Caller
from orchestrator.api.security.policies import allow

__all__ = ["Asking", "Caller", "allow"]
