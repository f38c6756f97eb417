"""The one place that wires parts together: what the command line, and later the API, call."""

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
