"""Why a campaign goes on or does not."""

from orchestrator.domain.analysis import is_full
from orchestrator.domain.campaign import CampaignState, Status
from orchestrator.domain.history import objective_score
from orchestrator.queries.units import signal_unit
from orchestrator.wording.numbers import show_number


def why_it_stopped(state: CampaignState) -> str:
    """Return one or two plain sentences: what ended the campaign or what it waits for, and the best it found."""
    return " ".join(part for part in (how_it_stands(state), _best(state)) if part)


def how_it_stands(state: CampaignState) -> str:
    """Return one plain sentence: what ended the campaign, or what it waits for."""
    return f"{_standing(state)}."


def no_best(state: CampaignState) -> str:
    """Return why there is no best point."""
    if not (state.n_scored and state.spec.limits):
        return "Nothing has been scored."
    limits = " and ".join(limit.in_words(name, signal_unit(state, name)) for name, limit in state.spec.limits.items())
    return f"None of the {state.n_scored} scored trials kept {limits}; loosen a limit, widen the space, or look for the cause."


def _standing(state: CampaignState) -> str:
    because = f": {state.reason.removesuffix('.')}" if state.reason else ""
    match state.shown_status:
        case Status.CREATED:
            return "It has not started"
        case Status.RUNNING:
            return f"It has not stopped: {_current(state)}"
        case Status.HELD if state.is_waiting_for_approval:
            return f"It is held: trial {state.open_trial} waits for approval"
        case Status.HELD:
            return f"It is held for a person{because}"
        case Status.PAUSED:
            return f"It is paused{because}"
        case Status.STOPPED:
            return f"It was stopped and can be resumed{because}"
        case Status.ABORTED:
            return f"It was aborted for good{because}"
        case Status.FAILED:
            return f"It failed and can be resumed once the cause is mended{because}"
        case Status.COMPLETED:
            return f"It completed{because}"


def _current(state: CampaignState) -> str:
    if state.lost_interlocks:
        return f"it waits for {', '.join(sorted(state.lost_interlocks))}"
    current = state.current
    if current is None and is_full(state):
        return f"it waits for the analysis of {len(state.awaiting)} trials"
    return "it chooses the next point" if current is None else f"trial {current.number} is {current.status}"


def _best(state: CampaignState) -> str:
    trial = state.best_trial
    if trial is None:
        return no_best(state)
    objective = state.objectives[0]
    score = objective_score(trial, objective)
    if score is None:
        return ""
    return f"The best {objective.name} is {show_number(score.value, score.sd, objective.unit)}, in trial {trial.number}."
