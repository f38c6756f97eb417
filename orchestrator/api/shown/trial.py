"""One trial as lists, live pages and cards show it."""

from collections.abc import Mapping

from orchestrator.domain.campaign import CampaignState
from orchestrator.domain.campaign import Trial as TrialState
from orchestrator.domain.events import suggestion_hash
from orchestrator.domain.history import objective_score
from orchestrator.domain.records import Objective, Observation
from orchestrator.explanations import why_this_point
from orchestrator.wire.trials import ShownScore, Trial


def shown_trial(state: CampaignState, number: int, *, is_best: bool, then: CampaignState | None = None) -> Trial:
    """Return a trial for people.

    Args:
        state: After the trial's latest event.
        number: Counted from 1.
        is_best: Whether it was the best so far when it was scored.
        then: The state in which it was suggested; without it, the best then is looked for among all earlier trials.
    """
    trial = state.trial(number)
    seen = trial.observation
    return Trial(
        trial=number,
        kind=str(trial.kind),
        status=str(trial.status),
        point=trial.point,
        readback=None if seen is None else seen.readback,
        agent=trial.agent,
        role=trial.role,
        attempts=trial.attempt,
        scores={objective.name: _score(trial, objective) for objective in state.objectives},
        is_best=is_best,
        why=why_this_point(state, number, then),
        note=trial.note,
        verdicts=trial.verdicts,
        runners_up=tuple(other.point for other in trial.evidence.runners_up),
        readings={} if seen is None else seen.readings,
        arrays={} if seen is None else _shapes(seen),
        suggested_at=trial.suggested_at,
        finished_at=None if seen is None else seen.finished_at,
        suggestion_hash=suggestion_hash(number, trial.point),
        seconds=trial.evidence.seconds,
        dead_s=None if seen is None else seen.dead_s,
    )


def _shapes(seen: Observation) -> Mapping[str, tuple[int, ...]]:
    """Return the shapes of spectra and images, whether kept here or in a detector's own files."""
    return {name: ref.shape for name, ref in seen.arrays.items()} | {name: refs[0].shape for name, refs in seen.files.items()}


def _score(trial: TrialState, objective: Objective) -> ShownScore:
    score, predicted = objective_score(trial, objective), trial.evidence.predicted.get(objective.name)
    return ShownScore(
        value=None if score is None else score.value,
        sd=None if score is None else score.sd,
        predicted=None if predicted is None else predicted.mean,
        predicted_sd=None if predicted is None else predicted.sd,
    )
