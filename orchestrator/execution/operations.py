"""The operations on images and counts. Pure: readings in, a signal out; what may not be believed becomes a remark."""

import math

import numpy as np

from orchestrator.domain.errors import InstrumentError
from orchestrator.domain.operations import Dark, DeadTime, RoiSum
from orchestrator.execution.quantities import Readings, Signal, is_finite


def roi_sum(name: str, operation: RoiSum, source: Readings) -> Signal:
    """Return what lies inside the region, all frames added up.

    Args:
        name: The signal's, for what is said.
        operation: Region and gain.
        source: Images, shape (frames, rows, columns), or spectra, shape (readings, channels).

    Raises:
        InstrumentError: If the region lies outside; names it and the size.
    """
    region = _region(name, operation, source.values)
    inside = source.values[region]
    if not is_finite(inside):
        return Signal(None, remark=f"{name}: {operation.of} holds pixels that are not finite in the region; mask them or choose another")
    if operation.saturation is not None and inside.max() >= operation.saturation:
        told = f"{name}: a pixel of {operation.of} reads {inside.max():g}, and saturates at {operation.saturation:g}"
        return Signal(None, remark=f"{told}; shorten the exposure or attenuate the beam")
    total = float(inside.sum(dtype=float))
    if source.sd is not None:
        return Signal(total, float(np.sqrt(np.square(source.sd[region]).sum())))
    # Zero counts are not zero without doubt: one count's worth is the least sd.
    return Signal(total, None if operation.gain is None else math.sqrt(operation.gain * max(abs(total), operation.gain)))


def _region(name: str, operation: RoiSum, values: np.ndarray) -> tuple[slice, ...]:
    if values.ndim not in (2, 3):
        shape = values.shape[1:]
        raise InstrumentError(f"{name}: {operation.of} has shape {shape} at each reading; a region is taken of an image or a spectrum")
    sizes = {"x": values.shape[-1], **({"y": values.shape[-2]} if values.ndim == 3 else {})}
    wanted = {"x": operation.x, "y": operation.y}
    for axis, bounds in wanted.items():
        if bounds is not None and axis not in sizes:
            raise InstrumentError(f"{name}: {operation.of} is a spectrum and has no {axis}; leave {axis} out")
        if bounds is not None and bounds[1] > sizes[axis]:
            raise InstrumentError(f"{name}: {axis} = {list(bounds)} leaves {operation.of}, which has {sizes[axis]} pixels along {axis}")
    return (slice(None), *(slice(*(wanted[axis] or (0, size))) for axis, size in reversed(sizes.items())))


def dead_time(name: str, operation: DeadTime, counts: Readings, seconds: np.ndarray) -> Signal:
    """Return the true rate, or counts; of several readings, their mean.

    Args:
        name: The signal's, for what is said.
        operation: Dead time and what to give.
        counts: Shape (readings,).
        seconds: How long each was counted, shape (readings,) or (1,).
    """
    if not is_finite(counts.values) or (counts.values < 0).any() or not is_finite(seconds) or (seconds <= 0).any():
        return Signal(None, remark=f"{name}: {operation.of} or its exposure is negative, zero or not finite; check the detector")
    dead = counts.values / seconds * operation.tau_s
    if (dead > operation.most_dead).any():
        told = (
            f"{name}: {operation.of} counts {float((counts.values / seconds).max()):g} a second and was busy {dead.max():.0%} of the time"
        )
        return Signal(None, remark=f"{told}, above {operation.most_dead:.0%}; attenuate the beam, or raise most_dead")
    scale = 1.0 / seconds if operation.gives == "rate" else np.ones_like(seconds)
    sd = np.sqrt(np.maximum(counts.values, 1.0)) if counts.sd is None else counts.sd
    sds = sd * scale / (1.0 - dead) ** 2
    return Signal(float((counts.values * scale / (1.0 - dead)).mean()), float(np.sqrt(np.square(sds).sum())) / counts.values.size)


def dark(name: str, operation: Dark, source: Readings, taken_off: Readings) -> Signal:
    """Return the mean of the readings less the mean of the dark ones: a number, or an image pixel by pixel.

    Raises:
        InstrumentError: If they have different shapes.
    """
    light, light_sd = _mean(source, operation.gain)
    background, background_sd = _mean(taken_off, operation.gain)
    if light.shape != background.shape:
        raise InstrumentError(f"{name}: {operation.of} has shape {light.shape}, and its dark {background.shape}; take a new dark")
    net = light - background
    if net.ndim == 0 and not math.isfinite(net):
        return Signal(None, remark=f"{name}: {operation.of} or its dark is not finite; check the detector")
    sd = None if light_sd is None or background_sd is None else np.hypot(light_sd, background_sd)
    if net.ndim == 0:
        return Signal(float(net), None if sd is None else float(sd))
    return Signal(net, sd)


def _mean(readings: Readings, gain: float | None) -> tuple[np.ndarray, np.ndarray | None]:
    """Return mean and its sd: of counting, of the readings' own, or of the scatter of several numbers."""
    values = np.asarray(readings.values, dtype=float)
    n = len(values)
    if gain is not None and readings.sd is None:
        # One count's worth is the least sd: zero counts are not zero without doubt.
        return values.mean(axis=0), np.sqrt(gain * np.maximum(values.sum(axis=0), gain)) / n
    if readings.sd is not None:
        return values.mean(axis=0), np.sqrt(np.square(readings.sd).sum(axis=0)) / n
    return values.mean(axis=0), None if n < 2 else values.std(axis=0, ddof=1) / math.sqrt(n)
