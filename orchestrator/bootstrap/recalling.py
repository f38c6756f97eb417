"""What the model behind a decision believed: rebuilt from what the ledger holds, never fitted again."""

from collections.abc import Sequence
from dataclasses import dataclass

from orchestrator import plugins
from orchestrator.bootstrap.assembling import recorded_space
from orchestrator.bootstrap.workplace import Workplace
from orchestrator.domain.campaign import CampaignState
from orchestrator.domain.errors import AgentError, NightshiftError, WrongState
from orchestrator.domain.events import LedgerEvent, TrialSuggested
from orchestrator.domain.folding import fold
from orchestrator.domain.history import history_of
from orchestrator.domain.protocols import Beliefs
from orchestrator.domain.space import Space
from orchestrator.queries.slices import Slice, latest_with_model, slice_of, sliced
from orchestrator.wire.trials import Posterior

_N_ALONG = 48
"""Points along each side of a map."""


@dataclass(frozen=True, slots=True)
class Recalled:
    """The model behind one decision, ready to predict."""

    beliefs: Beliefs
    space: Space
    before: CampaignState
    """As the agent had been shown it."""
    suggested: TrialSuggested

    def along(self, asked: Slice) -> Posterior:
        """Return what it believed along one or two parameters."""
        return sliced(asked, self.beliefs, self.space, self.before, self.suggested.point, self.suggested.evidence)


def recalled(workplace: Workplace, before: CampaignState, campaign: str, asked: Slice) -> Recalled:
    """Return the model behind a decision.

    Args:
        workplace: Where the campaign is.
        before: The campaign as of the event that the decision is based on.
        campaign: Which.
        asked: Names the decision.

    Raises:
        WrongState: If it has no model that could be rebuilt.
    """
    suggested = _suggested(workplace, campaign, asked)
    plugin = before.spec.fallback if suggested.role == "fallback" else before.spec.agent
    recall = getattr(plugins.build("agent", plugin), "posterior", None)
    if recall is None:
        raise WrongState(f"the {plugin.type} agent has no model that could be drawn")
    space = recorded_space(before.spec, workplace.artefacts)
    try:
        return Recalled(recall(history_of(before, space), suggested.evidence), space, before, suggested)
    except AgentError as error:
        raise WrongState(f"the model of trial {asked.trial} cannot be drawn: {error}") from error


def _suggested(workplace: Workplace, campaign: str, asked: Slice) -> TrialSuggested:
    """Return the decision, which is recorded soon after what it is based on."""
    after = asked.based_on
    while events := workplace.ledger.read(campaign, after=after, limit=50):
        for event in events:
            if isinstance(event.data, TrialSuggested) and event.data.trial == asked.trial:
                return event.data
        after = events[-1].seq
    raise NightshiftError(f"campaign {campaign} has no trial {asked.trial} based on event {asked.based_on}")


def believed(workplace: Workplace, campaign: str, asked: Slice) -> Posterior:
    """Return what the model behind a decision believed. Raises as ``recalled``."""
    before = fold(workplace.ledger.read(campaign, limit=asked.based_on), workplace.objectives(campaign))
    return recalled(workplace, before, campaign, asked).along(asked)


def believed_maps(workplace: Workplace, campaign: str, events: Sequence[LedgerEvent]) -> tuple[Posterior, ...]:
    """Return what the latest model believed over the whole of a space of two numbers, one map for each objective.

    None of another space, or without a model that can be rebuilt: a report is written all the same.
    """
    state = fold(events, workplace.objectives(campaign))
    decision = latest_with_model(state)
    if decision is None or len(decision.point) != 2 or any(isinstance(value, str) for value in decision.point.values()):
        return ()
    x, y = decision.point
    asked = [slice_of(state, trial=decision.number, objective=each.name, x=x, y=y, n=_N_ALONG) for each in state.objectives]
    try:
        before = fold(events[: decision.based_on], workplace.objectives(campaign))
        model = recalled(workplace, before, campaign, asked[0])
        return tuple(model.along(each) for each in asked)
    except NightshiftError:
        return ()
