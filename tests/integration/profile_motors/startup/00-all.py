import os

from bluesky import RunEngine
from bluesky.callbacks.zmq import Publisher
from bluesky.plans import scan  # noqa: F401
from ophyd import EpicsMotor, EpicsSignalRO

RE = RunEngine({})
RE.subscribe(Publisher(os.environ["QS_DOCUMENTS"]))

pitch = EpicsMotor("QUEUED:MIR:PITCH", name="pitch", labels={"motors"})
roll = EpicsMotor("QUEUED:MIR:ROLL", name="roll", labels={"motors"})
current = EpicsSignalRO("QUEUED:BEAM:CURRENT", name="current", labels={"detectors"})
