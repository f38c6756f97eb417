"""What the simulated beamline offers besides measuring a point: darks, and steering the optics back to where they were aligned."""

from collections.abc import Callable, Generator, Mapping
from typing import Any

from ophyd.status import Status

from instruments.simulated.devices import SimulatedDetector
from instruments.simulated.live import LiveWorld
from instruments.simulated.offered import STEERING_SECONDS
from orchestrator.domain.errors import InstrumentError
from orchestrator.domain.instrument import MeasureRequest
from orchestrator.wording import choose_from

Plan = Generator[Any, Any, Any]


class Steering:
    """Brings the optics back to where they were before heat pulled at them. Movable: set it to anything."""

    name = "steering"
    parent = None

    def __init__(self, live: LiveWorld) -> None:
        self._live = live

    def set(self, _value: Any) -> Status:
        status = Status(self, timeout=None)

        def steer() -> None:
            self._live.do(lambda world, now: world.steer(now))
            status.set_finished()

        self._live.after(STEERING_SECONDS, steer)
        return status


def routine(request: MeasureRequest, live: LiveWorld, detector: SimulatedDetector) -> Plan:
    """Return the plan a request names.

    Raises:
        InstrumentError: If there is none of that name.
    """
    assert request.plan is not None
    plans: Mapping[str, Callable[[], Plan]] = {
        "take_dark": lambda: _take_dark(detector),
        "realign": lambda: _realign(Steering(live), detector),
    }
    if request.plan.name not in plans:
        raise InstrumentError(f"the simulated beamline has no plan {request.plan.name!r}; {choose_from(request.plan.name, plans)}")
    from bluesky import preprocessors as bpp

    metadata = {**request.start_metadata(), "plan_name": request.plan.name}
    return (yield from bpp.stage_wrapper(bpp.run_wrapper(plans[request.plan.name](), md=metadata), [detector]))


def _take_dark(detector: SimulatedDetector) -> Plan:
    from bluesky import plan_stubs as bps

    detector.is_dark = True
    try:
        yield from bps.trigger_and_read([detector], name="primary")
    finally:
        detector.is_dark = False


def _realign(steering: Steering, detector: SimulatedDetector) -> Plan:
    """Steer, then read once, so that the run shows what came of it."""
    from bluesky import plan_stubs as bps

    device: Any = steering
    yield from bps.mv(device, 0.0)
    yield from bps.trigger_and_read([detector], name="primary")
