"""A campaign file, read, overridden and validated."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from orchestrator.campaign_file.overriding import override
from orchestrator.campaign_file.plugin_settings import problems_with_plugins
from orchestrator.campaign_file.reading import Document, parse
from orchestrator.campaign_file.samples_problems import problems_with_samples
from orchestrator.campaign_file.samples_table import with_samples
from orchestrator.campaign_file.sources import read_source
from orchestrator.domain.errors import SpecError
from orchestrator.domain.samples import SamplesSpec
from orchestrator.domain.spec import CampaignSpec
from orchestrator.wording import dotted
from orchestrator.wording.explaining import KeyPath, Problem, explain, with_one_reward


@dataclass(frozen=True, slots=True)
class CampaignFile:
    """A valid campaign spec and where it came from."""

    spec: CampaignSpec
    folder: Path
    """Where its relative paths start."""
    source_name: str
    document: Document | None = field(default=None, repr=False)
    """What was written, for the line numbers of problems found later."""
    tables: Mapping[str, str] = field(default_factory=dict[str, str])
    """SHA-256 of the files that samples were read from, by path as written."""

    def locate(self, path: KeyPath) -> str:
        """Return ``my.yaml:7: space.x.limits``: where a value was written, and its dotted path."""
        if self.document is None:
            return f"{self.source_name}: {dotted(path)}"
        return _locate(self.document, path)


def load(source: str | Path, overrides: Mapping[str, str] | None = None, seed: int | None = None) -> CampaignFile:
    """Return the campaign a file describes.

    Args:
        source: A path, or a bundled campaign's name.
        overrides: YAML values by dotted path, as given to ``--set``.
        seed: Replaces the file's seed.

    Raises:
        SpecError: Names every problem, a line each: file, line, key, value, what is wrong and the way out.
    """
    text = read_source(source)
    return load_text(text.text, text.name, text.folder, overrides, seed)


def load_text(
    text: str,
    name: str,
    folder: Path,
    overrides: Mapping[str, str] | None = None,
    seed: int | None = None,
    *,
    is_confined: bool = False,
) -> CampaignFile:
    """Return the campaign a text describes, as ``load`` does.

    Args:
        text: YAML.
        name: What problems call it, such as ``campaign.yaml``.
        folder: Where its relative paths start.
        overrides: YAML values by dotted path.
        seed: Replaces the text's seed.
        is_confined: Whether the table of its samples must lie in that folder; see ``require_confined`` for everything else.

    Raises:
        SpecError: Names every problem, a line each.
    """
    document, tables = with_samples(override(parse(text, name), overrides or {}, seed), folder, is_confined=is_confined)
    return CampaignFile(_validate(document), folder, name, document, tables)


def _validate(document: Document) -> CampaignSpec:
    _refuse(document, _problems_of_people(document.data))
    model = SamplesSpec if {"samples", "stages"} & set(document.data) else CampaignSpec
    try:
        spec = model.model_validate(document.data)
    except ValidationError as error:
        _refuse(document, explain(error, document.data, model))
        raise  # never reached: a validation error explains at least one problem
    _refuse(document, problems_with_plugins(spec))
    if isinstance(spec, SamplesSpec):
        _refuse(document, problems_with_samples(spec))
    return spec


def _problems_of_people(data: Mapping[str, Any]) -> Iterable[Problem]:
    """Refuse what the spec allows for Nightshift's own use only."""
    candidates = data.get("candidates")
    if isinstance(candidates, Mapping) and "csv" not in candidates:
        yield Problem(("candidates",), ": must be a list of points or {csv: FILE}; name the file that lists them")


def _refuse(document: Document, problems: Iterable[Problem]) -> None:
    lines = tuple(f"{_locate(document, problem.path)}{problem.text}" for problem in problems)
    if lines:
        raise SpecError("\n".join(lines))


def _locate(document: Document, path: KeyPath) -> str:
    return document.at(with_one_reward(path, document.data))
