"""Where a query worker begins. It opens the ledger for reading only, and gives way to whatever measures or decides."""

import contextlib
import os
import sys
from multiprocessing.connection import Connection

import structlog

from orchestrator.api.querying.answering import Answerer
from orchestrator.api.querying.questions import Answer, QuerySetup
from orchestrator.bootstrap import open_workplace
from orchestrator.domain.errors import NightshiftError
from orchestrator.processes import join_parent, receive

_NICENESS = 5
_log = structlog.get_logger(__name__)


def main() -> None:
    """Read the descriptor from the command line, and the setup from the connection; answer until the API is gone."""
    connection = join_parent(int(sys.argv[2]))
    setup = receive(connection)
    if not isinstance(setup, QuerySetup):
        return
    with contextlib.suppress(OSError):
        os.nice(_NICENESS)
    try:
        with open_workplace(setup.address, read_only=True) as workplace:
            _serve(Answerer(workplace), connection)
    except NightshiftError as error:  # the ledger could not be opened: whoever asks first hears why
        if receive(connection) is not None:
            connection.send(error)


def _serve(answerer: Answerer, connection: Connection) -> None:
    while (question := receive(connection)) is not None:
        with contextlib.suppress(BrokenPipeError):
            connection.send(_answer(answerer, question))


def _answer(answerer: Answerer, question: object) -> Answer | NightshiftError:
    try:
        return answerer.answer(question)  # pyright: ignore[reportArgumentType]  (what our own API sent)
    except NightshiftError as error:
        return error
    except Exception as error:  # an agent is somebody else's code: what it raises must not end the worker
        _log.error("a question could not be answered", question=repr(question), exc_info=error)
        return NightshiftError(f"this could not be worked out, {type(error).__name__}: {error}; the server's log says more")
