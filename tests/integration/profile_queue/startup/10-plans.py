import bluesky.plan_stubs as bps
import bluesky.preprocessors as bpp


def peak_scan(detectors, motor, width: float, num: int = 11):
    """Scan a motor around where it stands, and come back."""
    return (yield from rel_scan(detectors, motor, -width / 2, width / 2, num))


def slow_count(detectors, motor, position: float, seconds: float):
    """Move, wait, count."""

    def inner():
        yield from bps.mv(motor, position)
        yield from bps.checkpoint()
        yield from bps.sleep(seconds)
        yield from bps.trigger_and_read([*detectors, motor])

    return (yield from bpp.run_wrapper(inner()))


def broken(detectors):
    """Fail before anything is read."""
    yield from bps.null()
    raise RuntimeError("the cryostat said no")
