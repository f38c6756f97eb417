"""How people change a campaign while it lives: each change is data, and gives a new spec."""

from collections.abc import Mapping
from typing import Annotated, Literal, assert_never

from pydantic import Field

from orchestrator.domain.base import Setting, Value
from orchestrator.domain.errors import BadInput
from orchestrator.domain.space import Categorical, Continuous, Integer, Ordinal, Parameter, is_logarithmic, problem_with
from orchestrator.domain.spec import NAME, AgentRef, Budget, CampaignSpec

ParameterName = Annotated[str, Field(pattern=NAME)]


class FixParameter(Value):
    """Keep one parameter at a value: agents search the others."""

    type: Literal["fix-parameter"] = "fix-parameter"
    parameter: ParameterName
    value: Setting


class ReleaseParameter(Value):
    """Let agents search a fixed parameter again."""

    type: Literal["release-parameter"] = "release-parameter"
    parameter: ParameterName


class SetLimits(Value):
    """Search a parameter between other limits. To widen them takes a higher role than to narrow them."""

    type: Literal["set-limits"] = "set-limits"
    parameter: ParameterName
    lower: float
    upper: float


class SetBudget(Value):
    """Spend more or less. The whole new budget; what is left out is unlimited."""

    type: Literal["set-budget"] = "set-budget"
    budget: Budget


class SwitchAgent(Value):
    """Let another agent choose from now on; it sees everything measured so far."""

    type: Literal["switch-agent"] = "switch-agent"
    agent: AgentRef


Change = Annotated[FixParameter | ReleaseParameter | SetLimits | SetBudget | SwitchAgent, Field(discriminator="type")]


def changed(spec: CampaignSpec, change: Change) -> CampaignSpec:
    """Return the spec after a change.

    Raises:
        BadInput: If it names no parameter of the space, or a value that is not allowed there.
    """
    match change:
        case FixParameter(parameter=name, value=value):
            return _fixed(spec, name, value)
        case ReleaseParameter(parameter=name):
            _parameter(spec, name)
            if name not in spec.fixed:
                raise BadInput(f"{name} is not fixed; fixed are: {', '.join(spec.fixed) or 'none'}")
            return _copy(spec, fixed={other: value for other, value in spec.fixed.items() if other != name})
        case SetLimits(parameter=name, lower=lower, upper=upper):
            return _copy(spec, space={**spec.space, name: _limited(spec, name, lower, upper)})
        case SetBudget(budget=budget):
            return _copy(spec, budget=type(spec.budget).model_validate(budget.model_dump()))
        case SwitchAgent(agent=agent):
            return _copy(spec, agent=agent)
        case _:
            assert_never(change)


def widens(spec: CampaignSpec, change: Change) -> bool:
    """Return whether a change lets the instrument go where the spec so far does not."""
    if not isinstance(change, SetLimits):
        return False
    parameter = _parameter(spec, change.parameter)
    if isinstance(parameter, Ordinal | Categorical):
        return False
    return change.lower < parameter.limits[0] or change.upper > parameter.limits[1]


def in_words(spec: CampaignSpec, change: Change) -> str:
    """Return what a change does to a spec, in one phrase."""
    match change:
        case FixParameter(parameter=name, value=value):
            return f"{name} fixed at {value}{_unit(spec, name)}"
        case ReleaseParameter(parameter=name):
            return f"{name} released"
        case SetLimits(parameter=name, lower=lower, upper=upper):
            verb = "widened" if widens(spec, change) else "narrowed"
            return f"limits of {name} {verb} from {_reach(spec, name)} to [{lower:g}, {upper:g}]{_unit(spec, name)}"
        case SetBudget(budget=budget):
            return f"budget changed from {_shown(spec.budget)} to {_shown(budget)}"
        case SwitchAgent(agent=agent):
            return f"agent switched from {spec.agent.type} to {agent.type}"
        case _:
            assert_never(change)


def _parameter(spec: CampaignSpec, name: str) -> Parameter:
    if name not in spec.space:
        raise BadInput(f"the space has no parameter {name!r}; it has {', '.join(spec.space)}")
    return spec.space[name]


def _fixed(spec: CampaignSpec, name: str, value: Setting) -> CampaignSpec:
    problem = problem_with(name, _parameter(spec, name), value)
    if problem is not None:
        raise BadInput(problem)
    fixed: Mapping[str, Setting] = {**spec.fixed, name: value}
    if len(fixed) == len(spec.space):
        raise BadInput(f"fixing {name} would leave nothing to search; release {', '.join(spec.fixed)} first, or stop the campaign")
    return _copy(spec, fixed=fixed)


def _limited(spec: CampaignSpec, name: str, lower: float, upper: float) -> Parameter:
    parameter = _parameter(spec, name)
    if not lower < upper:
        raise BadInput(f"limits [{lower:g}, {upper:g}] of {name} are reversed or empty; write lower < upper")
    if is_logarithmic(parameter) and lower <= 0:
        raise BadInput(f"limits [{lower:g}, {upper:g}] of {name} reach 0 or below, and its scale is log; begin above 0")
    held = spec.fixed.get(name)
    if held is not None and not lower <= float(held) <= upper:
        raise BadInput(f"{name} is fixed at {held}, outside [{lower:g}, {upper:g}]; release it first")
    match parameter:
        case Continuous():
            return parameter.model_copy(update={"limits": (lower, upper)})
        case Integer():
            if lower != int(lower) or upper != int(upper):
                raise BadInput(f"limits [{lower:g}, {upper:g}] of {name} must be whole numbers")
            return parameter.model_copy(update={"limits": (int(lower), int(upper))})
        case Ordinal() | Categorical():
            raise BadInput(f"{name} has values, not limits: {', '.join(map(str, parameter.values))}; fix it at one of them instead")
        case _:
            assert_never(parameter)


def _reach(spec: CampaignSpec, name: str) -> str:
    parameter = _parameter(spec, name)
    if isinstance(parameter, Ordinal | Categorical):
        return str(list(parameter.values))
    return f"[{parameter.limits[0]:g}, {parameter.limits[1]:g}]"


def _unit(spec: CampaignSpec, name: str) -> str:
    unit = _parameter(spec, name).unit
    return f" {unit}" if unit else ""


def _shown(budget: Budget) -> str:
    written = budget.model_dump(mode="json", exclude_none=True)
    return ", ".join(f"{key} {value}" for key, value in written.items())


def _copy(spec: CampaignSpec, **update: object) -> CampaignSpec:
    return spec.model_copy(update=update)
