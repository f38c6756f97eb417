"""Why this point, and why it stopped: plain sentences from the ledger alone."""

from orchestrator.explanations.why_it_stopped import why_it_stopped
from orchestrator.explanations.why_this_point import why_this_point

__all__ = ["why_it_stopped", "why_this_point"]
