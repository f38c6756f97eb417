"""What the site file alone tells of a beamline, for a rehearsal that runs and connects nothing."""

from instruments.beamline.model import Axis, SiteFile
from orchestrator.domain.errors import SpecError
from orchestrator.domain.frames import FilePolicy
from orchestrator.domain.instrument import AxisDescription, InstrumentDescription, PlanDescription
from orchestrator.domain.space import Continuous


def foreseen(site: SiteFile) -> InstrumentDescription:
    """Return axes with limits and speeds, and the names of plans and devices.

    Raises:
        SpecError: If an axis has no limits in the file, which is all that a rehearsal may look at.
    """
    return InstrumentDescription(
        identity=f"site:{site.name}",
        axes={name: _axis(name, axis) for name, axis in site.axes.items()},
        signals={},
        plans={name: PlanDescription(takes_keywords=True, kind=plan.kind, seconds=plan.seconds) for name, plan in site.plans.items()},
        devices=dict.fromkeys((*site.axes, *site.detectors), ()),
        metadata=site.metadata,
        derive=site.derive,
        dose=site.dose,
        files=FilePolicy(**site.files.model_dump()),
    )


def _axis(name: str, axis: Axis) -> AxisDescription:
    if axis.limits is None:
        raise SpecError(f"axes.{name} has no limits in the site file, which is all that a rehearsal looks at; add limits: [low, high]")
    parameter = Continuous(limits=axis.limits, unit=axis.unit or "", tolerance=axis.tolerance)
    return AxisDescription(parameter=parameter, field=name, speed=axis.speed, park=axis.park)
