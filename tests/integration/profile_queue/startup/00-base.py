import os

from bluesky import RunEngine
from bluesky.callbacks.zmq import Publisher
from bluesky.plans import count, rel_scan, scan  # noqa: F401
from ophyd.sim import SynAxis, SynSignal

RE = RunEngine({})
if "QS_DOCUMENTS" in os.environ:
    RE.subscribe(Publisher(os.environ["QS_DOCUMENTS"]))

stage_x = SynAxis(name="stage_x", labels={"motors"}, delay=0)
diode = SynSignal(func=lambda: 1000.0 - 10.0 * (stage_x.position - 2.0) ** 2, name="diode", labels={"detectors"})
