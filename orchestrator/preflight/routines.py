"""What is to be done every so often, held against the plans that the instrument offers and the space that is searched."""

from collections.abc import Iterator

from orchestrator.domain.instrument import InstrumentDescription
from orchestrator.domain.measuring import PlanCall
from orchestrator.domain.routines import ORDER, Routine
from orchestrator.domain.space import Space
from orchestrator.domain.spec import CampaignSpec
from orchestrator.preflight.plan_calls import Written, problems_with_call
from orchestrator.preflight.problems import Locate, refuse
from orchestrator.wording import dotted


def with_kinds(spec: CampaignSpec, description: InstrumentDescription) -> CampaignSpec:
    """Return the spec with each routine's kind: as written, else as its plan's entry says."""
    every = tuple(routine.model_copy(update={"kind": _kind(routine, description)}) for routine in spec.every)
    return spec.model_copy(update={"every": every})


def _kind(routine: Routine, description: InstrumentDescription) -> str | None:
    plan = None if routine.plan is None else description.plans.get(routine.plan)
    return routine.kind or (None if plan is None else plan.kind)


def check_routines(spec: CampaignSpec, description: InstrumentDescription, space: Space, *, locate: Locate = dotted) -> None:
    """Refuse routines that could not be carried out.

    Raises:
        SpecError: Names every problem, a line each: entry, value and way out.
    """
    refuse(problem for index, routine in enumerate(spec.every) for problem in _problems(index, routine, spec, description, space, locate))


def _problems(
    index: int, routine: Routine, spec: CampaignSpec, description: InstrumentDescription, space: Space, locate: Locate
) -> Iterator[str]:
    call = routine.call
    if call is not None and call.parameters:
        yield from _filled(index, call, locate)
    elif call is not None:
        written = Written(call, ("every", index, "plan"), ("every", index, "args"))
        yield from problems_with_call(written, spec, description, locate)
        if _kind(routine, description) is None and call.name in description.plans:
            yield (
                f"{locate(('every', index))}: nothing says what {call.name} is for; write kind: {', '.join(ORDER)}, "
                "or let staff write it at the plan in the site file"
            )
    elif not isinstance(routine.place, str) and (problems := space.problems(routine.place)):
        yield f"{locate(('every', index, 'at'))}: {'; '.join(problems)}; give a point of the space, or best"
    if spec.measure.exposure_from is not None and routine.exposure is None and _kind(routine, description) in ("dark", "calibration"):
        name = spec.measure.exposure_from
        yield f"{locate(('every', index))}: nothing says how long it counts, since it has no {name}; write exposure: SECONDS"
    if "beam-return" in routine.after and not description.interlocks:
        yield f"{locate(('every', index, 'after'))}: the instrument watches no beam, so it never returns; give trials or minutes"


def _filled(index: int, call: PlanCall, locate: Locate) -> Iterator[str]:
    for name in sorted(call.parameters):
        yield f"{locate(('every', index, 'args'))}: ${name}: a routine has no point to take {name} from; write the value itself"
