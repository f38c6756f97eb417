"""The campaign spec: what a scientist writes in the evening. Pure data; nothing in it is ever executed."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, cast

from pydantic import BeforeValidator, ConfigDict, Field, JsonValue, field_validator, model_validator

from orchestrator.domain.base import Duration, Point, Setting, Value
from orchestrator.domain.limits import Limit, safe_limits
from orchestrator.domain.measuring import Derived, PlanRef, ring_of
from orchestrator.domain.routines import Routine, Routines
from orchestrator.domain.space import Categorical, LinearConstraint, Parameter, extent

NAME = r"^[A-Za-z][A-Za-z0-9_.-]{0,63}$"
"""Names become file names and metadata keys: letters, digits, dot, dash, underscore."""


RESERVED_METADATA = frozenset({"uid", "time", "scan_id", "plan_name", "plan_type", "versions", "nightshift", "detectors", "motors"})
"""Start document keys that Bluesky or Nightshift fills."""


class Plugin(Value):
    """A plug-in by name; every other key is one of its own settings."""

    model_config = ConfigDict(extra="allow")

    type: str

    @property
    def settings(self) -> dict[str, Any]:
        return dict(self.model_extra or {})


def _by_name(written: Any) -> Any:
    return {"type": written} if isinstance(written, str) else written


def _as_several(written: Any) -> Any:
    return [written] if isinstance(written, str | dict) else written


PluginRef = Annotated[Plugin, BeforeValidator(_by_name)]


class AgentPlugin(Plugin):
    """An agent by name, with the seconds it may think before the fallback suggests instead."""

    timeout: Duration = 120.0


AgentRef = Annotated[AgentPlugin, BeforeValidator(_by_name)]


class RewardPlugin(Plugin):
    """A reward by name; ``name`` is the objective's name when a campaign has several."""

    type: str = "scalar"
    name: str | None = Field(default=None, pattern=NAME)


class CandidatesFile(Value):
    """A pool of candidates in a CSV whose header names the parameters; the path is relative to the campaign file."""

    csv: str


class CandidatesArtefact(Value):
    """A pool of candidates in the artefact store; written by Nightshift, never by people."""

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    n: int = Field(ge=1)


Candidates = tuple[Mapping[str, Setting], ...] | CandidatesFile | CandidatesArtefact


class ReadingsFile(Value):
    """What was measured before, in a CSV whose header names parameters and objectives; the path is relative to the campaign file."""

    csv: str


class Measure(Value):
    """What to read and how long."""

    exposure: Duration = 0.0
    """Shutter-open seconds per trial."""
    exposure_from: str | None = Field(default=None, pattern=NAME)
    """Instead of ``exposure``: the parameter that says how many seconds each trial counts."""
    signals: tuple[str, ...] = ()
    """Names the instrument or ``derive`` declares; empty reads everything, or, of a plan, what is derived and rewarded."""
    plan: PlanRef | None = None
    """A trial is one call of this plan; without one, the instrument moves to the point and reads its detectors once."""
    derive: Mapping[Annotated[str, Field(pattern=NAME)], Derived] = {}
    """Further signals, worked out from what a run read."""

    @field_validator("derive")
    @classmethod
    def _derives_from_something(cls, derive: Mapping[str, Derived]) -> Mapping[str, Derived]:
        ring = ring_of(derive)
        if ring:
            raise ValueError(f"{' is taken from '.join(ring)}: they wait for one another; take one of them from a data key")
        return derive

    @model_validator(mode="after")
    def _has_one_exposure(self) -> "Measure":
        if self.exposure and self.exposure_from is not None:
            raise ValueError(f"exposure and exposure_from = {self.exposure_from!r} both say how long a trial counts; keep one")
        return self

    @property
    def way_to_shorten(self) -> str:
        """Return what a person does about trials that count for too long."""
        return "shorten measure.exposure" if self.exposure_from is None else f"keep {self.exposure_from} shorter, for example fix it"

    def counting_s(self, point: Point) -> float:
        """Return how many seconds a trial at a point counts; 0 where the point does not say."""
        seconds = self.exposure if self.exposure_from is None else point.get(self.exposure_from, 0.0)
        return 0.0 if isinstance(seconds, str) else float(seconds)


