"""Campaigns that arrive over the network may name files in their own folder only."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from orchestrator.campaign_file.loading import CampaignFile
from orchestrator.campaign_file.paths import WAY_OUT, leads_out
from orchestrator.campaign_file.plugin_settings import plugins_of
from orchestrator.domain.errors import SpecError
from orchestrator.domain.samples import SamplesSpec
from orchestrator.domain.spec import CandidatesFile, Plugin, ReadingsFile
from orchestrator.wording import dotted, show_value
from orchestrator.wording.explaining import KeyPath


def require_confined(file: CampaignFile) -> None:
    """Refuse a campaign that could make something outside its folder be opened.

    Every text in a plug-in's settings is looked at, because only the plug-in knows which of them it opens.

    Raises:
        SpecError: Names every such key and value, a line each.
    """
    lines = tuple(f"{file.locate(path)} = {show_value(text)}: {WAY_OUT}" for path, text in _texts(file) if leads_out(text, file.folder))
    if lines:
        raise SpecError("\n".join(lines))


def require_confined_plugin(plugin: Plugin, key: str, folder: Path) -> None:
    """Refuse one plug-in's settings as ``require_confined`` does; ``key`` is where it stands."""
    lines = tuple(
        f"{dotted(path)} = {show_value(text)}: {WAY_OUT}" for path, text in _inside(plugin.settings, (key,)) if leads_out(text, folder)
    )
    if lines:
        raise SpecError("\n".join(lines))


def _texts(file: CampaignFile) -> Iterator[tuple[KeyPath, str]]:
    if isinstance(file.spec.candidates, CandidatesFile):
        yield ("candidates", "csv"), file.spec.candidates.csv
    for index, each in enumerate(file.spec.earlier):
        if isinstance(each, ReadingsFile):
            yield ("earlier", index, "csv"), each.csv
    if isinstance(file.spec, SamplesSpec):
        for name, stage in file.spec.stages.items():
            if isinstance(stage.candidates, CandidatesFile):
                yield ("stages", name, "candidates", "csv"), stage.candidates.csv
    for _kind, path, plugin in plugins_of(file.spec):
        yield from _inside(plugin.settings, path)


def _inside(value: Any, path: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    match value:
        case str():
            yield path, value
        case Mapping():
            for key, inner in value.items():
                yield from _inside(inner, (*path, str(key)))
        case Sequence():
            for index, inner in enumerate(value):
                yield from _inside(inner, (*path, index))
        case _:
            pass
