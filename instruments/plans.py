"""The plan every instrument shares: measure one point in one run.

One attempt is one run. The run opens before anything moves, so that its start document names the trial while the
motion is still an intent; it is never rewound, so that Bluesky cannot repeat a motion or an exposure that the ledger
does not know of.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Any

from instruments.declaring import declare_early
from instruments.exposing import expose
from orchestrator.domain.base import Setting
from orchestrator.domain.errors import InstrumentError
from orchestrator.domain.instrument import MeasureRequest

Plan = Generator[Any, Any, Any]
"""A Bluesky plan: messages out, responses in."""


def measure_point(
    axes: Mapping[str, Any],
    detectors: Sequence[Any],
    request: MeasureRequest,
    *,
    shutter: Any = None,
    shutter_states: tuple[Setting, Setting] = ("open", "closed"),
    baseline: Sequence[Any] = (),
) -> Plan:
    """Return a plan that moves to the request's point and reads it once, into stream ``primary``.

    Axes are read together with the detectors, so the event carries readbacks, and setpoints where an axis has them.
    Without a checkpoint to go back to, a pause becomes an abort: Nightshift then measures again, on record.

    Args:
        axes: Movable and readable devices by axis name; those the point does not name are read where they stand.
        detectors: Readable devices; those that can be triggered are, all at once.
        request: What to measure; its ids and metadata enter the start document.
        shutter: Opened for the reading only, and closed whatever happens, even before it was ever opened.
        shutter_states: What to set the shutter to: (open, closed).
        baseline: Devices read at the run's start and end, into stream ``baseline``.

    Raises:
        InstrumentError: Before anything moves, if the point names an axis that does not exist.
    """
    from bluesky import plan_stubs as bps
    from bluesky import preprocessors as bpp

    _require_axes(axes, request)
    start_metadata = start_document(axes, detectors, request)
    opened, closed = shutter_states
    devices = [*detectors, *axes.values()]

    def move_and_read() -> Plan:
        yield from _move(axes, request.point, meanwhile=lambda: declare_early(devices))
        yield from expose(detectors, request.exposure_s)
        if shutter is not None:
            yield from bps.mv(shutter, opened)
        yield from bps.trigger_and_read(devices, name="primary")

    def close_shutter() -> Plan:
        if shutter is not None:
            yield from bps.mv(shutter, closed)
        else:
            yield from bps.null()

    def one_run() -> Plan:
        inner = bpp.finalize_wrapper(move_and_read(), close_shutter)
        inner = bpp.run_wrapper(inner, md=start_metadata)
        return (yield from bpp.baseline_wrapper(inner, list(baseline)))

    yield from bps.clear_checkpoint()
    return (yield from bpp.stage_wrapper(one_run(), devices))


def start_document(axes: Mapping[str, Any], detectors: Sequence[Any], request: MeasureRequest) -> dict[str, Any]:
    """Return what the start document says beside Bluesky's own keys."""
    return {
        **request.start_metadata(),
        "plan_name": "measure_point",
        "detectors": [detector.name for detector in detectors],
        "motors": [axes[name].name for name in request.point],
    }


def _require_axes(axes: Mapping[str, Any], request: MeasureRequest) -> None:
    unknown = [name for name in request.point if name not in axes]
    if unknown:
        raise InstrumentError(f"no axis is called {', '.join(unknown)}; the instrument has {', '.join(axes)}; rename it in space")


def _move(axes: Mapping[str, Any], point: Mapping[str, Setting], meanwhile: Callable[[], Plan]) -> Plan:
    """Move every named axis at once and wait for all; as soon as they move, do what needs no axis to stand still."""
    from bluesky import plan_stubs as bps
    from bluesky import preprocessors as bpp

    pairs = [part for name, setting in point.items() for part in (axes[name], setting)]

    def before_waiting(message: Any) -> tuple[Plan | None, None]:
        return (_both(meanwhile(), message), None) if message.command == "wait" else (None, None)

    yield from bpp.plan_mutator(bps.mv(*pairs), before_waiting) if pairs else bps.null()


def _both(plan: Plan, message: Any) -> Plan:
    yield from plan
    return (yield message)
