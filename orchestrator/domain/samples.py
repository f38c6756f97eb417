"""A campaign over samples: every sample goes through every stage, and each (sample, stage) is a campaign of its own.

What stands in the file beside ``samples`` and ``stages`` holds for every stage that says nothing else; only ``budget`` is what the
whole night may spend.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, cast

from pydantic import Field, JsonValue, field_validator, model_validator

from orchestrator.domain.base import Setting, Value
from orchestrator.domain.limits import Limit
from orchestrator.domain.measuring import PlanRef
from orchestrator.domain.routines import Routines
from orchestrator.domain.space import LinearConstraint, Parameter
from orchestrator.domain.spec import (
    NAME,
    AgentRef,
    Approval,
    Budget,
    CampaignSpec,
    Candidates,
    Measure,
    PluginRef,
    RewardPlugin,
    StopRules,
    with_rewards,
)

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,31}")
_UNSAFE = re.compile(r"[^A-Za-z0-9_.-]+")

StageName = Annotated[str, Field(pattern=NAME)]


class Sample(Value):
    """One sample of the holder."""

    id: str
    """What people call it: letters, digits, dot, dash, underscore, at most 32; it becomes part of ids and file names."""
    position: int | float | str | None = None
    """Where it is on the holder: what ``$sample.position`` stands for."""
    metadata: Mapping[str, JsonValue] = {}
    """Anything; enters the start documents of this sample's runs, and ``$sample.NAME`` stands for the value."""

    @model_validator(mode="before")
    @classmethod
    def _numbers_are_ids(cls, written: Any) -> Any:
        """Take ``id: 7`` as the text it is meant to be."""
        if not isinstance(written, dict):
            return written
        body = cast(dict[str, Any], written)
        return {**body, "id": str(body["id"])} if type(body.get("id")) is int else body

    @field_validator("id")
    @classmethod
    def _is_safe_name(cls, id: str) -> str:
        if _ID.fullmatch(id) is None:
            better = _UNSAFE.sub("_", id).lstrip("_.-")[:32] or "A1"
            raise ValueError(
                "must begin with a letter or digit and hold only letters, digits, dot, dash, underscore, 32 at most, because files are "
                f"called after it; write {better}"
            )
        return id

    def fields(self) -> Mapping[str, Any]:
        """Return what ``$sample.NAME`` may stand for, by name."""
        position = {} if self.position is None else {"position": self.position}
        return {**self.metadata, **position, "id": self.id}


class Stage(Value):
    """One step that every sample goes through: a campaign's own keys, each by default what the campaign says beside its stages.

    A stage with a plan, or an origin, and no space is done once: one call of the plan, or one measurement at the origin.
    """

    requires: tuple[StageName, ...] | None = None
    """Stages that must have succeeded for the same sample; by default the one written before it."""
    on_failure: Literal["skip", "hold", "stop"] = "skip"
    """When it fails: leave this sample, hold for a person, or stop the night."""
    always: bool = False
    """Whether it is run even for a sample that is left, once what it requires has succeeded: to unload what was loaded."""
    succeeds_when: Mapping[Annotated[str, Field(pattern=NAME)], Limit] = {}
    """What the best trial must keep, by the name of a scalar signal or of an objective; otherwise the stage has failed."""
    origin: Mapping[StageName, Literal["best"]] = {}
    """Earlier stages whose best point this one begins from: limits of ``space`` are counted from it, and what it sets besides stays
    there."""
    plan: PlanRef | None = None
    """Short for ``measure.plan``."""
    space: Mapping[Annotated[str, Field(pattern=NAME)], Parameter] | None = None
    fixed: Mapping[Annotated[str, Field(pattern=NAME)], Setting] | None = None
    constraints: tuple[LinearConstraint, ...] | None = None
    candidates: Candidates | None = None
    measure: Measure | None = None
    rewards: tuple[RewardPlugin, ...] | None = Field(default=None, min_length=1)
    """By default, what is done once without one counts as 1 when it was done."""
    limits: Mapping[Annotated[str, Field(pattern=NAME)], Limit] | None = None
    safe_start: tuple[Mapping[str, Setting], ...] | None = None
    every: Routines | None = None
    """Counted anew for each sample. What the campaign says beside its stages holds for stages that search; its ``after: sample`` means
    the first of them."""
    agent: AgentRef | None = None
    fallback: AgentRef | None = None
    guardians: tuple[PluginRef, ...] | None = None
    budget: Budget | None = None
    """What each sample may spend in this stage; what is done once needs none."""
    stop: StopRules | None = None
    approval: Approval | None = None
    on_ambiguous: Literal["remeasure", "hold"] | None = None
    on_finish: Literal["stay", "best", "believed", "start", "park"] | None = None
    max_attempts: int | None = Field(default=None, ge=1)
    """By default 1 for what is done once: an empty position does not fill by asking again."""

    @model_validator(mode="before")
    @classmethod
    def _one_or_several_rewards(cls, written: Any) -> Any:
        return with_rewards(written)

    @field_validator("origin", mode="before")
    @classmethod
    def _by_name(cls, written: Any) -> Any:
        """Accept ``origin: align``."""
        return {written: "best"} if isinstance(written, str) else written

    @field_validator("requires", mode="before")
    @classmethod
    def _one_or_several(cls, written: Any) -> Any:
        """Accept ``requires: load``."""
        return [written] if isinstance(written, str) else written

    @property
    def is_done_once(self) -> bool:
        """Whether it makes one measurement, or one call of a plan, and nothing is searched."""
        return self.space is None and self.candidates is None and (self.has_plan or bool(self.origin))

    @property
    def has_plan(self) -> bool:
        """Whether it names a plan of its own."""
        return self.plan is not None or (self.measure is not None and self.measure.plan is not None)


