"""A first site file, everything in it still a comment: nothing may move before staff say so."""

import json
from collections.abc import Iterator

from instruments.beamline.model import Source
from instruments.beamline.survey import FoundAxis, FoundDetector, FoundPlan, Survey


def site_text(name: str, source: Source, found: Survey) -> str:
    """Return the file's text: valid as it is, and allowing nothing."""
    return "\n".join(_lines(name, source, found)) + "\n"


def _lines(name: str, source: Source, found: Survey) -> Iterator[str]:
    ((key, value),) = source.model_dump().items()
    yield "# What this beamline lends to Nightshift's campaigns. Staff own this file: campaigns can use what it allows, and nothing else."
    yield "# Everything found in the profile is listed below behind a '#'. Delete the '# ' in front of a line to allow what it names."
    yield "# Check it with: nightshift site check"
    yield ""
    yield f"name: {json.dumps(name)}  # what two campaigns must not share"
    yield f"profile: {{{key}: {json.dumps(value)}}}"
    yield "# The profile makes a RunEngine, which is used as it is." if found.has_run_engine else "# Nightshift makes the RunEngine."
    yield ""
    yield "# Axes that campaigns may move. limits: narrow them to what is safe unwatched. tolerance: how far a readback may be off."
    yield "# pv: the motor record; where every allowed axis has one, a second process can stop them all while the profile's own hangs."
    yield "axes:"
    yield from map(_axis, found.axes)
    yield ""
    yield "# Devices that campaigns may read; each number, spectrum or image they give is a signal."
    yield "detectors:"
    yield from map(_detector, found.detectors)
    yield ""
    yield "# Files that detectors write. root: the folder, from the campaign's metadata; left out, each writes where the profile says."
    yield "# wait_s: how long a file may take to appear. least_free: what must be free on the disk."
    yield "files:"
    yield "  # root: /data/{proposal}/{campaign}"
    yield '  # name: "{campaign}-{trial:04d}-{attempt}"'
    yield "  # wait_s: 10"
    yield "  # least_free: 5 GB"
    yield ""
    yield "# Signals that are worked out for every campaign, such as a corrected count rate."
    yield "derive:"
    yield "  # rate: {take: dead_time, of: counts, tau_s: 2.0e-6}"
    yield ""
    yield "# Plans that campaigns may call, with allowed devices as arguments. A trial is one call, which must open exactly one run."
    yield "plans:"
    yield from map(_plan, found.plans)
    yield ""
    yield "# Conditions that must hold while a trial is measured, beside the profile's suspenders" + _suspenders(found)
    yield "interlocks:"
    yield "  # beam: {device: ring_current, lower: 150, unit: mA, meaning: the storage ring holds its beam}"
    yield ""
    yield "# Opened for the reading only, by Nightshift's own plan; closed by the safe state."
    yield "# shutter: {device: shutter, open: open, closed: closed}"
    yield "# A settable device that takes measure.exposure, in seconds."
    yield "# exposure: diode.exposure_time"
    yield ""
    yield "# What a trial adds to the sample's dose: factor, times what signal reads if one is named, times the seconds of open shutter."
    yield "# per: trial, where the reading is a total already. Without it campaigns cannot limit the dose."
    yield "# dose: {factor: 1.2e-12, signal: flux, unit: kGy}"
    yield ""
    yield "# When something fails, or a person stops the night: the shutter closes, axes stop, devices are set. keep: never touched."
    yield "# safe_state: {stop: all, keep: [furnace], shutter: close, set: {attenuator: in}}"
    yield "# For one cause: an interlock's name, failure, stopped, recovery or engine-gone."
    yield "# safe_state_when:"
    yield "#   beam: {stop: [], shutter: leave}"
    yield ""
    yield "# Where every Bluesky document and every decision goes, besides Nightshift's own record. Keys stand in environment variables."
    yield "# documents:"
    yield "#   tiled: {uri: https://tiled.example.org, api_key_env: TILED_KEY, path: bl99/raw}"
    yield "#   kafka: {servers: [kafka.example.org:9092], topic: bl99.documents}"
    yield ""
    yield "# What every campaign must say under metadata: text, number or anything."
    yield "metadata:"
    yield "  # proposal: text"


def _axis(axis: FoundAxis) -> str:
    limits = "[LOW, HIGH]" if axis.limits is None else f"[{axis.limits[0]:.10g}, {axis.limits[1]:.10g}]"
    told = {"limits": limits, "unit": axis.unit and json.dumps(axis.unit), "speed": axis.speed and f"{axis.speed:.6g}"}
    told["pv"] = axis.pv and json.dumps(axis.pv)
    entry = ", ".join(f"{key}: {value}" for key, value in told.items() if value)
    remarks = [axis.kind, f"now at {axis.position}" if axis.position else ""]
    remarks += ["nothing limits it: fill LOW and HIGH in" if axis.limits is None else "", axis.problem]
    return f"  # {axis.name}: {{{entry}}}  # {_joined(remarks)}"


def _detector(detector: FoundDetector) -> str:
    read = f"reads {', '.join(detector.signals[:6])}{', …' if len(detector.signals) > 6 else ''}" if detector.signals else ""
    written = f"writes files: {', '.join(f'{key} ({kind})' for key, kind in detector.files.items())}" if detector.files else ""
    return f"  # {detector.name}:  # {_joined([detector.kind, detector.pv, read, written, detector.problem])}"


def _plan(plan: FoundPlan) -> str:
    return f"  # {plan.name}:  # {_joined([plan.signature, plan.summary])}"


def _suspenders(found: Survey) -> str:
    return f", which are watched already: {', '.join(found.suspenders)}." if found.suspenders else "."


def _joined(remarks: list[str]) -> str:
    """Return remarks on one line, whatever a device or docstring says."""
    return " ".join("; ".join(remark for remark in remarks if remark).split())
