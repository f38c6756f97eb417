"""The instrument process: one instrument, one RunEngine, killable; goes safe when its engine is gone."""

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from orchestrator.domain.errors import InstrumentError, NightshiftError
from orchestrator.domain.instrument import InstrumentDescription
from orchestrator.domain.ports import Artefacts, Frames, InstrumentStatus
from orchestrator.domain.protocols import Instrument
from orchestrator.execution import messages
from orchestrator.execution.interlock_watch import InterlockWatch
from orchestrator.execution.run_records import RunRecords
from orchestrator.execution.runner import KeepDocument, Runner
from orchestrator.processes import receive

_GOODBYE_SECONDS = 5.0
"""How long a process whose engine is gone may take to put its safe state in force."""


@dataclass(slots=True)
class InstrumentServer:
    """Answers the engine. The pipe is read by the main thread, so that a run in progress can always be ended."""

    instrument: Instrument
    artefacts: Artefacts
    frames: Frames
    folder: Path
    watch: InterlockWatch
    keep: KeepDocument | None = None
    """Is given every document, on its way out."""
    description: InstrumentDescription | None = None
    runner: Runner | None = None
    campaign: str = ""
    """Whose attempts the runner keeps records of."""

    def answer(self, message: messages.Message) -> Any:
        match message:
            case messages.Describe():
                return self.instrument.describe()
            case messages.Connect():
                return self._connect()
            case messages.Settle(request, is_retry):
                return self._runner(request.campaign).settle(request, self._described(), is_retry=is_retry)
            case messages.AskStatus():
                return InstrumentStatus(self.instrument.positions(), self.watch.lost())
            case messages.Secure(cause):
                return tuple(self.instrument.secure(cause))
            case messages.Abort():
                raise InstrumentError("an abort is handled while a run is in progress")

    def _connect(self) -> None:
        self.instrument.connect()
        self.description = self.instrument.describe()
        if any(signal.is_file for signal in self.description.signals.values()):
            self.frames.warm()
        self.instrument.watch(self.watch.listen)

    def _described(self) -> InstrumentDescription:
        if self.description is None:
            raise InstrumentError("the instrument was asked to measure before it was connected")
        return self.description

    def _runner(self, campaign: str) -> Runner:
        """Return the runner, with the records of this campaign: of a night over samples, each part is one."""
        if self.runner is not None and campaign == self.campaign:
            return self.runner
        self.campaign, records = campaign, RunRecords(self.folder / "runs", campaign)
        if self.runner is None:
            self.runner = Runner(self.instrument, self.artefacts, self.frames, records, self.watch, self.keep)
        else:
            self.runner.go_on_with(records)
        return self.runner


def serve(server: InstrumentServer, connection: Connection) -> None:
    """Answer until the engine is gone, then put the safe state in force and end."""
    lock = threading.Lock()

    def reply(work: Callable[[], Any]) -> None:
        answer = _attempt(work)
        with lock:
            connection.send(answer)

    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="instrument") as worker:
        while (message := receive(connection)) is not None:
            if isinstance(message, messages.Abort):
                if server.runner is not None:
                    server.runner.abort(message.reason)
            else:
                worker.submit(reply, lambda message=message: server.answer(message))
        _leave(server)


def _attempt(work: Callable[[], Any]) -> Any:
    try:
        return work()
    except NightshiftError as error:
        return error
    except Exception as error:  # a device is somebody else's code; the engine must hear what it raised
        return InstrumentError(f"{type(error).__name__}: {error}")


def _leave(server: InstrumentServer) -> None:
    """Go safe without waiting for a device that may hang, then end the process whatever its threads are doing."""
    if server.description is not None:
        goodbye = threading.Thread(target=server.instrument.secure, args=("the engine is gone",), daemon=True)
        goodbye.start()
        goodbye.join(_GOODBYE_SECONDS)
    os._exit(0)
