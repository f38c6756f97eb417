"""A stage with two axes and a counter, and trials on it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from orchestrator.domain.base import Setting
from orchestrator.domain.campaign import CampaignState, Trial
from orchestrator.domain.instrument import AxisDescription, InstrumentDescription, InterlockDescription, SignalDescription
from orchestrator.domain.protocols import ReviewContext
from orchestrator.domain.records import Breach, Evidence, Observation, TrialKind
from orchestrator.domain.space import Continuous, Space
from orchestrator.domain.spec import CampaignSpec

NOW = datetime(2026, 3, 1, 23, 0, tzinfo=UTC)

STAGE = InstrumentDescription(
    identity="test:stage",
    axes={
        "x": AxisDescription(parameter=Continuous(limits=(0.0, 20.0), unit="mm", tolerance=0.5), field="x"),
        "y": AxisDescription(parameter=Continuous(limits=(0.0, 20.0), unit="mm"), field="y"),
    },
    signals={
        "counts": SignalDescription(field="counts", unit="1/s", saturation=1000.0),
        "camera": SignalDescription(field="camera", kind="image"),
    },
    interlocks={"ring_current": InterlockDescription(lower=50.0, unit="mA")},
)

SPACE = Space(parameters={"x": Continuous(limits=(0.0, 10.0), unit="mm", tolerance=0.01), "y": Continuous(limits=(0.0, 10.0), unit="mm")})


def a_trial(kind: TrialKind = TrialKind.AGENT, number: int = 1, **point: Setting) -> Trial:
    return Trial(number=number, kind=kind, point=point, agent="scripted", role="agent", based_on=1, evidence=Evidence(), suggested_at=NOW)


def an_observation(
    *,
    setpoint: Mapping[str, Setting] | None = None,
    readback: Mapping[str, Setting] | None = None,
    readings: Mapping[str, float | None] | None = None,
    breaches: Sequence[Breach] = (),
    trial: int = 1,
    **point: Setting,
) -> Observation:
    """Return an observation at a point, read back as it was set unless told otherwise."""
    setpoint = point if setpoint is None else setpoint
    return Observation(
        trial=trial,
        attempt=1,
        setpoint=setpoint,
        readback=setpoint if readback is None else readback,
        readings={"counts": 10.0} if readings is None else readings,
        breaches=tuple(breaches),
        started_at=NOW,
        finished_at=NOW + timedelta(seconds=1),
    )


def a_breach() -> Breach:
    return Breach(interlock="ring_current", value=12.5, at=NOW)


def a_context(
    *,
    positions: Mapping[str, Setting] | None = None,
    space: Space = SPACE,
    instrument: InstrumentDescription = STAGE,
    budget: Mapping[str, Any] | None = None,
    exposure: float = 0.0,
    signals: Sequence[str] = ("counts",),
    **state: Any,
) -> ReviewContext:
    """Return what a guardian is shown; ``state`` replaces fields of the campaign's state."""
    spec = CampaignSpec.model_validate(
        {
            "name": "scene",
            "instrument": "dataset",
            "reward": {"signal": "counts"},
            "budget": budget or {"trials": 10},
            "measure": {"exposure": exposure, "signals": list(signals)},
        }
    )
    bare = CampaignState(spec=spec, instrument=instrument, objectives=())
    return ReviewContext(state=replace(bare, **state), space=space, instrument=instrument, positions=positions or {}, now=NOW)


def measured(number: int, **point: Setting) -> Trial:
    """Return a trial that was measured at a point."""
    return replace(a_trial(number=number, **point), observation=an_observation(trial=number, **point))
