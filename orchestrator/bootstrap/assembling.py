"""From a campaign spec to the parts it names."""

import json
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from platform import python_version

from orchestrator import plugins
from orchestrator.bootstrap.answer_places import require_answer_places
from orchestrator.bootstrap.rewarding import build_rewards
from orchestrator.campaign_file import CampaignFile
from orchestrator.domain.base import Point
from orchestrator.domain.errors import SpecError
from orchestrator.domain.events import ordered_json
from orchestrator.domain.instrument import InstrumentDescription
from orchestrator.domain.ports import Artefacts
from orchestrator.domain.protocols import Guardian, Reward
from orchestrator.domain.samples import Stage
from orchestrator.domain.space import Space
from orchestrator.domain.spec import CampaignSpec, Candidates, CandidatesArtefact, CandidatesFile, Plugin
from orchestrator.guardians.defaults import ALWAYS
from orchestrator.preflight import (
    check_exposure,
    check_plan,
    check_routines,
    check_safe_start,
    check_spec,
    needed,
    read_candidates,
    require_dose,
    resolve_space,
    signals_of,
    with_kinds,
)

_RECORDED = ("nightshift", "bluesky", "ophyd", "torch", "botorch", "gpytorch", "numpy", "scipy", "sqlalchemy", "pydantic")


def versions() -> Mapping[str, str]:
    """Return the versions that bear on what a campaign did."""
    found = {"python": python_version()}
    for name in _RECORDED:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def build_guardians(spec: CampaignSpec) -> Mapping[str, Guardian]:
    """Return the guardians that always watch, then those the campaign adds; naming one of the former changes its settings."""
    named = [*(Plugin(type=name) for name in ALWAYS), *spec.guardians]
    return {f"{plugin.type}": plugins.build("guardian", plugin) for plugin in named}


def check_agents(spec: CampaignSpec) -> None:
    """Refuse unknown agents and settings, and agents that would leave a safe region, before anything starts."""
    for role, plugin in (("agent", spec.agent), ("fallback", spec.fallback)):
        plugins.settings_of("agent", plugin)
        plugins.require_safe(role, plugin, spec.limits)


def _check_agents_suit(spec: CampaignSpec, space: Space, rewards: Mapping[str, Reward]) -> None:
    objectives = [reward.objective().model_copy(update={"name": name}) for name, reward in rewards.items()]
    for role, plugin in (("agent", spec.agent), ("fallback", spec.fallback)):
        plugins.require_suited(role, plugin, space, objectives)


def with_absolute_paths(spec: CampaignSpec, folder: Path) -> CampaignSpec:
    """Return the spec with every path a plug-in's settings hold made absolute, so that it can be resumed from anywhere."""
    return spec.model_copy(update=absolute_paths(spec, folder))


def absolute_paths(spec: CampaignSpec, folder: Path) -> Mapping[str, Plugin | tuple[Plugin, ...]]:
    """Return every plug-in a campaign names, by key, with absolute paths."""
    return {"instrument": _absolute("instrument", spec.instrument, folder), **absolute_plugins(spec, folder)}


def absolute_plugins(part: CampaignSpec | Stage, folder: Path) -> Mapping[str, Plugin | tuple[Plugin, ...]]:
    """Return the plug-ins a campaign, or one of its stages, names, by key, with absolute paths."""
    one = {name: _absolute("agent", plugin, folder) for name in ("agent", "fallback") if (plugin := getattr(part, name)) is not None}
    rewards = None if part.rewards is None else tuple(_absolute("reward", reward, folder) for reward in part.rewards)
    guardians = None if part.guardians is None else tuple(_absolute("guardian", guardian, folder) for guardian in part.guardians)
    several = {"rewards": rewards, "guardians": guardians}
    return {**one, **{name: plugins for name, plugins in several.items() if plugins is not None}}


def _absolute(kind: plugins.Kind, plugin: Plugin, folder: Path) -> Plugin:
    settings = plugins.settings_of(kind, plugin)
    if not hasattr(settings, "relative_to"):
        return plugin
    absolute = settings.relative_to(folder).model_dump(mode="json", exclude_unset=True)
    own = {name: getattr(plugin, name) for name in type(plugin).model_fields}
    return type(plugin).model_validate({**absolute, **own})


