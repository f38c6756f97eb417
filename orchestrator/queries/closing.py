"""What a campaign found, in the words in which ``show`` and the end of a run tell it."""

from collections.abc import Sequence

from orchestrator.domain.campaign import CampaignState, Status, Trial
from orchestrator.domain.history import objective_score
from orchestrator.domain.records import Objective
from orchestrator.queries.believed import believed_best
from orchestrator.queries.progress import pareto_front
from orchestrator.queries.units import axis_units, show_setting, show_settings


def best_so_far(state: CampaignState) -> str:
    """Return ``toughness = 12.3 J at n = 6, … (trial 9)``; of several objectives what that trial gave in each."""
    best = state.best_trial
    if best is None:
        return "nothing that keeps the limits yet" if state.n_scored and state.spec.limits else "nothing scored yet"
    return f"{shown_score(best, state.objectives)} at {show_settings(best.point, axis_units(state, best.point))} (trial {best.number})"


def shown_score(trial: Trial, objectives: Sequence[Objective]) -> str:
    """Return what a trial gave, with names and units; empty while it has no score."""
    scores = [(objective, objective_score(trial, objective)) for objective in objectives]
    return ", ".join(f"{objective.name} = {show_setting(score.value, objective.unit)}" for objective, score in scores if score is not None)


def best_and_believed(state: CampaignState) -> str:
    """Return the best so far, and what the model believes of it or which other trial it believes better."""
    return "; ".join(filter(None, (best_so_far(state), believed_best(state))))


def front_in_words(n: int) -> str:
    """Return how many trials the Pareto front has."""
    return "1 trial, which is the best in every objective" if n == 1 else f"{n} trials, none of which another beats in every objective"


def closing_lines(state: CampaignState) -> tuple[str, ...]:
    """Return what a run found and where it left the axes, a line each; nothing while no trial is scored."""
    if not state.n_scored:
        return ()
    lines = [f"best   {best_and_believed(state)}"]
    if len(state.objectives) > 1 and (front := pareto_front(state.trials, state.objectives, state.spec.limits)):
        lines.append(f"front  {front_in_words(len(front))}")
    return (*lines, *_axes(state))


def _axes(state: CampaignState) -> tuple[str, ...]:
    """Return where the axes stand; nothing where a safe state may have moved them since, or they died with their process."""
    at = state.last_positions
    if at is None or state.status is not Status.COMPLETED or not state.instrument.has_second_connection:
        return ()
    last = next(trial for trial in reversed(state.trials) if trial.observation is not None)
    return (f"axes   {show_settings(at, axis_units(state, at))}, where trial {last.number} left them",)
