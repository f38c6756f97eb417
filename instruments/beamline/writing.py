"""A first site file, everything in it still a comment: nothing may move before staff say so."""

import json
from importlib.resources import files

from instruments.beamline.model import Source
from instruments.beamline.survey import FoundAxis, FoundDetector, FoundPlan, Survey


def site_text(name: str, source: Source, found: Survey) -> str:
    """Return the file's text: valid as it is, and allowing nothing."""
    from jinja2 import Environment, StrictUndefined

    ((key, value),) = source.model_dump().items()
    # YAML, not HTML: names are quoted below, and devices and docstrings are kept to one line of a comment.
    environment = Environment(undefined=StrictUndefined, trim_blocks=True, keep_trailing_newline=True)  # nosec B701
    template = environment.from_string(files("instruments.beamline").joinpath("first_site_file.yaml.j2").read_text(encoding="utf-8"))
    return template.render(
        name=json.dumps(name),
        profile=f"{{{key}: {json.dumps(value)}}}",
        has_run_engine=found.has_run_engine,
        suspenders=", ".join(found.suspenders),
        axes=[_axis(axis) for axis in found.axes],
        detectors=[_detector(detector) for detector in found.detectors],
        plans=[_plan(plan) for plan in found.plans],
    )


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


def _joined(remarks: list[str]) -> str:
    """Return remarks on one line, whatever a device or docstring says."""
    return " ".join("; ".join(remark for remark in remarks if remark).split())
