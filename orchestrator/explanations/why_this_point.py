"""Why a point was measured: what was expected, what else was considered, and what came of it."""

from orchestrator.domain.base import Point
from orchestrator.domain.campaign import CampaignState, Trial, TrialStatus, first_value, keeps_limits
from orchestrator.domain.history import objective_score
from orchestrator.domain.limits import limited_value
from orchestrator.domain.records import ASKED_FOR, Answer, Objective, Prediction, RunnerUp, TrialKind
from orchestrator.queries.units import axis_unit, show_setting, signal_unit
from orchestrator.wording import percent
from orchestrator.wording.numbers import show_number, show_roughly
from orchestrator.wording.worth import show_worth


def why_this_point(state: CampaignState, number: int, then: CampaignState | None = None) -> str:
    """Return one to three plain sentences on one trial.

    Args:
        state: The campaign now.
        number: The trial, counted from 1.
        then: The state in which it was suggested. Without it, the best then is taken from the present scores of earlier
            trials, which differs only where analysis answered late or twice.
    """
    trial = state.trial(number)
    best = _best_before(state, number) if then is None else then.best_trial
    sentences = (_why_suggested(state, trial, best), _limits(state, trial), _what_else(state, trial), _what_became(state, trial, best))
    return " ".join(f"{sentence[0].upper()}{sentence[1:]}." for sentence in sentences if sentence)


def show_point_with_units(state: CampaignState, point: Point) -> str:
    """Return ``mirror_pitch = 3.04 mrad, filter = Al``."""
    return ", ".join(f"{name} = {show_setting(value, axis_unit(state, name))}" for name, value in point.items())


def _best_before(state: CampaignState, number: int) -> Trial | None:
    earlier = [trial for trial in state.trials[: number - 1] if _counts(state, trial)]
    best: Trial | None = None
    for trial in earlier:
        if best is None or _is_better(state, trial, best):
            best = trial
    return best


def _counts(state: CampaignState, trial: Trial) -> bool:
    """Return whether a trial may be the best."""
    return trial.kind.is_scored and first_value(trial, state.objectives) is not None and keeps_limits(trial, state.spec.limits)


def _is_better(state: CampaignState, one: Trial, than: Trial) -> bool:
    value, other = first_value(one, state.objectives), first_value(than, state.objectives)
    return value is not None and other is not None and state.objectives[0].is_better(value, other)


def _why_suggested(state: CampaignState, trial: Trial, best: Trial | None) -> str:
    predicted = _predictions(state, trial)
    if trial.kind is TrialKind.FINISH:
        return f"this was the last move, nobody scores it: {_reason(trial)}"
    if trial.kind is TrialKind.EARLIER:
        return f"this was measured before the campaign: {_reason(trial)}"
    if trial.routine:
        return f"{trial.routine} was due: {_reason(trial)}"
    if trial.role == "human":
        because = "" if _reason(trial) == ASKED_FOR else _because(trial)
        return f"a person, {trial.agent}, asked for this point{because}"
    if not predicted:
        return f"{_who(trial)} suggested it without a prediction{_because(trial)}"
    expected = " and ".join(f"{objective.name} = {_show(state, objective, prediction)}" for objective, prediction in predicted)
    if trial.evidence.purpose:
        return f"{_who(trial)} expected {expected} here, and chose it {trial.evidence.purpose}"
    return f"{_who(trial)} expected {expected} here{_compared(state, predicted[0], best)}"


def _predictions(state: CampaignState, trial: Trial) -> list[tuple[Objective, Prediction]]:
    predicted = trial.evidence.predicted
    return [(objective, predicted[objective.name]) for objective in state.objectives if objective.name in predicted]


def _who(trial: Trial) -> str:
    return f"the fallback agent {trial.agent}" if trial.role == "fallback" else f"the {trial.agent} agent"


def _reason(trial: Trial) -> str:
    return trial.evidence.reason.strip().removesuffix(".")


def _because(trial: Trial) -> str:
    reason = _reason(trial)
    return f": {reason}" if reason else ""


def _show(state: CampaignState, objective: Objective, prediction: Prediction) -> str:
    return show_number(prediction.mean, prediction.sd, objective.unit)


def _compared(state: CampaignState, expectation: tuple[Objective, Prediction], best: Trial | None) -> str:
    """Return how an expectation stood against the best then."""
    objective, prediction = expectation
    score = None if best is None else objective_score(best, objective)
    if best is None or score is None:
        return ", and nothing had been scored yet"
    unit = objective.unit
    gap = abs(prediction.mean - score.value)
    direction = "better than" if objective.is_better(prediction.mean, score.value) else "short of"
    in_sds = f" ({gap / prediction.sd:.1f} sd)" if prediction.sd > 0 else ""
    shown_gap = show_roughly(gap, unit)
    return f", {shown_gap}{in_sds} {direction} the best then, {show_number(score.value, score.sd, unit)} in trial {best.number}"


