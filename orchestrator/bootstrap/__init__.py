"""The one place that wires parts together: what the command line, and later the API, call."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from orchestrator.bootstrap.campaigns import run
    from orchestrator.bootstrap.checking import CheckReport, check
    from orchestrator.bootstrap.creating import create
    from orchestrator.bootstrap.ordering import Ordered, has_runner, order
    from orchestrator.bootstrap.outcome import Outcome, Switch
    from orchestrator.bootstrap.reading import VerifyReport, export, find, load_events, load_state, report, verify
    from orchestrator.bootstrap.replaying import ReplayReport, replay
    from orchestrator.bootstrap.resuming import resume
    from orchestrator.bootstrap.workplace import Workplace, open_workplace

__all__ = [
    "CheckReport",
    "Ordered",
    "Outcome",
    "ReplayReport",
    "Switch",
    "VerifyReport",
    "Workplace",
    "check",
    "create",
    "export",
    "find",
    "has_runner",
    "load_events",
    "load_state",
    "open_workplace",
    "order",
    "replay",
    "report",
    "resume",
    "run",
    "verify",
]

_MODULES = {
    "CheckReport": "checking",
    "Ordered": "ordering",
    "Outcome": "outcome",
    "ReplayReport": "replaying",
    "Switch": "outcome",
    "VerifyReport": "reading",
    "Workplace": "workplace",
    "check": "checking",
    "create": "creating",
    "export": "reading",
    "find": "reading",
    "has_runner": "ordering",
    "load_events": "reading",
    "load_state": "reading",
    "open_workplace": "workplace",
    "order": "ordering",
    "replay": "replaying",
    "report": "reading",
    "resume": "resuming",
    "run": "campaigns",
    "verify": "reading",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for, and only then: who lists campaigns needs nothing of what runs them."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