class WholeBudget(Budget):
    """What all samples together may spend; what is left out is limited by the stages' own budgets only."""

    @model_validator(mode="after")
    def _is_bounded(self) -> "WholeBudget":
        return self


class SamplesSpec(CampaignSpec):
    """A campaign over samples."""

    samples: tuple[Sample, ...] = Field(min_length=1)
    """In the order they are taken."""
    stages: Mapping[StageName, Stage] = Field(min_length=1)
    """What every sample goes through, in the order written unless ``requires`` says otherwise."""
    order: Literal["sample", "stage"] = "sample"
    """Whether each sample goes through all stages before the next, or each stage takes all samples before the next."""
    rewards: tuple[RewardPlugin, ...] = ()
    budget: WholeBudget = WholeBudget()  # pyright: ignore[reportIncompatibleVariableOverride]  (a Value is frozen)

    def sample(self, id: str) -> Sample:
        return next(sample for sample in self.samples if sample.id == id)


def is_judged(spec: SamplesSpec, stage: Stage) -> bool:
    """Return whether rewards judge a stage; what is done once without them counts as 1 when it was done."""
    if stage.rewards is not None or not stage.is_done_once:
        return True
    has_plan = stage.has_plan or (stage.measure is None and stage.plan is None and spec.measure.plan is not None)
    return not has_plan and bool(spec.rewards)


def required_by(spec: SamplesSpec, stage: str) -> tuple[str, ...]:
    """Return the stages that must have succeeded before this one: those it names, or the one written before it."""
    named = spec.stages[stage].requires
    if named is not None:
        return named
    before = [name for name in list(spec.stages)[: list(spec.stages).index(stage)] if not spec.stages[name].always]
    return tuple(before[-1:])


def in_order(spec: SamplesSpec) -> tuple[str, ...]:
    """Return the stages, each after those it requires; otherwise as written.

    Raises:
        ValueError: If stages require each other in a circle; see ``circle``.
    """
    left, done = list(spec.stages), list[str]()
    while left:
        ready = next((name for name in left if not set(required_by(spec, name)) - set(done)), None)
        if ready is None:
            raise ValueError(f"stages {', '.join(left)} require each other, or one that does not exist")
        left.remove(ready)
        done.append(ready)
    return tuple(done)


def circle(spec: SamplesSpec) -> tuple[str, ...]:
    """Return stages that require each other in a circle, the first one again at the end; empty when there are none."""
    first = next((name for name in spec.stages if name in needs(spec, name)), None)
    if first is None:
        return ()
    path = [first]
    while first not in required_by(spec, path[-1]):
        path.append(next(name for name in required_by(spec, path[-1]) if name not in path and first in needs(spec, name)))
    return (*path, first)


def needs(spec: SamplesSpec, stage: str) -> frozenset[str]:
    """Return the stages that must have succeeded before this one, directly or through others."""
    found: set[str] = set()
    waiting = list(required_by(spec, stage))
    while waiting:
        name = waiting.pop()
        if name in spec.stages and name not in found:
            found.add(name)
            waiting.extend(required_by(spec, name))
    return frozenset(found)


AnySpec = SamplesSpec | CampaignSpec
"""What a campaign file says: over samples, or not."""
