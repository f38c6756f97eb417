"""The beam in the site file: when it is there, how long after its return nothing may be measured, and top-up injection."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, model_validator

from orchestrator.domain.base import Duration, Value
from orchestrator.domain.instrument import InterlockDescription

if TYPE_CHECKING:
    from instruments.beamline.suspending import Watched

Device = str


class TopUp(Value):
    """Injection while users have beam: orbit and intensity are disturbed for a moment."""

    injecting: Device | None = None
    """A signal in the profile that is not zero while the injection lasts."""
    countdown: Device | None = None
    """Or one that tells the seconds until the next injection."""
    pv: str | None = None
    """What is watched in its place where a queueserver has the profile."""
    before: Duration = Field(default=2.0, gt=0)
    """With a countdown: no trial begins with less than this left. Give the longest exposure where none may meet an injection."""
    wait: Duration = 0.0
    """After an injection, until the next trial may begin."""
    reading: Literal["re-measure", "keep"] = "re-measure"
    """What becomes of a reading during which an injection began."""

    @model_validator(mode="after")
    def _is_told(self) -> "TopUp":
        if (self.injecting is None) == (self.countdown is None):
            raise ValueError(
                "give injecting, a signal that is not zero during an injection, or countdown, the seconds until the next; one of them"
            )
        return self


class Beam(Value):
    """An interlock of its own, which campaigns call ``beam``."""

    signal: Device
    """A signal in the profile, such as the ring current. Every value it sends is heard, so that no dip is too short to be seen."""
    pv: str | None = None
    """What is watched in its place where a queueserver has the profile."""
    at_least: float
    unit: str = ""
    wait_after_return: Duration = Field(default=0.0, ge=0, le=86400.0)
    """For the optics to settle once the beam is back. Routines ``after: beam-return`` come next, then the interrupted trial."""
    short_loss: Duration = 1.0
    """A loss no longer than this spoils a reading and is not waited for: nothing cooled."""
    top_up: TopUp | None = None


def beam_interlock(beam: Beam, signal: Any) -> "Watched":
    """Return the beam as an interlock."""
    from instruments.beamline.suspending import Watched

    def problem(value: Any) -> str:
        return (
            ""
            if float(value) >= beam.at_least
            else f"{signal.name} = {float(value):g} {beam.unit}".rstrip() + f"; at least {beam.at_least:g} {beam.unit} is needed".rstrip()
        )

    described = InterlockDescription(lower=beam.at_least, unit=beam.unit, meaning="the beam is there and has settled", role="beam")
    return Watched("beam", described, signal, problem, beam.wait_after_return, short_loss=beam.short_loss, is_worse=_is_lower)


def top_up_interlock(top_up: TopUp, signal: Any) -> "Watched":
    """Return injections as an interlock: no trial begins during one, or shortly before it."""
    from instruments.beamline.suspending import Watched

    def problem(value: Any) -> str:
        if top_up.countdown is None:
            return f"{signal.name} = {value}: an injection" if float(value) else ""
        left_s = float(value)
        return "" if left_s > top_up.before else f"{signal.name} = {left_s:g} s to an injection; more than {top_up.before:g} s are needed"

    described = InterlockDescription(meaning="no injection", role="top-up", spoils=top_up.reading == "re-measure")
    return Watched("top-up", described, signal, problem, top_up.wait)


def beam_interlocks(beam: Beam | None, find: Callable[[str, str | None], Any]) -> "dict[str, Watched]":
    """Return what a site file says of the beam, as interlocks by name.

    Args:
        beam: As written; None gives none.
        find: Returns a signal, given its name in the profile and its PV.
    """
    if beam is None:
        return {}
    watched = {"beam": beam_interlock(beam, find(beam.signal, beam.pv))}
    top_up = beam.top_up
    if top_up is None:
        return watched
    return {**watched, "top-up": top_up_interlock(top_up, find(top_up.injecting or top_up.countdown or "", top_up.pv))}


def _is_lower(value: Any, than: Any) -> bool:
    return float(value) < float(than)
