"""Where the soft IOC keeps what, after its prefix: what a campaign file would otherwise have to list."""

from collections.abc import Mapping

MOTOR_SUFFIXES: Mapping[str, str] = {
    "mirror_pitch": "MIR:PITCH",
    "mirror_roll": "MIR:ROLL",
    "crystal_pitch": "MONO:PITCH2",
    "slit_centre": "SLIT:CENTRE",
    "slit_gap": "SLIT:GAP",
    "energy": "MONO:ENERGY",
}