_MOST_TRIALS = 10_000_000


class Budget(Value):
    """What the campaign may spend; the first limit reached ends it."""

    trials: int | None = Field(default=None, ge=1)
    """Agent and human trials."""
    wall_time: Duration | None = Field(default=None, gt=0)
    until: str | None = None
    """Local time of day, such as ``07:30``: the next one after the campaign starts."""
    exposure: Duration | None = Field(default=None, gt=0)
    dose: float | None = Field(default=None, gt=0)

    @field_validator("until")
    @classmethod
    def _is_time_of_day(cls, until: str | None) -> str | None:
        if until is not None and not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", until):
            raise ValueError(f"until = {until!r} is not a time of day; write it as HH:MM, for example 07:30")
        return until

    @model_validator(mode="after")
    def _is_bounded(self) -> "Budget":
        if not any((self.trials, self.wall_time, self.until, self.exposure, self.dose)):
            raise ValueError("the budget is empty; give trials, wall_time, until, exposure or dose")
        if self.trials is not None and self.trials > _MOST_TRIALS:
            raise ValueError(f"trials = {self.trials} is above {_MOST_TRIALS:,}, more than any ledger is meant for; write less")
        return self


class StopRules(Value):
    """When the answer is good enough to end before the budget does."""

    target: float | None = None
    """The first objective's value that ends the campaign."""
    no_improvement: int | None = Field(default=None, ge=1)
    """Scored trials in a row without a better one."""


class Approval(Value):
    """Which suggestions wait for a person. Silence never approves."""

    mode: Literal["auto", "always", "first"] = "auto"
    first: int = Field(default=0, ge=0)
    timeout: Duration | None = Field(default=None, gt=0)
    on_timeout: Literal["skip", "fallback", "pause"] = "pause"

    @model_validator(mode="before")
    @classmethod
    def _from_word(cls, written: Any) -> Any:
        if isinstance(written, str):
            return {"mode": written}
        if isinstance(written, dict) and "first" in written and "mode" not in written:
            return {"mode": "first", **cast(dict[str, Any], written)}
        return cast(Any, written)

    @model_validator(mode="after")
    def _first_counts(self) -> "Approval":
        if self.mode == "first" and self.first < 1:
            raise ValueError("approval: first needs a number, for example {first: 5}")
        return self

    def is_needed(self, number: int) -> bool:
        """Return whether the trial of this number (from 1, those measured before the campaign not counted) waits for a person."""
        return self.mode == "always" or (self.mode == "first" and number <= self.first)


