"""Nightshift: an autonomous experiment orchestrator for self-driving labs."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from orchestrator.asktell import AskTell
    from orchestrator.notebook import load

__all__ = ["AskTell", "load"]


def __getattr__(name: str) -> Any:
    """Import what is asked for, and only then: every command imports this package."""
    if name == "AskTell":
        from orchestrator.asktell import AskTell

        return AskTell
    if name == "load":
        from orchestrator.notebook import load

        return load
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
