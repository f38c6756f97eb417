"""Answers on their way into the inbox, whichever door they come in by: checked as things stand, and refused with a note."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from orchestrator.bootstrap.answer_files import FileAnswer
from orchestrator.domain.campaign import CampaignState
from orchestrator.domain.ports import Command, Verb
from orchestrator.engine.answers import is_early
from orchestrator.engine.meanings import meaning

_log = structlog.get_logger(__name__)

_MOST_NOTES = 20
"""Refused answers that are noted in the ledger; the log tells of all."""


@dataclass(slots=True)
class AnswerDesk:
    """Turns answers of one campaign into commands."""

    campaign: str
    state: Callable[[], CampaignState]
    send: Callable[[Command], object]
    now: Callable[[], datetime]
    _n_notes: int = field(default=0, init=False)

    def checked(self, source: str, answer: FileAnswer) -> Command:
        """Return the order. Raises BadInput if it would be refused as things stand."""
        order = self._command(source, "score", trial=answer.trial, note=answer.note, content=answer.content())
        state = self.state()
        if not is_early(order, state):
            meaning(order, state)
        return order

    def refuse(self, source: str, what: str, reason: str) -> None:
        """Leave a note in the ledger of an answer that was refused.

        Args:
            source: Of the answer, for the record of who said it.
            what: The same for people: ``file trial-4.json``.
            reason: Why, and the way out.
        """
        _log.warning("an answer was refused", source=source, reason=reason)
        self._n_notes += 1
        if self._n_notes <= _MOST_NOTES:
            self.note(source, f"the analysis's {what} was refused: {reason}")

    def note(self, source: str, text: str) -> None:
        self.send(self._command(source, "note", content={"text": text}))

    def _command(self, source: str, verb: Verb, **details: object) -> Command:
        return Command(0, self.campaign, self.now(), f"analysis:{source}", verb, **details)  # pyright: ignore[reportArgumentType]
