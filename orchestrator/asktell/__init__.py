"""An agent without an instrument or an engine: ask it for points in your own loop, and tell it what they were worth."""

from orchestrator.asktell.loop import AskTell
from orchestrator.asktell.state import AskTellState, Best, Outcome, Told

__all__ = ["AskTell", "AskTellState", "Best", "Outcome", "Told"]
