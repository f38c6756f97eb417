"""Whether what a loop is to remember holds together: as it is set up, and as a saved state says it was."""

from orchestrator import plugins
from orchestrator.asktell.answering import readback_problem
from orchestrator.asktell.state import AskTellState, Told
from orchestrator.domain.errors import BadInput
from orchestrator.domain.feasibility import contradiction
from orchestrator.domain.records import Objective
from orchestrator.domain.space import Space


def require_other_names(state: AskTellState) -> None:
    """Raise BadInput if an objective is called as a parameter is: what is set and what is measured could be taken for each other."""
    for name in state.objectives:
        if name in state.space:
            way_out = f"{{'{name}_measured': {state.objectives[name]!r}}}"
            raise BadInput(f"objectives: {name!r} is a parameter, too; call what is measured otherwise, for example {way_out}")


def require_possible(state: AskTellState, space: Space, objectives: tuple[Objective, ...]) -> None:
    """Raise BadInput if no such search can be, whoever asks: names what is wrong, its value and the way out."""
    if found := contradiction(space.parameters, space.constraints):
        index, reason = found
        raise BadInput(f"constraints{'' if index is None else f'.{index}'}: {reason}")
    plugins.require_safe("agent", state.agent, state.limits)
    plugins.require_suited("agent", state.agent, space, objectives)
    if outside := [problem for point in state.safe_start for problem in space.problems(point)]:
        raise BadInput(f"safe_start: {outside[0]}; give points inside the space")
    free = space.model_copy(update={"candidates": None})
    for index, candidate in enumerate(space.candidates or ()):
        if problems := free.problems(candidate):
            raise BadInput(f"candidates.{index}: {problems[0]}")
    for number, trial in enumerate(state.trials):
        if problem := _problem_with_trial(state, free, trial):
            raise BadInput(f"trials.{number}: {problem}; correct what was saved, or take this trial out of it")


def _problem_with_trial(state: AskTellState, free: Space, trial: Told) -> str | None:
    """Return what a loop could never have been told, or None.

    Args:
        state: It all.
        free: The space without its pool, in which it would take long to look for every point.
        trial: Of the state.
    """
    for problem in free.problems(trial.point):
        return problem
    for name in (*(trial.values or {}), *trial.sd):
        if name not in state.objectives and name not in state.limits:
            return f"{name!r} is no objective or limited signal"
    for name, sd in trial.sd.items():
        if sd < 0:
            return f"sd = {sd:g} of {name} is negative"
    return None if trial.readback is None else readback_problem(free, trial.readback)
