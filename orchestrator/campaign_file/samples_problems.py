"""What is wrong with samples and stages as a whole: names that meet nothing, circles, doubles, and budgets that are missing."""

from collections.abc import Iterator, Mapping

from orchestrator.domain.measuring import PlanCall
from orchestrator.domain.part_spec import SAMPLE
from orchestrator.domain.samples import Sample, SamplesSpec, Stage, circle, needs
from orchestrator.domain.space import Categorical, Ordinal
from orchestrator.domain.spec import RESERVED_METADATA
from orchestrator.wording import choose_from, show_value
from orchestrator.wording.explaining import KeyPath, Problem

_LONGEST_NAME = 64
_MOST_BYTES = 40 * 1024
"""An event holds 64 kB, and this one says what the instrument is besides."""


def problems_with_samples(spec: SamplesSpec) -> tuple[Problem, ...]:
    """Return every problem, each with where it was written."""
    return (
        *_earlier(spec),
        *_too_many(spec),
        *_doubles(spec),
        *_of_samples(spec),
        *(problem for name in spec.stages for problem in _of_stage(spec, name)),
        *_circles(spec),
    )


def _earlier(spec: SamplesSpec) -> Iterator[Problem]:
    if spec.earlier:
        yield Problem(("earlier",), ": every sample is searched anew, so that nothing measured earlier is of it; leave earlier out")


def _too_many(spec: SamplesSpec) -> Iterator[Problem]:
    size = sum(len(sample.model_dump_json()) for sample in spec.samples)
    if size > _MOST_BYTES:
        told = f": {len(spec.samples)} samples take {size // 1024} kB in the ledger, above {_MOST_BYTES // 1024} kB; leave out metadata"
        yield Problem(("samples",), f"{told} that nothing needs, or make several campaigns of it")


def _doubles(spec: SamplesSpec) -> Iterator[Problem]:
    ids: dict[str, int] = {}
    places: dict[object, str] = {}
    for index, sample in enumerate(spec.samples):
        if sample.id in ids:
            told = f" = {show_value(sample.id)}: sample {ids[sample.id] + 1} of the list is called so too; give each its own id"
            yield Problem(("samples", index, "id"), told)
        if sample.position is not None and sample.position in places:
            where = f" = {show_value(sample.position)}: {places[sample.position]} is there already; a position holds one sample"
            yield Problem(("samples", index, "position"), where)
        ids.setdefault(sample.id, index)
        places.setdefault(sample.position, sample.id)


def _of_samples(spec: SamplesSpec) -> Iterator[Problem]:
    longest = max(spec.stages, key=len)
    for index, sample in enumerate(spec.samples):
        name = f"{spec.name}.{sample.id}.{longest}"
        if len(name) > _LONGEST_NAME:
            told = f" = {show_value(sample.id)}: its part would be called {name}, {len(name)} characters, above {_LONGEST_NAME}; shorten it"
            yield Problem(("samples", index, "id"), f"{told} or the name")
        taken = sorted(RESERVED_METADATA & set(sample.metadata))
        if taken:
            yield Problem(("samples", index, "metadata"), f": start documents reserve {', '.join(taken)}; call it something else")


def _of_stage(spec: SamplesSpec, name: str) -> Iterator[Problem]:
    stage, path = spec.stages[name], ("stages", name)
    for index, required in enumerate(stage.requires or ()):
        if required not in spec.stages:
            told = f" = {show_value(required)}: no stage is called so; {choose_from(required, spec.stages)}"
            yield Problem((*path, "requires", index), told)
    yield from _of_origin(spec, name, stage, path)
    yield from _unknown_fields(spec, stage, path)
    if stage.budget is None and not stage.is_done_once:
        told = ": has no budget, and would search for ever; say what each sample may spend, for example budget: {trials: 20}"
        yield Problem(path, told)
    if not stage.is_done_once and not stage.rewards and not spec.rewards:
        yield Problem(path, ": has no reward, so nothing tells a good point from a bad one; add reward: {signal: …, goal: …}")


def _of_origin(spec: SamplesSpec, name: str, stage: Stage, path: KeyPath) -> Iterator[Problem]:
    for earlier in stage.origin:
        where = (*path, "origin", earlier)
        if earlier not in spec.stages:
            yield Problem(where, f": no stage is called {earlier!r}; {choose_from(earlier, spec.stages)}")
        elif earlier == name or earlier not in needs(spec, name):
            yield Problem(where, f": {name} does not require {earlier}, which may come later; add it: requires: [{earlier}]")
        elif spec.stages[earlier].is_done_once and not spec.stages[earlier].origin:
            yield Problem(where, f": {earlier} searches nothing, so it has no best point; name a stage that has a space")
    for parameter, written in (stage.space or {}).items():
        if stage.origin and isinstance(written, Ordinal | Categorical) and _is_set_by(spec, stage, parameter):
            told = ": lists values, which no origin can move; give it limits, or leave it out to stay at the origin"
            yield Problem((*path, "space", parameter), told)


def _is_set_by(spec: SamplesSpec, stage: Stage, parameter: str) -> bool:
    """Return whether a stage that this one begins from sets a parameter."""
    return any(parameter in (spec.stages[name].space or spec.space) for name in stage.origin if name in spec.stages)


def _unknown_fields(spec: SamplesSpec, stage: Stage, path: KeyPath) -> Iterator[Problem]:
    """Yield ``$sample.NAME`` for which some sample has no such thing."""
    measure = stage.measure or spec.measure
    plan = stage.plan or measure.plan
    where = (*path, "plan", "args") if stage.plan is not None else (*path, "measure", "plan", "args")
    named = {**_named({} if plan is None else plan.args, where), **_named(stage.fixed or {}, (*path, "fixed"))}
    for field, place in named.items():
        lacking = next((sample for sample in spec.samples if field not in sample.fields()), None)
        if lacking is not None:
            yield Problem(place, f" = {show_value(f'${SAMPLE}{field}')}: {_lacks(lacking, field)}")


def _named(args: Mapping[str, object], where: KeyPath) -> dict[str, KeyPath]:
    found: dict[str, KeyPath] = {}
    for key, value in args.items():
        for name in PlanCall.model_validate({"name": "plan", "args": {"value": value}}).parameters:
            if name.startswith(SAMPLE):
                found[name.removeprefix(SAMPLE)] = (*where, key)
    return found


def _lacks(sample: Sample, field: str) -> str:
    if field == "position":
        return f"sample {sample.id} has no position; write it beside its id: {{id: {sample.id}, position: …}}"
    return f"sample {sample.id} has no {field}; write it: metadata: {{{field}: …}}, or {choose_from(field, sample.fields())}"


def _circles(spec: SamplesSpec) -> Iterator[Problem]:
    found = circle(spec)
    if found:
        yield Problem(("stages", found[0]), f": stages require each other: {' → '.join(found)}; take one of them out of requires")
