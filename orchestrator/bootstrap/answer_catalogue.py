"""A Tiled container in which an analysis answers, watched by a thread of the runner's: a server that is away holds up nobody.

Nothing is written or moved there. What was read is remembered in a small file, after the command is in the store: a crash in
between sends an answer twice, and twice the same is once.
"""

import contextlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from orchestrator.bootstrap.answer_files import Incomplete
from orchestrator.bootstrap.answer_orders import AnswerDesk
from orchestrator.bootstrap.answer_results import Declared, Named, found, signature
from orchestrator.domain.analysis import awaited
from orchestrator.domain.campaign import CampaignState, Trial
from orchestrator.domain.errors import BadInput
from orchestrator.outbox.targets import Unreachable
from orchestrator.outbox.tiled_answers import Result, Results

_log = structlog.get_logger(__name__)

LOOK_SECONDS = 2.0
FULL_LOOK_SECONDS = 60.0
"""So often everything is asked for again: a result that was changed in place, or written late, is found then."""
TELL_SECONDS = 30.0
"""A server that is away for less is nobody's concern."""
_PAUSES_SECONDS = (2.0, 5.0, 10.0, 20.0, 30.0)
"""After the first, second, … failure; the last stands for all further ones."""
_PATIENCE_LOOKS = 10
"""So often a table that cannot be read is tried before it is refused."""
_MARGIN = 20
"""Of what was seen last, so many are asked for again: two that are written at once may show in either order."""


@dataclass(slots=True)
class AnswerCatalogue:
    """What is remembered between two looks."""

    results: Results
    declared: Declared
    desk: AnswerDesk
    memory: Path
    """Where it is kept which results were dealt with; sent again if nobody knows."""
    _done: dict[str, str] = field(default_factory=dict[str, str])
    """By key: how the metadata looked."""
    _tries: dict[str, int] = field(default_factory=dict[str, int])
    """By key: how often a table could not be read."""
    _n_seen: int = 0
    _next_look: datetime | None = None
    _last_full_look: datetime | None = None
    _away_since: datetime | None = None
    _n_failures: int = 0
    _is_told: bool = False

    def __post_init__(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._done = dict(json.loads(self.memory.read_text(encoding="utf-8")))

    @property
    def place(self) -> str:
        return f"Tiled, {self.declared.path}"

    def look(self) -> None:
        """Take every answer that is new, if it is time for a look; note it when the server stays away, and when it is back."""
        now = self.desk.now()
        if self._next_look is not None and now < self._next_look:
            return
        self._next_look = now + timedelta(seconds=LOOK_SECONDS)
        try:
            self._take_new(now)
        except Exception as error:  # whatever the server or its client says: the campaign goes on, and people are told
            self._note_absence(now, str(error) or type(error).__name__)
        else:
            self._note_return()

    def _take_new(self, now: datetime) -> None:
        is_full = self._last_full_look is None or now - self._last_full_look >= timedelta(seconds=FULL_LOOK_SECONDS)
        before = dict(self._done)
        try:
            for result, named in self._asked(is_full):
                if self.declared.is_answer(result) and self._done.get(result.key) != signature(result):
                    self._take(result, named)
        finally:
            if self._done != before:
                self._remember()
        if is_full:
            self._last_full_look = now

    def _asked(self, is_full: bool) -> Iterator[tuple[Result, Named]]:
        """Yield results of this campaign, and what each says of its trial; not all of them may be new, or answers."""
        if (key := self.declared.run) is not None:
            trials = _by_run(self.desk.state(), everything=is_full)
            for result in self.results.of_runs(key, list(trials)):
                uid = found(result.metadata, key)
                yield result, {"trial": trials[uid], "run_uid": uid}
            return
        after = 0 if is_full else max(0, self._n_seen - _MARGIN)
        new = self.results.of_campaign(self.declared.trial, self.desk.campaign, after)
        self._n_seen = after + len(new)
        yield from ((result, found(result.metadata, self.declared.trial)) for result in new)

    def _take(self, result: Result, named: Named) -> None:
        try:
            if _is_early(named, self.desk.state()):
                return
            _require_counting_attempt(named, self.desk.state())
            self.desk.send(self.desk.checked(result.key, self.declared.answer(result, self.desk.campaign, named)))
        except Incomplete:
            return
        except Unreachable:
            raise
        except BadInput as error:
            self._refuse(result, str(error))
        except Exception as error:  # a table that is still being written, or is broken
            self._wait_for(result, error)
        else:
            self._done[result.key] = signature(result)

    def _refuse(self, result: Result, reason: str) -> None:
        self._done[result.key] = signature(result)
        self.desk.refuse(result.key, f"result {self.declared.path}/{result.key} in Tiled", reason)

    def _wait_for(self, result: Result, error: Exception) -> None:
        n_tries = self._tries[result.key] = self._tries.get(result.key, 0) + 1
        if n_tries >= _PATIENCE_LOOKS:
            self._refuse(result, f"its table cannot be read ({type(error).__name__}: {error})")

    def _remember(self) -> None:
        """Keep what was dealt with; a disk that is full costs no answer."""
        try:
            self.memory.parent.mkdir(parents=True, exist_ok=True)
            unfinished = self.memory.with_suffix(".unfinished")
            unfinished.write_text(json.dumps(self._done), encoding="utf-8")
            os.replace(unfinished, self.memory)
        except OSError as error:
            _log.warning("it could not be kept which answers were read", file=str(self.memory), error=str(error))

    def _note_absence(self, now: datetime, reason: str) -> None:
        self._away_since = self._away_since or now
        pause = _PAUSES_SECONDS[min(self._n_failures, len(_PAUSES_SECONDS) - 1)]
        self._next_look = now + timedelta(seconds=pause)
        self._n_failures += 1
        if self._n_failures == 1:
            _log.warning("answers could not be looked for", place=self.place, error=reason)
        if not self._is_told and now - self._away_since >= timedelta(seconds=TELL_SECONDS):
            self.desk.note("Tiled", f"answers in {self.place} cannot be read: {reason}; they are read as soon as they can be")
            self._is_told = True

    def _note_return(self) -> None:
        if self._is_told:
            self.desk.note("Tiled", f"answers in {self.place} are read again")
        self._away_since, self._n_failures, self._is_told = None, 0, False

    def close(self) -> None:
        self.results.close()

    def forget(self) -> None:
        """Delete the memory: the campaign takes no answers any more."""
        with contextlib.suppress(OSError):
            self.memory.unlink(missing_ok=True)


def _by_run(state: CampaignState, *, everything: bool) -> Mapping[str, int]:
    """Return trials by the uid of the run that counts: those that wait, or all that were measured."""
    trials = state.trials if everything else awaited(state)
    return {trial.observation.run_uid: trial.number for trial in trials if trial.observation is not None and trial.is_judged}


def _is_early(named: Named, state: CampaignState) -> bool:
    """Return whether a trial is still being measured, where the attempt is told: it may be one that will not count."""
    trial = _trial_of(named, state)
    return "attempt" in named and trial is not None and trial.status.is_open


def _require_counting_attempt(named: Named, state: CampaignState) -> None:
    trial, attempt = _trial_of(named, state), named.get("attempt")
    if trial is not None and attempt is not None and attempt != trial.attempt:
        raise BadInput(f"attempt {attempt} is not the one that counts for trial {trial.number}: {trial.attempt} is; analyse its run")


def _trial_of(named: Named, state: CampaignState) -> Trial | None:
    number = named.get("trial")
    return state.trial(number) if isinstance(number, int) and 0 < number <= len(state.trials) else None
