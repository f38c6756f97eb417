"""The devices a site lends to campaigns: made once, in the instrument process, never named in a campaign file."""

from instruments.site import Interlock, SiteDevices


def devices() -> SiteDevices:
    """Return a stage and a diode that likes 2 mm. At a beamline, put ``EpicsMotor("BL:M1", name="stage_x")`` and the like here."""
    from ophyd import Signal
    from ophyd.sim import SynAxis, SynSignal

    stage = SynAxis(name="stage_x", delay=0)
    diode = SynSignal(func=lambda: 1000.0 - (stage.position - 2.0) ** 2, name="diode")
    ring = Signal(name="ring_current", value=200.0)
    return SiteDevices(
        axes={"x": stage},
        detectors=[diode],
        interlocks={"ring": Interlock(ring, lower=150.0, unit="mA", meaning="the storage ring holds its beam")},
        shutter=Signal(name="shutter", value="closed"),
        secure=lambda cause: ["left the attenuators in"],
    )
