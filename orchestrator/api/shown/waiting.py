"""What waits for a person's decision, as the approval inbox shows it."""

from collections.abc import Callable
from datetime import datetime, timedelta

from orchestrator.domain.campaign import CampaignState, Status, Trial, TrialStatus
from orchestrator.domain.events import suggestion_hash
from orchestrator.explanations import why_this_point
from orchestrator.queries import axis_unit
from orchestrator.wire.waiting import WaitingApproval
from orchestrator.wording.numbers import show_number


def waiting_approval(campaign: str, state: CampaignState, then: Callable[[int], CampaignState] | None = None) -> WaitingApproval | None:
    """Return the suggestion, or the attempt of unknown fate, that somebody must decide about; None when nothing waits.

    Args:
        campaign: Its id.
        state: As of its last event.
        then: Tells the state in which a trial was suggested; without it, the best then is looked for among all trials.
    """
    trial = state.current
    if trial is None or state.status.is_final:
        return None
    is_ambiguous = state.status is Status.HELD and trial.status is TrialStatus.STARTED
    if not (is_ambiguous or trial.status is TrialStatus.WAITING):
        return None
    since = trial.waiting_since if trial.waiting_since and not is_ambiguous else state.updated_at or trial.suggested_at
    return WaitingApproval(
        campaign=campaign,
        name=state.spec.name,
        trial=trial.number,
        point=trial.point,
        units={name: axis_unit(state, name) for name in trial.point},
        agent=trial.agent,
        why=why_this_point(state, trial.number, None if then is None else then(trial.number)),
        predicted=_predicted(state, trial),
        verdicts=trial.verdicts,
        suggestion_hash=suggestion_hash(trial.number, trial.point),
        since=since,
        expires_at=None if is_ambiguous else _expiry(state, since),
        on_timeout="" if is_ambiguous or state.spec.approval.timeout is None else state.spec.approval.on_timeout,
        is_ambiguous=is_ambiguous,
    )


def _predicted(state: CampaignState, trial: Trial) -> dict[str, str]:
    predicted = trial.evidence.predicted
    return {
        objective.name: show_number(predicted[objective.name].mean, predicted[objective.name].sd, objective.unit)
        for objective in state.objectives
        if objective.name in predicted
    }


def _expiry(state: CampaignState, since: datetime) -> datetime | None:
    timeout = state.spec.approval.timeout
    return None if timeout is None else since + timedelta(seconds=timeout)