def _limits(state: CampaignState, trial: Trial) -> str:
    """Return what was expected of the limited signals."""
    expected = [
        f"{name} = {show_number(there.mean, there.sd, signal_unit(state, name))}, "
        f"which keeps {limit.in_words(name, signal_unit(state, name))} with {percent(there.probability)}"
        for name, limit in state.spec.limits.items()
        if (there := trial.evidence.limits.get(name))
    ]
    return f"it expected {' and '.join(expected)}" if expected else ""


def _kept(state: CampaignState, trial: Trial) -> str:
    """Return which limits the measurement broke."""
    parts = []
    for name, limit in state.spec.limits.items():
        value = limited_value(name, trial.observation, trial.score)
        if value is None:
            parts.append(f"{name} was not read")
        elif not limit.keeps(value):
            parts.append(f"{name} = {show_number(value, unit=signal_unit(state, name))} broke the limit {limit.in_words(name)}")
    return f"; {' and '.join(parts)}" if parts else ""


def _what_else(state: CampaignState, trial: Trial) -> str:
    if not trial.evidence.runners_up:
        return ""
    first, *others = trial.evidence.runners_up
    points = "point was" if len(others) == 1 else "points were"
    more = f"; {len(others)} more {points} considered" if others else ""
    return f"the runner-up, {show_point_with_units(state, first.point)}, {_why_not(state, trial, first)}{more}"


def _why_not(state: CampaignState, trial: Trial, other: RunnerUp) -> str:
    promises = [
        show_number(predicted.mean, predicted.sd, objective.unit)
        for objective in state.objectives
        if (predicted := other.predicted.get(objective.name))
    ]
    promised = f"promised {' and '.join(promises)}" if promises else "was not chosen"
    chosen = trial.evidence.acquisition
    if chosen is None or other.acquisition is None:
        return promised
    against = "" if chosen.is_log else f" against {show_worth(chosen, chosen.value)} here"
    return f"{promised}; its {chosen.name} was {show_worth(chosen, other.acquisition)}{against}"


def _what_became(state: CampaignState, trial: Trial, best: Trial | None) -> str:
    match trial.status:
        case TrialStatus.VETOED:
            return _why_refused(trial)
        case TrialStatus.FAILED:
            return f"it was given up: {trial.note}"
        case TrialStatus.WAITING:
            return f"it waits for a person{_objections(trial)}"
        case TrialStatus.SCORED:
            return f"it gave {_scores(state, trial)}{_rank(state, trial, best)}{_attempts(trial)}{_kept(state, trial)}"
        case TrialStatus.AWAITING:
            return f"it was measured, and its analysis has not answered yet{_attempts(trial)}"
        case TrialStatus.MEASURED | TrialStatus.DONE:
            return f"it was measured{_attempts(trial)}"
        case TrialStatus.STARTED:
            return f"attempt {trial.attempt} is under way"
        case TrialStatus.SUGGESTED | TrialStatus.READY:
            return "it has not been measured yet"


def _why_refused(trial: Trial) -> str:
    guardians = [verdict.guardian for verdict in trial.verdicts if verdict.answer in (Answer.VETO, Answer.PAUSE, Answer.STOP)]
    who = f"the guardian {' and '.join(guardians)} refused it" if guardians else "it was vetoed"
    return f"{who}: {trial.note or 'no reason was given'}"


def _objections(trial: Trial) -> str:
    reasons = [f"{verdict.guardian}: {verdict.reason}" for verdict in trial.verdicts if verdict.answer is Answer.HOLD]
    return f"; {'; '.join(reasons)}" if reasons else ""


def _attempts(trial: Trial) -> str:
    """Return which attempt counted, when it was not the first."""
    if trial.observation is None or trial.observation.attempt == 1:
        return ""
    return f", in attempt {trial.observation.attempt}, the first that counted"


def _scores(state: CampaignState, trial: Trial) -> str:
    shown = []
    for objective in state.objectives:
        score = objective_score(trial, objective)
        if score is not None:
            shown.append(f"{objective.name} = {show_number(score.value, score.sd, objective.unit)}")
    return " and ".join(shown) or "no score"


def _rank(state: CampaignState, trial: Trial, best: Trial | None) -> str:
    if not _counts(state, trial):
        return ""
    is_new_best = best is None or _is_better(state, trial, best)
    return f", the best {state.objectives[0].name} so far" if is_new_best else ""
