"""What an analysis's answer amounts to: ledger events, or a refusal that says what can be done instead. Pure."""

from collections.abc import Mapping

from pydantic import ValidationError

from orchestrator.domain import events as ev
from orchestrator.domain.analysis import AnalysisAnswer, answers_later, missing
from orchestrator.domain.campaign import CampaignState, Trial, TrialStatus
from orchestrator.domain.errors import BadInput, UnknownTrial, WrongState
from orchestrator.domain.ports import Command
from orchestrator.domain.records import ObjectiveScore, Score

Scores = Mapping[str, ObjectiveScore]


def is_early(command: Command, state: CampaignState) -> bool:
    """Return whether an answer came before its trial was recorded as measured: it then waits in the inbox."""
    if command.verb != "score" or command.trial is None or not 0 < command.trial <= len(state.trials):
        return False
    return state.trial(command.trial).status in (TrialStatus.STARTED, TrialStatus.MEASURED)


def answer_meaning(command: Command, state: CampaignState) -> tuple[ev.LedgerData, ...]:
    """Return the events an answer amounts to; none when it says what is recorded already.

    Raises:
        UnknownTrial: If the campaign has no such trial.
        WrongState: If the trial was not measured, is scored already, or another of its runs counts.
        BadInput: If it is no answer, or about no objective that an analysis tells.
    """
    trial = _answered(command, state)
    answer = answer_of(command)
    _require_counting_run(trial, answer)
    if answer.failed:
        return _failed(trial, answer.failed, command.note)
    given = _named(answer.scores, trial, state)
    told = trial.known if trial.score is None else trial.score.objectives
    if all(told.get(name) == score for name, score in given.items()):
        return ()
    replaced = {name: told[name] for name, score in given.items() if name in told and told[name] != score}
    if replaced and not answer.is_correction:
        raise WrongState(
            f"trial {trial.number} has {_shown(replaced)} already, and {_shown(given)} differs; to replace it, correct it and say why"
        )
    if replaced:
        return (_scored(trial, given, state, reason=_corrected(replaced, command.note)),)
    return (_scored(trial, given, state, note=command.note),)


def answer_of(command: Command) -> AnalysisAnswer:
    """Return the answer a command carries. Raises BadInput where it is none, or not finite."""
    try:
        return AnalysisAnswer.model_validate(dict(command.content), strict=False)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the answer"
        hint = "; where the analysis found nothing, say that it failed and why" if "finite" in first["msg"] else ""
        raise BadInput(f"trial {command.trial}: {where} = {first['input']!r}: {first['msg'].removeprefix('Value error, ')}{hint}") from None


def answer_in_words(command: Command) -> str:
    """Return what an answer says, in one phrase. Raises BadInput where it is none."""
    answer = answer_of(command)
    return f"trial {command.trial}, {answer.failed or _shown(answer.scores)}"


def _answered(command: Command, state: CampaignState) -> Trial:
    """Return the trial that was analysed."""
    later = answers_later(state)
    if not later:
        raise WrongState(f"the rewards of campaign {command.campaign} judge at once; only a reward of type external is answered")
    if command.trial is None or not 0 < command.trial <= len(state.trials):
        raise UnknownTrial(f"campaign {command.campaign} has no trial {command.trial}; it has {len(state.trials)}")
    trial = state.trial(command.trial)
    if trial.observation is None or not trial.is_judged:
        because = f" ({trial.note})" if trial.note else ""
        raise WrongState(f"trial {trial.number} is a trial of kind {trial.kind} and {trial.status}{because}: there is nothing to score")
    return trial


def _require_counting_run(trial: Trial, answer: AnalysisAnswer) -> None:
    assert trial.observation is not None
    counts = trial.observation.run_uid
    if answer.run_uid and counts and answer.run_uid != counts:
        raise WrongState(
            f"run {answer.run_uid} is not the one that counts for trial {trial.number}: {counts} (attempt {trial.attempt}); analyse it"
        )


def _failed(trial: Trial, why: str, note: str) -> tuple[ev.LedgerData, ...]:
    if trial.status is TrialStatus.FAILED:
        return ()
    if trial.score is not None:
        raise WrongState(
            f"trial {trial.number} is scored ({_shown(trial.score.objectives)}); correct it with another value and a larger sd"
        )
    return (ev.TrialFailed(trial=trial.number, reason=f"its analysis failed: {why}{f' ({note})' if note else ''}"),)


def _named(scores: Scores, trial: Trial, state: CampaignState) -> Scores:
    """Return the scores with every objective named. Raises BadInput for one that no analysis tells."""
    later = list(answers_later(state))
    awaited = [name for name in missing(state, trial) if name in later] or later
    if "" in scores and len(awaited) > 1:
        raise BadInput(f"trial {trial.number} awaits {', '.join(awaited)}; say which one is meant, for example {awaited[0]}=1.5")
    named = {name or awaited[0]: score for name, score in scores.items()}
    unknown = [name for name in named if name not in later]
    if unknown:
        raise BadInput(f"{unknown[0]!r} is nothing that an analysis tells here; awaited are {', '.join(later)}")
    return named


def _scored(trial: Trial, given: Scores, state: CampaignState, *, reason: str = "", note: str = "") -> ev.LedgerData:
    """Return the score if everything is told now, else what is known so far."""
    told = {**trial.known, **({} if trial.score is None else trial.score.objectives), **given}
    lacking = [objective.name for objective in state.objectives if objective.name not in told]
    if not lacking:
        return ev.TrialScored(trial=trial.number, score=Score(objectives=_in_order(told, state)), reason=reason, note=note)
    at_once = [name for name in lacking if name not in answers_later(state)]
    if at_once:
        raise WrongState(f"trial {trial.number} is {trial.status} ({trial.note}): its {', '.join(at_once)} could not be told")
    return ev.TrialAwaiting(trial=trial.number, known=_in_order(told, state), note=reason or note)


def _in_order(told: Scores, state: CampaignState) -> Scores:
    return {objective.name: told[objective.name] for objective in state.objectives if objective.name in told}


def _corrected(replaced: Scores, note: str) -> str:
    """Return why it is scored again."""
    return f"{_shown(replaced)} was corrected{f': {note}' if note else ''}"


def _shown(scores: Scores) -> str:
    """Return ``purity = 0.83 ± 0.02``."""
    return ", ".join(
        f"{name or 'score'} = {score.value:g}{'' if score.sd is None else f' ± {score.sd:g}'}" for name, score in scores.items()
    )
