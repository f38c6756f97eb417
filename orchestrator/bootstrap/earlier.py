"""What was measured before a campaign, as it begins with it: other campaigns' trials, and tables.

Readings are judged by the campaign's own rewards, so that a night may begin with what another one read for another purpose.
What lies outside its space is left out: the best point must be one that it could measure.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from instruments.earlier_rows import EarlierRow, read_rows
from orchestrator.bootstrap.reading import find, load_state
from orchestrator.bootstrap.workplace import Workplace
from orchestrator.campaign_file import CampaignFile
from orchestrator.domain import events as ev
from orchestrator.domain.base import Setting
from orchestrator.domain.campaign import CampaignState, Trial
from orchestrator.domain.errors import ArtefactMissing, FramesUnreadable, RewardError, SpecError
from orchestrator.domain.records import ObjectiveScore, Score, TrialKind
from orchestrator.domain.samples import SamplesSpec
from orchestrator.domain.space import Categorical, Integer, Ordinal, Parameter, Space
from orchestrator.domain.spec import CampaignSpec, ReadingsFile
from orchestrator.engine.scoring import Judge

Found = ev.TrialKnown | str
"""What may be begun with, not numbered yet; or why not."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """What a campaign begins with."""

    spec: CampaignSpec
    """With the full ids of the campaigns it names."""
    events: tuple[ev.LedgerData, ...]
    """To be recorded after its creation: every measurement, then what was taken from where."""


def earlier_of(workplace: Workplace, file: CampaignFile, spec: CampaignSpec, space: Space, judge: Judge) -> Earlier:
    """Return what a campaign begins with: all that it names as ``earlier``, each measurement once.

    Args:
        workplace: Where the campaigns are.
        file: Where it was written, for relative paths and line numbers.
        spec: Resolved.
        space: Its space.
        judge: Its rewards.

    Raises:
        SpecError: If a campaign or a table gives nothing to begin with; names it, why, and the way out.
        UnknownCampaign: If there is no campaign of that name.
    """
    space = space.fixing(spec.fixed)
    known, notes, named = dict[str, ev.TrialKnown](), list[ev.NoteLeft](), list[str | ReadingsFile]()
    for index, written in enumerate(spec.earlier):
        source = written if isinstance(written, ReadingsFile) else find(workplace, written)
        try:
            kept, left_out = _sifted(_found(workplace, file.folder, source, spec, space, judge))
        except SpecError as error:
            raise SpecError(f"{file.locate(('earlier', index))}: {error}") from None
        for each in kept:
            known.setdefault(each.source, each.model_copy(update={"trial": len(known) + 1}))
        named.append(source)
        whose = source.csv if isinstance(source, ReadingsFile) else source
        told = f"{len(kept)} earlier measurement{'' if len(kept) == 1 else 's'} of {whose}"
        notes.append(ev.NoteLeft(text=f"begins with {told}{'; left out: ' if left_out else ''}{left_out}"))
    return Earlier(spec.model_copy(update={"earlier": tuple(named)}), (*known.values(), *notes))


def _found(workplace: Workplace, folder: Path, source: str | ReadingsFile, spec: CampaignSpec, space: Space, judge: Judge) -> list[Found]:
    if isinstance(source, ReadingsFile):
        return list(_rows(folder, source, space, judge))
    return list(_trials(load_state(workplace, source), source, spec, space, judge))


def _sifted(found: Sequence[Found]) -> tuple[list[ev.TrialKnown], str]:
    """Return what may be begun with, and why not with the rest."""
    kept = [each for each in found if isinstance(each, ev.TrialKnown)]
    left_out = "; ".join(f"{n} {why}" for why, n in Counter(each for each in found if isinstance(each, str)).items())
    if not kept:
        raise SpecError(f"there is nothing to begin with: {left_out or 'no trial is scored'}; leave it out")
    return kept, left_out


def _trials(state: CampaignState, campaign: str, spec: CampaignSpec, space: Space, judge: Judge) -> Iterator[Found]:
    """Yield another campaign's scored trials, and those it began with itself."""
    if isinstance(state.spec, SamplesSpec):
        parts = ", ".join(part.id for part in list(state.parts.by_place.values())[:3])
        raise SpecError(f"{campaign} is of several samples and measures nothing itself; name parts of it, such as {parts}")
    _require_same_units(campaign, state, spec)
    for trial in state.trials:
        if trial.kind.is_scored and trial.score is not None:
            yield _trial(campaign, trial, space, judge, has_same_rewards=state.spec.rewards == spec.rewards)


def _require_same_units(campaign: str, state: CampaignState, spec: CampaignSpec) -> None:
    for name, parameter in spec.space.items():
        there = state.spec.space.get(name)
        if there is None:
            raise SpecError(f"{campaign} has no parameter {name}, so nothing tells where it stood; it has {', '.join(state.spec.space)}")
        if there.unit != parameter.unit:
            units = f"{there.unit or 'no unit'} in {campaign} and in {parameter.unit or 'no unit'} here"
            raise SpecError(f"{name} is in {units}; make them agree")


def _trial(campaign: str, trial: Trial, space: Space, judge: Judge, *, has_same_rewards: bool) -> Found:
    if space.problems(trial.point):
        return "outside this campaign's space"
    score = trial.score if has_same_rewards else _judged(trial, judge)
    if score is None:
        return "that this campaign's rewards cannot judge"
    is_own = trial.kind is not TrialKind.EARLIER
    source = f"trial {trial.number} of {campaign}" if is_own else trial.evidence.reason
    return ev.TrialKnown(trial=1, point=trial.point, score=score, observation=trial.observation, source=source)


def _judged(trial: Trial, judge: Judge) -> Score | None:
    """Return what the rewards make of a trial's readings; None where they cannot, or an analysis would have to answer."""
    if trial.observation is None:
        return None
    try:
        told = judge.score(trial.observation)
    except (RewardError, ArtefactMissing, FramesUnreadable):
        return None
    return Score(objectives=told) if len(told) == len(judge.rewards) else None


def _rows(folder: Path, file: ReadingsFile, space: Space, judge: Judge) -> Iterator[Found]:
    """Yield what a table says was measured."""
    objectives = tuple(judge.rewards)
    for row in read_rows(folder / file.csv, (*space.parameters, *objectives)):
        point = {name: _setting(parameter, row.cells[name]) for name, parameter in space.parameters.items()}
        if space.problems(point):
            yield "outside this campaign's space"
        else:
            score = Score(objectives={name: _score(file.csv, row, name) for name in objectives})
            yield ev.TrialKnown(trial=1, point=point, score=score, source=f"{file.csv}, line {row.line}")


def _setting(parameter: Parameter, cell: str) -> Setting:
    """Return a cell as its parameter has it; what is no number stays a text, which no parameter of numbers takes."""
    if isinstance(parameter, Categorical):
        return cell
    try:
        number = float(cell)
    except ValueError:
        return cell
    if isinstance(parameter, Ordinal):
        return next((choice for choice in parameter.values if choice == number), number)
    return int(number) if isinstance(parameter, Integer) and number.is_integer() else number


def _score(path: str, row: EarlierRow, name: str) -> ObjectiveScore:
    """Return one objective's score, with its sd from a column ``score_sd.NAME`` or ``NAME_sd`` where there is one."""
    value, sd = row.cells[name], row.cells.get(f"score_sd.{name}") or row.cells.get(f"{name}_sd")
    try:
        return ObjectiveScore(value=float(value), sd=float(sd) if sd else None)
    except ValueError:
        raise SpecError(f"{path}, line {row.line}: {name} = {value}{f' ± {sd}' if sd else ''} is no score; correct it") from None
