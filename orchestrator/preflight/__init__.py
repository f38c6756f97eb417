"""What a campaign asks, held against what its instrument can do, before anything is recorded or moved."""

from orchestrator.preflight.asked import check_exposure, check_safe_start, check_spec, require_dose
from orchestrator.preflight.candidates import read_candidates
from orchestrator.preflight.derived import needed
from orchestrator.preflight.plan_calls import check_plan, fitted, signals_of
from orchestrator.preflight.routines import check_routines, with_kinds
from orchestrator.preflight.spaces import resolve_space

__all__ = [
    "check_exposure",
    "check_plan",
    "check_routines",
    "check_safe_start",
    "check_spec",
    "fitted",
    "needed",
    "read_candidates",
    "require_dose",
    "resolve_space",
    "signals_of",
    "with_kinds",
]
