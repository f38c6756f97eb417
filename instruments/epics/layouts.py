"""Known sets of PVs, so that a campaign file stays short."""

from collections.abc import Mapping
from typing import Any

from instruments.simulated.axes import AXES
from instruments.simulated.beam import THRESHOLD
from instruments.simulated.detectors import IMAGE_SHAPE
from instruments.simulated.layout import MOTOR_SUFFIXES
from instruments.simulated.signals import SD_SUFFIXES, SIGNALS, Signal


def _signal(signal: Signal) -> dict[str, Any]:
    written = {"pv": signal.suffix, "kind": signal.kind, "unit": signal.unit, "saturation": signal.saturation}
    sd = SD_SUFFIXES[signal.sd] if signal.sd else None
    return {**written, "sd": sd, "shape": IMAGE_SHAPE if signal.kind == "image" else None}


LAYOUTS: Mapping[str, Mapping[str, Any]] = {
    "simulated-beamline": {
        "prefix": "NS:",
        "axes": {name: {"pv": suffix, "tolerance": AXES[name].tolerance} for name, suffix in MOTOR_SUFFIXES.items()},
        "signals": {name: _signal(signal) for name, signal in SIGNALS.items()},
        "interlocks": {
            "beam": {
                "pv": "BEAM:CURRENT",
                "lower": THRESHOLD,
                "unit": "mA",
                "trips": "BEAM:TRIPS",
                "meaning": "the storage ring holds its beam",
            }
        },
        "detector": {"exposure": "DET:EXPOSURE", "acquire": "DET:ACQUIRE", "number": "DET:NUM"},
        "shutter": {"pv": "SHUTTER", "opened": "open", "closed": "closed", "opened_by": "detector"},
        "attempt": {
            "fence": "FENCE",
            "seed": "SEED",
            "trial": "TRIAL",
            "attempt": "ATTEMPT",
            "attempt_id": "ATTEMPT_ID",
            "message": "MESSAGE",
        },
        "heartbeat": {"beat": "HEARTBEAT", "arm": "HEARTBEAT:ARM"},
    }
}
