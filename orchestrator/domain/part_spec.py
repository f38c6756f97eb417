"""The campaign that one sample in one stage is. Pure: the same words and results give the same campaign."""

import hashlib
from collections.abc import Mapping
from typing import Any, cast

from orchestrator.domain.base import Point, Setting
from orchestrator.domain.errors import SpecError
from orchestrator.domain.limits import safe_limits
from orchestrator.domain.measuring import PlanCall, parameter_in
from orchestrator.domain.routines import Routine
from orchestrator.domain.samples import Sample, SamplesSpec, Stage, in_order, is_judged
from orchestrator.domain.space import Categorical, Continuous, Integer, Ordinal, Parameter
from orchestrator.domain.spec import AgentPlugin, AgentRef, Budget, CampaignSpec, Measure, RewardPlugin

SAMPLE = "sample."
"""How the names of what is known of a sample begin where they stand among parameters: ``$sample.position``."""

Axes = Mapping[str, Parameter]
"""What the instrument can set, by name."""

_COMMON = (
    "space",
    "fixed",
    "constraints",
    "candidates",
    "measure",
    "rewards",
    "limits",
    "safe_start",
    "agent",
    "fallback",
    "guardians",
    "stop",
    "approval",
    "on_ambiguous",
    "on_finish",
    "max_attempts",
)
"""What a stage may say itself, and otherwise takes from the campaign."""

_ONCE = Budget(trials=1)
_DONE = RewardPlugin(type="done")
_ONLY_POINT = AgentPlugin(type="grid")


def part_spec(
    spec: SamplesSpec, sample: Sample, name: str, *, best: Mapping[str, Point], axes: Axes, left: Budget | None = None
) -> CampaignSpec:
    """Return the campaign of one sample in one stage.

    Args:
        spec: The whole.
        sample: One of its samples.
        name: One of its stages.
        best: The best points of this sample's earlier stages.
        axes: What the instrument can set.
        left: What the whole may still spend; None for what the stage says.

    Raises:
        SpecError: If a stage it begins from has no best point, or that lies where nothing is left to search.
    """
    stage = spec.stages[name]
    written = _once(spec, stage, sample) if stage.is_done_once else _searched(spec, stage, sample)
    origin = _origin(stage, sample, name, best)
    placed = _at_origin(origin, axes) if stage.is_done_once else _about(written, origin, axes, f"stages.{name}.space")
    metadata = {**spec.metadata, **sample.metadata, "sample": sample.id, "stage": name}
    return CampaignSpec.model_validate(
        {
            **written,
            "space": {**written["space"], **placed},
            "fixed": {} if stage.is_done_once else {**written["fixed"], **_kept(written, origin, axes)},
            "every": _every(spec, name),
            "name": f"{spec.name}.{sample.id}.{name}",
            "instrument": spec.instrument,
            "budget": _capped(stage.budget or _ONCE, left),
            "metadata": metadata if sample.position is None else {**metadata, "position": sample.position},
            "seed": _seed(spec, sample, name),
        }
    )


def _searched(spec: SamplesSpec, stage: Stage, sample: Sample) -> dict[str, Any]:
    own = {key: value for key in _COMMON if (value := getattr(stage, key)) is not None}
    written = {**{key: getattr(spec, key) for key in _COMMON}, **own}
    if "fallback" not in own and safe_limits(written["limits"]):
        del written["fallback"]  # the whole's own may leave the safe region; the spec then takes one that does not
    measure = written["measure"]
    plan = stage.plan or measure.plan
    filled = None if plan is None else plan.model_copy(update={"args": _with_sample(dict(plan.args), sample)})
    return {**written, "measure": measure.model_copy(update={"plan": filled}), "fixed": _with_sample(dict(written["fixed"]), sample)}


def _every(spec: SamplesSpec, name: str) -> tuple[Routine, ...]:
    """Return a stage's routines: its own, or those of the campaign, of which the first stage alone keeps ``after: sample``."""
    stage = spec.stages[name]
    if stage.every is not None or stage.is_done_once:
        return stage.every or ()
    if name == next(each for each in in_order(spec) if not spec.stages[each].is_done_once):
        return spec.every
    later = (each.model_copy(update={"after": tuple(word for word in each.after if word != "sample")}) for each in spec.every)
    return tuple(each for each in later if each.after or each.trials is not None or each.minutes is not None)


def _once(spec: SamplesSpec, stage: Stage, sample: Sample) -> dict[str, Any]:
    """Return what a stage without a space does: its only point says which sample it is."""
    measure = stage.measure or (Measure() if stage.plan is not None else spec.measure)
    plan = stage.plan or measure.plan
    kept = {key: getattr(stage, key) or getattr(spec, key) for key in ("guardians", "on_ambiguous", "approval")}
    return {
        **kept,
        "space": {} if plan is None else {name: _only(sample.fields()[name.removeprefix(SAMPLE)]) for name in sample_names(plan)},
        "fixed": {},
        "measure": measure.model_copy(update={"plan": plan}),
        "rewards": (stage.rewards or spec.rewards) if is_judged(spec, stage) else (_DONE,),
        "limits": stage.limits or {},
        "agent": _agent(spec, stage),
        "fallback": stage.fallback or _ONLY_POINT,
        "stop": stage.stop or spec.stop,
        "on_finish": stage.on_finish or "stay",
        "max_attempts": stage.max_attempts or (spec.max_attempts if plan is None else 1),
    }


