"""Holds when an axis is not where the last trial left it."""

import math
from typing import ClassVar

from orchestrator.domain.base import Setting
from orchestrator.domain.campaign import Trial
from orchestrator.domain.protocols import ReviewContext
from orchestrator.domain.records import Answer, Verdict
from orchestrator.guardians.base import GuardianBase, tolerance_of, unit_of

_RELATIVE = 1e-6
"""Difference that counts as motion on axes without a tolerance."""


class MovedByAnotherGuardian(GuardianBase):
    """Somebody at the beamline may have good reasons: a person decides. Until a first place is recorded there is nothing to compare."""

    name: ClassVar[str] = "moved-by-another"

    def review(self, trial: Trial, context: ReviewContext) -> Verdict:
        left = context.state.last_positions
        if left is None:
            return self.allow()
        moved = [
            _show(name, left[name], now, context)
            for name, now in context.positions.items()
            if name in left and not _is_same(left[name], now, tolerance_of(name, context))
        ]
        if not moved:
            return self.allow()
        reason = f"{'; '.join(moved)}, outside any trial; find out why, then approve the trial or resume the campaign"
        return self.answer(Answer.HOLD, reason)


def _is_same(before: Setting, now: Setting, tolerance: float | None) -> bool:
    if isinstance(before, str) or isinstance(now, str):
        return before == now
    if tolerance is None:
        return math.isclose(before, now, rel_tol=_RELATIVE, abs_tol=_RELATIVE**2)
    return abs(now - before) <= tolerance


def _show(name: str, before: Setting, now: Setting, context: ReviewContext) -> str:
    unit = unit_of(name, context)
    return f"{name} moved from {_number(before)}{unit} to {_number(now)}{unit}"


def _number(setting: Setting) -> str:
    return setting if isinstance(setting, str) else f"{setting:.6g}"
