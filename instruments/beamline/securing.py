"""The safe state of a site, in force without a RunEngine."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from instruments.beamline.devices import find
from instruments.beamline.model import SafeState, SiteFile
from instruments.safety import Step, carry_out

_SECONDS = 5.0
_CAUSES = {"the engine is gone": "engine-gone", "recovery": "recovery", "stopped": "stopped", "aborted": "stopped"}


class Hands(Protocol):
    """What sets and stops a device, wherever it lives."""

    def set(self, device: Any, value: Any, seconds: float) -> None: ...

    def stop(self, device: Any) -> None: ...


def state_for(site: SiteFile, cause: str, lost: Sequence[str]) -> SafeState:
    """Return what is to be done for a cause: an interlock's own actions first, then the kind of cause, then the usual."""
    kind = _CAUSES.get(cause, "stopped" if cause.startswith("campaign-") or "interrupted by a person" in cause else "failure")
    for name in (*lost, kind):
        if name in site.safe_state_when:
            return site.safe_state_when[name]
    return site.safe_state


def secure(site: SiteFile, state: SafeState, axes: Mapping[str, Any], names: Mapping[str, Any], devices: Hands) -> tuple[str, ...]:
    """Carry it out, each step whatever the one before it did; return a phrase for each."""
    return carry_out(_steps(site, state, axes, names, devices))


def _steps(site: SiteFile, state: SafeState, axes: Mapping[str, Any], names: Mapping[str, Any], devices: Hands) -> list[Step]:
    steps: list[Step] = []
    if site.shutter is not None and state.shutter == "close":
        shutter = site.shutter
        steps.append(("closed the shutter", lambda: devices.set(find(names, shutter.device), shutter.closed, _SECONDS)))
    stopped = axes if state.stop == "all" else {name: axes[name] for name in state.stop}
    for name, axis in stopped.items():
        if name in state.keep:
            steps.append((f"left {name} as it is", lambda: None))
        else:
            steps.append((f"stopped {name}", lambda axis=axis: devices.stop(axis)))
    for name, value in state.set.items():
        steps.append((f"set {name} to {value}", lambda name=name, value=value: devices.set(find(names, name), value, _SECONDS)))
    return steps