def agent_of(spec: SamplesSpec, stage: str) -> AgentRef:
    """Return the agent that the parts of a stage ask."""
    return _agent(spec, spec.stages[stage])


def _agent(spec: SamplesSpec, stage: Stage) -> AgentRef:
    return stage.agent or (_ONLY_POINT if stage.is_done_once else spec.agent)


def sample_names(plan: PlanCall) -> tuple[str, ...]:
    """Return the names of what a plan's arguments take from the sample; its id, where they take nothing."""
    return tuple(sorted(name for name in plan.parameters if name.startswith(SAMPLE))) or (f"{SAMPLE}id",)


def _only(value: Any) -> Parameter:
    return Categorical(values=(str(value),)) if isinstance(value, str) else Ordinal(values=(value,))


def _with_sample(value: Any, sample: Sample) -> Any:
    """Return a value with ``$sample.NAME`` replaced, however deep it stands."""
    match value:
        case dict():
            return {key: _with_sample(inner, sample) for key, inner in cast(dict[str, Any], value).items()}
        case list():
            return [_with_sample(inner, sample) for inner in cast(list[Any], value)]
        case _:
            name = parameter_in(value)
            return value if name is None or not name.startswith(SAMPLE) else sample.fields()[name.removeprefix(SAMPLE)]


def _origin(stage: Stage, sample: Sample, name: str, best: Mapping[str, Point]) -> Point:
    """Return the settings of the earlier stages' best points; of a parameter that several set, the one named last."""
    origin: dict[str, Setting] = {}
    for earlier in stage.origin:
        if earlier not in best:
            raise SpecError(f"stages.{name}.origin: {earlier} gave no best point for {sample.id}; let {name} require it, or leave it out")
        origin.update({key: value for key, value in best[earlier].items() if not key.startswith(SAMPLE)})
    return origin


def _at_origin(origin: Point, axes: Axes) -> dict[str, Parameter]:
    return {name: _only(value) for name, value in origin.items() if name in axes}


def _about(written: Mapping[str, Any], origin: Point, axes: Axes, where: str) -> dict[str, Parameter]:
    """Return the parameters that the origin changes: moved to it, or kept there."""
    space: Mapping[str, Parameter] = written["space"]
    moved = {name: _moved(name, space[name], value, axes, where) for name, value in origin.items() if name in space}
    return {**moved, **{name: axes[name] for name in _kept(written, origin, axes)}}


def _kept(written: Mapping[str, Any], origin: Point, axes: Axes) -> Point:
    """Return what stays at the origin: it is set there and not searched. A space that is left out is every axis, so nothing stays."""
    space: Mapping[str, Parameter] = written["space"]
    return {name: value for name, value in origin.items() if space and name not in space and name in axes}


def _moved(name: str, parameter: Parameter, origin: Setting, axes: Axes, where: str) -> Parameter:
    """Return a parameter with its limits counted from the origin, cut where the axis ends."""
    if isinstance(parameter, Ordinal | Categorical) or isinstance(origin, str):
        raise SpecError(f"{where}.{name} lists values, which no origin can move; give it limits, or leave it out to stay at the origin")
    low, high = (limit + origin for limit in parameter.limits)
    axis = axes.get(name)
    if isinstance(axis, Continuous | Integer):
        low, high = max(low, axis.limits[0]), min(high, axis.limits[1])
        if not low < high:
            unit = f" {axis.unit}" if axis.unit else ""
            raise SpecError(
                f"{where}.{name}.limits = {list(parameter.limits)}{unit} about the origin {origin:g}{unit} lie outside the axis's own "
                f"[{axis.limits[0]:g}, {axis.limits[1]:g}]{unit}; widen them towards the axis, or search elsewhere before"
            )
    whole = isinstance(parameter, Integer)
    return parameter.model_copy(update={"limits": (round(low), round(high)) if whole else (low, high)})


def _capped(budget: Budget, left: Budget | None) -> Budget:
    """Return a part's budget, cut to what the whole may still spend."""
    if left is None:
        return budget
    limits = ("trials", "wall_time", "exposure", "dose")
    given = {name: [value for value in (getattr(budget, name), getattr(left, name)) if value is not None] for name in limits}
    return budget.model_copy(update={name: min(values, default=None) for name, values in given.items()})


def _seed(spec: SamplesSpec, sample: Sample, stage: str) -> int:
    """Return a seed of the part's own, or all samples would be searched, and in a simulation scatter, alike."""
    digest = hashlib.sha256(f"{spec.seed}/{sample.id}/{stage}".encode()).digest()
    return int.from_bytes(digest[:6])
