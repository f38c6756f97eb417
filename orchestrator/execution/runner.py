"""Runs plans on the RunEngine, which lives in its own thread of the instrument process."""

import contextlib
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from orchestrator.domain.errors import FateUnknown, NothingMoved
from orchestrator.domain.instrument import InstrumentDescription, MeasureRequest
from orchestrator.domain.ports import Artefacts, Frames, Measured, NotMeasured, Refused, Settled, Unknown
from orchestrator.domain.protocols import Instrument, PlanEngine
from orchestrator.execution.documents import RunDocuments, observe, streams_of
from orchestrator.execution.interlock_watch import InterlockWatch
from orchestrator.execution.run_engines import new_run_engine, note_versions
from orchestrator.execution.run_files import RunFiles
from orchestrator.execution.run_records import RunRecords

KeepDocument = Callable[[str, dict[str, Any]], None]


class Runner:
    """Settles attempts: one at a time, each by at most one Bluesky run."""

    def __init__(
        self,
        instrument: Instrument,
        artefacts: Artefacts,
        frames: Frames,
        records: RunRecords,
        watch: InterlockWatch,
        keep: KeepDocument | None = None,
    ) -> None:
        """Args: keep: Is given every document as it is emitted; must be quick and never raise."""
        self._instrument = instrument
        self._artefacts = artefacts
        self._frames = frames
        self._records = records
        self._watch = watch
        self._keep = keep
        self._highest_token = 0
        self._abort_reason: str | None = None
        self._run_engine = _run_engine_of(instrument)
        self._is_running = threading.Event()

    def go_on_with(self, records: RunRecords) -> None:
        """Keep what becomes of attempts in other records from now on."""
        self._records.close()
        self._records = records

    def settle(self, request: MeasureRequest, description: InstrumentDescription, *, is_retry: bool) -> Settled:
        """Return the attempt's finished run, or measure it."""
        self._abort_reason = None
        if is_retry:
            fate = self._records.fate(request.attempt_id)
            if fate.observation is not None:
                return Measured(fate.observation.model_copy(update={"is_adopted": True}))
            if fate.has_begun and (unknown := self._probe(request)) is not None:
                return unknown
        refusal = self._refuse(request)
        return refusal or self._measure(request, description)

    def _probe(self, request: MeasureRequest) -> Unknown | None:
        """Return that nobody knows how far an earlier runner came; None where the plan is known never to have begun."""
        has_taken = getattr(self._run_engine, "has_taken", None)
        try:
            if has_taken is not None and not has_taken(request.start_metadata()["nightshift"]):
                return None
        except FateUnknown as error:
            return Unknown(str(error))
        return Unknown("an earlier runner began this attempt and nothing tells how far it came")

    def _refuse(self, request: MeasureRequest) -> Refused | None:
        """Return why nothing may move now, or None."""
        if request.token < self._highest_token:
            return Refused(f"the instrument lease token {request.token} is older than {self._highest_token}; another runner took over")
        self._highest_token = request.token
        lost = self._watch.lost()
        if lost:
            return Refused(f"interlock {', '.join(lost)} is not satisfied", tuple(lost.values()))
        return None

    def _measure(self, request: MeasureRequest, description: InstrumentDescription) -> Settled:
        documents = RunDocuments(streams_of(request))
        started_at = datetime.now(UTC)
        self._records.begin(request.attempt_id)
        try:
            failure = self._run(request, documents)
        except NothingMoved as error:
            return Refused(str(error), tuple(self._watch.lost().values()))
        except FateUnknown as error:
            self._instrument.secure(str(error))
            return Unknown(str(error))
        if failure is not None:
            self._instrument.secure(failure)
            return NotMeasured(failure, is_interrupted=self._abort_reason is not None)
        if description.interlocks:
            # Reading back travels behind every monitor update the hardware has sent, so no breach is still on its way.
            self._instrument.positions()
        breaches = self._watch.since(started_at)
        files = self._files_of(documents, request, description)
        observation = observe(documents, request, description, self._artefacts.put_array, breaches, files)
        self._records.finish(request.attempt_id, observation)
        return Measured(observation)

    def _files_of(self, documents: RunDocuments, request: MeasureRequest, description: InstrumentDescription) -> RunFiles:
        return RunFiles(
            documents.files,
            documents.readings,
            self._frames,
            self._artefacts,
            wait_s=description.files.wait_s,
            dark=request.dark,
            is_given_up=lambda: self._abort_reason is not None,
        )

    def _run(self, request: MeasureRequest, documents: RunDocuments) -> str | None:
        """Run the plan to its end; return why it did not get there, or None."""
        metadata: dict[str, Any] = request.start_metadata()
        subs: Any = [documents] if self._keep is None else [documents, self._keep]
        self._is_running.set()
        try:
            if self._abort_reason is not None:
                return self._abort_reason
            make_ready: Any = getattr(self._instrument, "make_ready", None)
            if make_ready is not None:
                make_ready(request)
            note_versions(self._run_engine)
            self._run_engine(self._instrument.plan(request), subs, **metadata)
        except (NothingMoved, FateUnknown):
            raise
        except Exception as error:  # devices and plans are somebody else's code; whatever they raise ends this attempt only
            return self._abort_reason or _in_words(error)
        finally:
            self._is_running.clear()
        if self._abort_reason is not None:
            return self._abort_reason
        if not documents.stop:
            return "the plan opened no run" if not documents.start else "the run did not end"
        if (status := documents.stop["exit_status"]) != "success":
            return documents.stop.get("reason") or f"the run ended as {status}"
        return None

    def abort(self, reason: str) -> None:
        """End the run in progress, from another thread and without waiting for it; does nothing between runs."""
        self._abort_reason = reason
        if self._is_running.is_set():
            threading.Thread(target=self._end_run, args=(reason,), daemon=True).start()

    def _end_run(self, reason: str) -> None:
        # The run may have ended, or not begun, in between: the RunEngine then refuses, and there is nothing to end.
        with contextlib.suppress(Exception):
            self._run_engine.abort(reason)


def _run_engine_of(instrument: Any) -> PlanEngine:
    """Return what carries out the instrument's plans, set up as the site wants it, or a new RunEngine."""
    own = getattr(instrument, "run_engine", None)
    if own is not None and (found := own()) is not None:
        return found
    return new_run_engine()


def _in_words(error: BaseException) -> str:
    """Return what went wrong; Bluesky wraps a device's own error in one that says little."""
    told = error.__cause__ or error
    return f"{type(told).__name__}: {told}"