def resolve(
    file: CampaignFile, spec: CampaignSpec, description: InstrumentDescription, rewards: Mapping[str, Reward], artefacts: Artefacts | None
) -> tuple[CampaignSpec, Space]:
    """Return the spec as it will be recorded, nothing left to be looked up, and the space it describes.

    Args:
        file: Where it was written, for relative paths and line numbers.
        spec: As written, paths in plug-in settings made absolute.
        description: What the instrument says of itself, fitted to the spec.
        rewards: By objective name.
        artefacts: Where a pool of candidates is kept; None when nothing is to be recorded.

    Raises:
        SpecError: If the campaign cannot be run on this instrument; names thing, value, limit and way out.
    """
    check_plan(spec, description, locate=file.locate)
    candidates = _candidates(spec, file.folder, artefacts)
    space = resolve_space(spec, description, candidates, locate=file.locate)
    check_spec(spec, description, rewards, locate=file.locate)
    require_answer_places(rewards, file.locate)
    check_exposure(spec, space, locate=file.locate)
    check_safe_start(spec, space, locate=file.locate)
    check_routines(spec, description, space, locate=file.locate)
    _check_agents_suit(spec, space, rewards)
    kept = None if space.candidates is None or artefacts is None else _store(space.candidates, artefacts)
    rewarded = [signal for reward in rewards.values() for signal in reward.signals()]
    limited = [name for name in spec.limits if name in description.signals and name not in rewards]
    signals = signals_of(spec, description, (*rewarded, *limited, *_dosing(spec, description)))
    derive = needed({**description.derive, **spec.measure.derive}, signals or description.signals)
    measure = spec.measure.model_copy(update={"signals": signals, "derive": {**derive, **spec.measure.derive}})
    update = {"space": space.parameters, "constraints": space.constraints, "candidates": kept, "measure": measure}
    return with_kinds(spec.model_copy(update=update), description), space


def _dosing(spec: CampaignSpec, description: InstrumentDescription) -> tuple[str, ...]:
    """Return the signal that a dose budget needs, where one tells the dose."""
    rule = description.dose
    return () if spec.budget.dose is None or rule is None or rule.signal is None else (rule.signal,)


def written_candidates(spec: CampaignSpec, folder: Path) -> tuple[Point, ...] | None:
    """Return the pool a campaign file names, if it does. Raises SpecError if it cannot be read."""
    return _candidates(spec, folder, None)


def kept_candidates(written: Candidates | None, folder: Path, artefacts: Artefacts | None) -> Candidates | None:
    """Return a pool of candidates as the ledger keeps it. Raises SpecError if it cannot be read."""
    if artefacts is None or not isinstance(written, CandidatesFile):
        return written
    return _store(read_candidates(folder / written.csv), artefacts)


def _candidates(spec: CampaignSpec, folder: Path, artefacts: Artefacts | None) -> tuple[Point, ...] | None:
    match spec.candidates:
        case None:
            return None
        case CandidatesFile(csv=name):
            return read_candidates(folder / name)
        case CandidatesArtefact(sha256=sha256):
            if artefacts is None:
                raise SpecError("candidates name an artefact; write the points, or a CSV, in a campaign file")
            return tuple(json.loads(artefacts.get(sha256)))
        case points:
            return tuple(points)


def _store(points: tuple[Point, ...], artefacts: Artefacts) -> CandidatesArtefact:
    content = ordered_json([dict(point) for point in points]).encode()
    return CandidatesArtefact(sha256=artefacts.put(content), n=len(points))


def recorded_space(spec: CampaignSpec, artefacts: Artefacts) -> Space:
    """Return the space of a recorded campaign, fixed parameters kept where they are."""
    space = Space(parameters=spec.space, constraints=spec.constraints, candidates=_candidates(spec, Path(), artefacts))
    return space.fixing(spec.fixed)


def require_possible(artefacts: Artefacts, spec: CampaignSpec, description: InstrumentDescription) -> Space:
    """Return an amended campaign's space.

    Raises:
        BadInput: If the instrument cannot do it, an agent or a setting is unknown, or no point is left to measure.
    """
    check_agents(spec)
    space = recorded_space(spec, artefacts)
    searched = spec.model_copy(update={"space": space.parameters, "constraints": space.constraints, "fixed": {}})
    resolve_space(searched, description, None)
    require_dose(spec.budget.dose, description)
    _check_agents_suit(spec, space, build_rewards(spec))
    if space.candidates is not None and not any(_is_member(space, point) for point in space.candidates):
        raise SpecError(f"none of the {len(space.candidates)} candidates would be left; widen the limits or release a parameter")
    return space


def _is_member(space: Space, point: Point) -> bool:
    return not space.model_copy(update={"candidates": None}).problems(point)
