"""What an agent is shown: everything that bears on the next point, and nothing else."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from orchestrator.domain.base import Point
from orchestrator.domain.campaign import CampaignState, Trial
from orchestrator.domain.chance import Stream, generator
from orchestrator.domain.limits import Limit, Limits
from orchestrator.domain.records import Objective, ObjectiveScore, where
from orchestrator.domain.space import Space


@dataclass(frozen=True, slots=True)
class History:
    """An agent's whole input besides its own settings: ``ask`` is a function of this and nothing more."""

    space: Space
    objectives: tuple[Objective, ...]
    seed: int
    trials: tuple[Trial, ...] = ()
    """Every suggestion in order: scored, pending, vetoed and failed ones, people's and references too. A dark, a calibration and
    an alignment have no point: theirs is empty."""
    stream: int = Stream.AGENT
    """The asker's own stream of random numbers."""
    limits: Limits = field(default_factory=dict[str, Limit])
    """What measured signals must keep to."""
    safe_start: tuple[Point, ...] = ()
    """Points known to keep the safe limits."""

    @property
    def n_suggestions(self) -> int:
        return len(self.trials)

    def rng(self):
        """Return the generator for the next suggestion: ``default_rng([seed, stream, n_suggestions])``."""
        return generator(self.seed, self.stream, self.n_suggestions)

    def scored(self) -> Iterator[Trial]:
        """Yield scored trials of agents and people, and references: the same point again tells drift from structure."""
        return (trial for trial in self.trials if trial.score is not None and trial.is_judged)

    def pending(self) -> Iterator[Trial]:
        """Yield those that will be scored: suggested, moving, or waiting for their analysis."""
        return (trial for trial in self.trials if trial.is_pending and trial.is_judged)

    def suggested_points(self) -> Iterator[Point]:
        """Yield every point ever suggested, whatever became of it."""
        return (trial.point for trial in self.trials)


def measured_point(trial: Trial) -> Point:
    """Return where a trial was really measured: the readback where there is one, else the setpoint."""
    return trial.point if trial.observation is None else where(trial.observation)


def objective_score(trial: Trial, objective: Objective) -> ObjectiveScore | None:
    """Return a trial's score for one objective, or None while it has none."""
    return None if trial.score is None else trial.score.objectives.get(objective.name)


def history_of(state: CampaignState, space: Space, stream: int = Stream.AGENT) -> History:
    """Return what an agent sees of a campaign."""
    return History(
        space=space,
        objectives=state.objectives,
        seed=state.spec.seed,
        trials=state.trials,
        stream=stream,
        limits=state.spec.limits,
        safe_start=state.spec.safe_start,
    )
