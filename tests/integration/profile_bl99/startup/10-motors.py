import os

from ophyd import Component as Cpt
from ophyd import Device, EpicsMotor
from ophyd.sim import SynAxis

PREFIX = os.environ.get("BL99_PREFIX", "BL99:")


class Mirror(Device):
    pitch = Cpt(EpicsMotor, "MIR:PITCH")
    roll = Cpt(EpicsMotor, "MIR:ROLL")


m1 = Mirror(PREFIX, name="m1")
stage_x = SynAxis(name="stage_x", labels={"motors"}, delay=0)
stage_y = SynAxis(name="stage_y", labels={"motors"}, delay=0)
furnace = SynAxis(name="furnace", labels={"motors"}, delay=0)