class CampaignSpec(Value):
    """One autonomous experiment."""

    name: str = Field(pattern=NAME)
    instrument: PluginRef
    space: Mapping[Annotated[str, Field(pattern=NAME)], Parameter] = {}
    """Empty means every axis of the instrument, within its own limits."""
    fixed: Mapping[Annotated[str, Field(pattern=NAME)], Setting] = {}
    """Parameters kept at one value: agents search the others. People may fix and release them while the campaign runs."""
    constraints: tuple[LinearConstraint, ...] = ()
    candidates: Candidates | None = None
    """The only points that can be measured; None means the instrument's own pool, if it has one."""
    measure: Measure = Measure()
    rewards: tuple[RewardPlugin, ...] = Field(min_length=1)
    limits: Mapping[Annotated[str, Field(pattern=NAME)], Limit] = {}
    """What measured signals must keep to, by the name of a scalar signal or of an objective. The best point keeps all of them."""
    safe_start: tuple[Mapping[str, Setting], ...] = ()
    """Points known to keep every ``safe`` limit: measured first, and where a safe search begins."""
    earlier: Annotated[tuple[str | ReadingsFile, ...], BeforeValidator(_as_several)] = ()
    """What agents know from the start: campaigns of this ledger, by their id, and tables. Nothing of it is measured again or spent."""
    agent: AgentRef = AgentPlugin(type="bayesian")
    fallback: AgentRef = AgentPlugin(type="sobol")
    every: Routines = ()
    """Darks, references, calibrations and alignments, and when each is due."""
    guardians: tuple[PluginRef, ...] = ()
    """Beside the ones that always watch: limits, budget, moved-by-another, position-reached, interlocks, reading."""
    budget: Budget = Budget(trials=50)
    stop: StopRules = StopRules()
    approval: Approval = Approval()
    on_ambiguous: Literal["remeasure", "hold"] = "remeasure"
    on_finish: Literal["stay", "best", "believed", "start", "park"] = "stay"
    max_attempts: int = Field(default=5, ge=1)
    """Attempts at measuring one trial before the campaign holds for a person."""
    metadata: Mapping[str, JsonValue] = {}
    seed: int = Field(default=0, ge=0, lt=2**63)

    @property
    def least_exposure(self) -> float:
        """Return the seconds that the shortest trial counts; 0 where the space is the instrument's own and nothing here says."""
        name = self.measure.exposure_from
        if name is None or name in self.fixed:
            return self.measure.counting_s(self.fixed)
        parameter = self.space.get(name)
        return 0.0 if parameter is None or isinstance(parameter, Categorical) else float(extent(parameter)[0])

    def routine(self, name: str) -> Routine | None:
        """Return the routine the ledger calls so; None for a trial that is none, or once people took it out."""
        return next((routine for routine in self.every if routine.id == name), None)

    @model_validator(mode="after")
    def _has_a_safe_beginning(self) -> "CampaignSpec":
        names = ", ".join(safe_limits(self.limits))
        if names and not self.safe_start:
            raise ValueError(
                f"the limit on {names} is safe, but safe_start names no point where it is known to be kept, and a safe search has to begin "
                "somewhere; write safe_start: [{…}] with such a point, or leave safe out to learn the limit by breaking it"
            )
        if self.safe_start and not names:
            raise ValueError(
                "safe_start is given, but no limit is safe; write safe: true at the one that must never break, or leave it out"
            )
        return self

    @field_validator("metadata")
    @classmethod
    def _metadata_is_free(cls, metadata: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
        taken = sorted(RESERVED_METADATA & set(metadata))
        if taken:
            raise ValueError(f"start documents reserve {', '.join(taken)}; call it something else")
        return metadata

    @model_validator(mode="before")
    @classmethod
    def _one_or_several_rewards(cls, written: Any) -> Any:
        return with_rewards(written)

    @model_validator(mode="before")
    @classmethod
    def _safe_fallback(cls, written: Any) -> Any:
        """Let a safe campaign fall back on points known to be safe, unless it names a fallback of its own."""
        if not isinstance(written, dict) or "fallback" in written:
            return cast(Any, written)
        body = cast(dict[str, Any], written)
        limits = body.get("limits")
        each = cast(dict[str, Any], limits).values() if isinstance(limits, Mapping) else ()
        return {**body, "fallback": "known-safe"} if any(map(_is_safe, each)) else body


def with_rewards(written: Any) -> Any:
    """Accept ``reward: {...}`` for the ordinary case of one."""
    if not isinstance(written, dict) or "reward" not in written:
        return cast(Any, written)
    body = cast(dict[str, Any], written)
    if "rewards" in body:
        raise ValueError("both reward and rewards are given; keep one")
    return {**{key: value for key, value in body.items() if key != "reward"}, "rewards": [body["reward"]]}


def _is_safe(written: Any) -> bool:
    if isinstance(written, Mapping):
        return cast(Mapping[str, Any], written).get("safe") is True
    return isinstance(written, Limit) and written.safe
