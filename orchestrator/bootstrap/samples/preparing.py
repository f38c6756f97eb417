"""A campaign over samples made ready before anything is recorded: paths, pools of candidates, and every stage held against the
instrument.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from orchestrator.bootstrap import assembling
from orchestrator.campaign_file import CampaignFile
from orchestrator.domain.base import Point, Setting
from orchestrator.domain.events import CampaignCreated
from orchestrator.domain.instrument import InstrumentDescription
from orchestrator.domain.part_spec import part_spec
from orchestrator.domain.parts import PartOf
from orchestrator.domain.ports import Artefacts
from orchestrator.domain.samples import Sample, SamplesSpec, Stage, in_order
from orchestrator.domain.space import Continuous, Integer, Parameter
from orchestrator.domain.spec import CampaignSpec
from orchestrator.preflight import fitted, require_dose
from orchestrator.wording.explaining import KeyPath


@dataclass(frozen=True, slots=True)
class StageFile(CampaignFile):
    """A campaign file, read as one of its stages."""

    stage: str = ""

    def locate(self, path: KeyPath) -> str:
        """Return where a stage says it, or the campaign for all stages."""
        written = self.document.data if self.document is not None else {}
        own = written.get("stages", {}).get(self.stage, {})
        key = "reward" if path[:1] == ("rewards",) and "reward" in own else path[0] if path else ""
        if path[:2] == ("measure", "plan") and "plan" in own:
            return CampaignFile.locate(self, ("stages", self.stage, *path[1:]))
        return CampaignFile.locate(self, ("stages", self.stage, *path) if key in own else path)


def prepared(file: CampaignFile, spec: SamplesSpec, artefacts: Artefacts | None) -> SamplesSpec:
    """Return the spec as it will be recorded: every path absolute, every pool of candidates kept beside the ledger.

    Raises:
        BadInput: If a plug-in or a file cannot be used.
    """
    update = {
        **assembling.absolute_paths(spec, file.folder),
        "stages": {name: _prepared(stage, file.folder, artefacts) for name, stage in spec.stages.items()},
        "candidates": assembling.kept_candidates(spec.candidates, file.folder, artefacts),
    }
    return spec.model_copy(update=update)


def _prepared(stage: Stage, folder: Path, artefacts: Artefacts | None) -> Stage:
    return stage.model_copy(
        update={**assembling.absolute_plugins(stage, folder), "candidates": assembling.kept_candidates(stage.candidates, folder, artefacts)}
    )


def check_stages(
    file: CampaignFile, spec: SamplesSpec, description: InstrumentDescription, artefacts: Artefacts | None
) -> Mapping[str, CampaignSpec]:
    """Return each stage as the first sample would go through it, held against the instrument; origins are guessed.

    Raises:
        BadInput: If a stage cannot be run; names file, line, thing, value, limit and way out.
    """
    require_dose(spec.budget.dose, description, locate=file.locate)
    best: dict[str, Point] = {}
    checked: dict[str, CampaignSpec] = {}
    axes = {name: axis.parameter for name, axis in description.axes.items()}
    for name in in_order(spec):
        stage_file = StageFile(file.spec, file.folder, file.source_name, file.document, stage=name)
        part = part_spec(spec, spec.samples[0], name, best=best, axes=axes)
        checked[name] = resolved(stage_file, part, description, artefacts)
        best[name] = {key: _middle(parameter) for key, parameter in checked[name].space.items()}
    return checked


def _middle(parameter: Parameter) -> Setting:
    match parameter:
        case Continuous(limits=(low, high)):
            return (low + high) / 2
        case Integer(limits=(low, high)):
            return (low + high) // 2
        case _:
            return parameter.values[len(parameter.values) // 2]


def resolved(file: CampaignFile, part: CampaignSpec, description: InstrumentDescription, artefacts: Artefacts | None) -> CampaignSpec:
    """Return a part as it will be recorded. Raises BadInput if it cannot be run on this instrument."""
    assembling.check_agents(part)
    assembling.build_guardians(part)
    rewards = assembling.build_rewards(part)
    return assembling.resolve(file, part, fitted(description, part), rewards, artefacts)[0]


def created(campaign: str, sample: Sample, stage: str, part: CampaignSpec, description: InstrumentDescription) -> CampaignCreated:
    """Return a part's first ledger event."""
    told = fitted(description, part)
    if part.measure.plan is not None and not part.measure.signals:
        told = told.model_copy(update={"signals": {}})  # the plan reads nothing that anybody asked for
    return CampaignCreated(
        spec=part,
        instrument=told.model_copy(update={"candidates": None}),
        versions=assembling.versions(),
        part_of=PartOf(campaign=campaign, sample=sample.id, stage=stage),
    )
