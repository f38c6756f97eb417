"""What an alert says: the verdict, the best so far, what to do, and where to look."""

from dataclasses import dataclass

from orchestrator.alerts.rules import Finding
from orchestrator.alerts.watched import Watched, ratios
from orchestrator.domain.history import objective_score
from orchestrator.queries.standing import standing
from orchestrator.queries.units import axis_unit, show_setting
from orchestrator.wording.numbers import show_number


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG to attach."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Message:
    """What one target gets."""

    title: str
    body: str
    pictures: tuple[Picture, ...] = ()


def message_of(finding: Finding, watched: Watched, *, has_runner: bool, page: str, pictures: tuple[Picture, ...] = ()) -> Message:
    """Return the message about an incident, to be understood without opening the page.

    Args:
        finding: What it is about.
        watched: The campaign now.
        has_runner: Whether a living process drives it.
        page: Where phones reach the dashboard; empty for no link.
        pictures: To attach.
    """
    state = watched.state
    stands = standing(state, has_runner=has_runner, since=watched.status.at)
    lines = (stands.sentence, stands.next, "", _best(watched), _spent(watched), _link(page, watched.campaign))
    return Message(f"{state.spec.name}: {finding.title}", "\n".join(line for line in lines if line is not None), pictures)


def _best(watched: Watched) -> str:
    state, trial = watched.state, watched.state.best_trial
    score = None if trial is None or not state.objectives else objective_score(trial, state.objectives[0])
    if trial is None or score is None:
        return "Nothing has been scored yet."
    objective = state.objectives[0]
    point = ", ".join(f"{name} = {show_setting(value, axis_unit(state, name))}" for name, value in trial.point.items())
    value = show_number(score.value, score.sd, objective.unit)
    return f"Best so far: {objective.name} = {value} in trial {trial.number} ({point})."


def _spent(watched: Watched) -> str:
    shares = ", ".join(f"{ratio:.0%} of {name}" for name, ratio in ratios(watched.state).items())
    return f"Trials: {watched.state.n_scored} scored{f'; spent {shares}' if shares else ''}."


def _link(page: str, campaign: str) -> str | None:
    return f"{page.rstrip('/')}/campaigns/{campaign}" if page else None
