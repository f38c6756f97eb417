"""Answering questions, in a query worker: reads the ledger, rebuilds models, renders. Measures, fits and appends nothing."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import assert_never

from orchestrator import plugins
from orchestrator.api.querying.questions import Answer, AskReport, AskSlice, AskTable, Question
from orchestrator.api.querying.slices import sliced
from orchestrator.bootstrap import Workplace
from orchestrator.bootstrap.assembling import recorded_space
from orchestrator.bootstrap.reading import csv_text
from orchestrator.domain.campaign import CampaignState
from orchestrator.domain.errors import AgentError, NightshiftError, WrongState
from orchestrator.domain.events import LedgerEvent, TrialSuggested
from orchestrator.domain.folding import create, evolve
from orchestrator.domain.history import history_of
from orchestrator.domain.protocols import Beliefs
from orchestrator.domain.space import Space

_MOST_MODELS = 8
_MOST_CAMPAIGNS = 4


@dataclass(frozen=True, slots=True)
class Recalled:
    """The model behind one decision, ready to predict."""

    beliefs: Beliefs
    space: Space
    before: CampaignState
    suggested: TrialSuggested


@dataclass(slots=True)
class Answerer:
    """Keeps what the next question probably needs again: the campaigns read last, and the models recalled last."""

    workplace: Workplace
    _states: OrderedDict[str, CampaignState] = field(default_factory=OrderedDict[str, CampaignState])
    _models: OrderedDict[tuple[str, int], Recalled] = field(default_factory=OrderedDict[tuple[str, int], Recalled])

    def answer(self, question: Question) -> Answer:
        """Answer one question.

        Raises:
            WrongState: If the decision has no model that could be drawn.
            UnknownCampaign: If the ledger holds no such campaign.
            NightshiftError: If the answer cannot be made.
        """
        match question:
            case AskSlice():
                model = self._recall(question)
                return sliced(question, model.beliefs, model.space, model.before, model.suggested.point, model.suggested.evidence)
            case AskReport(campaign, seq):
                from orchestrator.exports.report.writing import render

                return render(self._events(campaign, seq), self.workplace.objectives(campaign), self.workplace.artefacts)
            case AskTable(campaign, seq):
                return csv_text(self.workplace, campaign, self._events(campaign, seq))
            case _:
                assert_never(question)

    def _events(self, campaign: str, seq: int) -> Sequence[LedgerEvent]:
        events = self.workplace.ledger.read(campaign, limit=seq)
        if not events:
            raise self.workplace.unknown(campaign)
        return events

    def _recall(self, asked: AskSlice) -> Recalled:
        key = (asked.campaign, asked.trial)
        if key not in self._models:
            self._models[key] = self._rebuild(asked)
        self._models.move_to_end(key)
        while len(self._models) > _MOST_MODELS:
            self._models.popitem(last=False)
        return self._models[key]

    def _rebuild(self, asked: AskSlice) -> Recalled:
        before = self._state(asked.campaign, asked.based_on)
        suggested = self._suggested(asked)
        plugin = before.spec.fallback if suggested.role == "fallback" else before.spec.agent
        recall = getattr(plugins.build("agent", plugin), "posterior", None)
        if recall is None:
            raise WrongState(f"the {plugin.type} agent has no model that could be drawn")
        space = recorded_space(before.spec, self.workplace.artefacts)
        try:
            return Recalled(recall(history_of(before, space), suggested.evidence), space, before, suggested)
        except AgentError as error:
            raise WrongState(f"the model of trial {asked.trial} cannot be drawn: {error}") from error

    def _suggested(self, asked: AskSlice) -> TrialSuggested:
        """Return the decision, which is recorded soon after what it is based on."""
        after = asked.based_on
        while events := self.workplace.ledger.read(asked.campaign, after=after, limit=50):
            for event in events:
                if isinstance(event.data, TrialSuggested) and event.data.trial == asked.trial:
                    return event.data
            after = events[-1].seq
        raise NightshiftError(f"campaign {asked.campaign} has no trial {asked.trial} based on event {asked.based_on}")

    def _state(self, campaign: str, seq: int) -> CampaignState:
        """Return a campaign as of an event, from the state kept last where that was not later."""
        state = self._states.get(campaign)
        if state is None or state.seq > seq:
            events = self._events(campaign, seq)
            state, events = create(events[0], self.workplace.objectives(campaign)), events[1:]
        else:
            events = self.workplace.ledger.read(campaign, after=state.seq, limit=seq - state.seq) if seq > state.seq else ()
        for event in events:
            state = evolve(state, event)
        self._states[campaign] = state
        self._states.move_to_end(campaign)
        while len(self._states) > _MOST_CAMPAIGNS:
            self._states.popitem(last=False)
        return state
