"""Answering questions, in a query worker: reads the ledger, rebuilds models, renders. Measures, fits and appends nothing."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import assert_never

from orchestrator.api.querying.questions import Answer, AskReport, AskSlice, AskTable, Question
from orchestrator.bootstrap import Workplace
from orchestrator.bootstrap.reading import csv_text
from orchestrator.bootstrap.recalling import Recalled, believed_maps, recalled
from orchestrator.domain.campaign import CampaignState
from orchestrator.domain.events import LedgerEvent
from orchestrator.domain.folding import create, evolve

_MOST_MODELS = 8
_MOST_CAMPAIGNS = 4


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
                return self._recall(question).along(question.slice)
            case AskReport(campaign, seq):
                from orchestrator.exports.report.writing import render

                events = self._events(campaign, seq)
                maps = believed_maps(self.workplace, campaign, events)
                return render(events, self.workplace.objectives(campaign), self.workplace.artefacts, maps=maps)
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
        key = (asked.campaign, asked.slice.trial)
        if key not in self._models:
            self._models[key] = recalled(self.workplace, self._state(asked.campaign, asked.slice.based_on), asked.campaign, asked.slice)
        self._models.move_to_end(key)
        while len(self._models) > _MOST_MODELS:
            self._models.popitem(last=False)
        return self._models[key]

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
