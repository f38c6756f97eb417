import bluesky.plan_stubs as bps
from bluesky.plans import count, rel_scan, scan  # noqa: F401


def peak_scan(detectors, motor, width: float, num: int = 11):
    """Scan a motor around where it stands, and come back."""
    return (yield from rel_scan(detectors, motor, -width / 2, width / 2, num))


def open_shutter():
    yield from bps.mv(shutter, "open")


def two_runs(detectors):
    yield from count(detectors)
    yield from count(detectors)
