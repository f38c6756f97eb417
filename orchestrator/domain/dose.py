"""How much dose a sample receives: what the instrument says of it, and what a trial is expected to add."""

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from orchestrator.domain.base import Value

if TYPE_CHECKING:
    from orchestrator.domain.campaign import CampaignState


class DoseRule(Value):
    """Dose is ``factor``, times what ``signal`` reads where one is named, times the seconds that the shutter was open."""

    factor: float = Field(gt=0, allow_inf_nan=False)
    """What a second of open shutter gives, in ``unit``; with a signal, what one unit of its reading gives in a second."""
    per: Literal["second", "trial"] = "second"
    """``trial`` where the reading is a total already, such as the counts of an ion chamber, or each trial gives the same."""
    signal: str | None = None
    """A scalar signal of the instrument, such as the flux."""
    unit: str = ""

    def of(self, exposure_s: float, reading: float | None) -> float | None:
        """Return the dose of one exposure; None where the signal gave no number. A reading below 0 is a detector's offset."""
        seconds = exposure_s if self.per == "second" else 1.0
        if seconds == 0.0 or self.signal is None:
            return self.factor * seconds
        return None if reading is None else self.factor * max(0.0, reading) * seconds


def expected_dose(state: "CampaignState", exposure_s: float) -> float:
    """Return the dose that an exposure will add: by the instrument's rule, else at the rate seen so far; 0 before any tells."""
    rule = state.instrument.dose
    if rule is not None and rule.signal is None:
        return rule.of(exposure_s, None) or 0.0
    if rule is not None and rule.per == "trial":
        return state.dose / state.n_counted if state.n_counted else 0.0
    return state.dose / state.exposure_s * exposure_s if state.exposure_s else 0.0
