"""The Pareto front of several objectives, in the words and columns of ``nightshift show``."""

from collections.abc import Mapping, Sequence

from orchestrator.cli.console import tell
from orchestrator.cli.tables import print_table
from orchestrator.domain.records import Objective
from orchestrator.queries.closing import front_in_words
from orchestrator.queries.units import show_settings
from orchestrator.wire.standing import Front, FrontTrial
from orchestrator.wording.numbers import show_number


def print_front(front: Front | None, objectives: Sequence[Objective], units: Mapping[str, str]) -> None:
    """Print how many trials are on the front, and them; nothing where there is one objective.

    Args:
        front: Of the campaign.
        objectives: With the units they are shown in.
        units: By parameter.
    """
    if front is None or front.n == 0:
        return
    tell()
    tell(f"Pareto front: {_counted(front)}")
    columns = ("trial", *(objective.name for objective in objectives), "point")
    print_table(columns, (_row(trial, objectives, units) for trial in front.trials), right=("trial",))


def _counted(front: Front) -> str:
    shown = "" if len(front.trials) == front.n else f"; {len(front.trials)} of them, from one end to the other"
    return f"{front_in_words(front.n)}{shown}"


def _row(trial: FrontTrial, objectives: Sequence[Objective], units: Mapping[str, str]) -> tuple[str, ...]:
    scores = (trial.scores.get(objective.name) for objective in objectives)
    shown = ("" if score is None else show_number(score.value, score.sd, each.unit) for score, each in zip(scores, objectives, strict=True))
    return str(trial.trial), *shown, show_settings(trial.point, units)
