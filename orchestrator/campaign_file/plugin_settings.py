"""The plug-ins a campaign names, checked before anything is built: are they installed, and do their settings fit?"""

from collections.abc import Iterator

from pydantic import ValidationError

from orchestrator import plugins
from orchestrator.domain.errors import UnknownPlugin
from orchestrator.domain.samples import SamplesSpec, Stage
from orchestrator.domain.spec import CampaignSpec, Plugin
from orchestrator.wording import show_value
from orchestrator.wording.explaining import KeyPath, Problem, explain

Named = tuple[plugins.Kind, KeyPath, Plugin]
"""A plug-in's kind, where the campaign names it, and what it says."""


def plugins_of(spec: CampaignSpec) -> Iterator[Named]:
    """Yield every plug-in a campaign names."""
    yield "instrument", ("instrument",), spec.instrument
    yield "agent", ("agent",), spec.agent
    yield "agent", ("fallback",), spec.fallback
    for index, reward in enumerate(spec.rewards):
        yield "reward", ("rewards", index), reward
    for index, guardian in enumerate(spec.guardians):
        yield "guardian", ("guardians", index), guardian
    if isinstance(spec, SamplesSpec):
        for name, stage in spec.stages.items():
            yield from _of_stage(name, stage)


def _of_stage(name: str, stage: Stage) -> Iterator[Named]:
    path = ("stages", name)
    if stage.agent is not None:
        yield "agent", (*path, "agent"), stage.agent
    if stage.fallback is not None:
        yield "agent", (*path, "fallback"), stage.fallback
    for index, reward in enumerate(stage.rewards or ()):
        yield "reward", (*path, "rewards", index), reward
    for index, guardian in enumerate(stage.guardians or ()):
        yield "guardian", (*path, "guardians", index), guardian


def problems_with_plugins(spec: CampaignSpec) -> tuple[Problem, ...]:
    """Return what is wrong with the plug-ins' names and settings."""
    return tuple(problem for kind, path, plugin in plugins_of(spec) for problem in _problems(kind, path, plugin))


def _problems(kind: plugins.Kind, path: KeyPath, plugin: Plugin) -> tuple[Problem, ...]:
    try:
        settings = plugins.load(kind, plugin.type).Settings
    except UnknownPlugin as error:
        return (Problem((*path, "type"), f" = {show_value(plugin.type)}: {error}"),)
    except ImportError as error:
        return (Problem((*path, "type"), f" = {show_value(plugin.type)}: cannot be loaded: {error}; install what it needs"),)
    try:
        settings.model_validate(plugin.settings)
    except ValidationError as error:
        return explain(error, plugin.settings, settings, path)
    return ()
