"""The process that reads detectors' files: it may be killed at any moment, and nothing is lost."""

import sys
from collections.abc import Sequence
from functools import partial
from multiprocessing.connection import Connection

from orchestrator.domain.errors import FramesUnreadable
from orchestrator.domain.frames import FrameRef
from orchestrator.domain.ports import FramesRead
from orchestrator.execution.frames.files import read_all
from orchestrator.execution.frames.waiting import wait_for
from orchestrator.processes import join_parent, receive
from orchestrator.wording.installing import how_to_install


def main() -> None:
    """Read role and descriptor from the command line, then serve."""
    serve(join_parent(int(sys.argv[2])))


def serve(connection: Connection) -> None:
    """Answer until the other side is gone."""
    while (message := receive(connection)) is not None:
        connection.send(_answer(message.refs, message.wait_s, message.last_only))


def _answer(refs: Sequence[FrameRef], wait_s: float, last_only: bool) -> FramesRead | FramesUnreadable:
    try:
        array, waited_s = wait_for(partial(read_all, refs, last_only=last_only), wait_s)
        return FramesRead(array, waited_s)
    except FramesUnreadable as error:
        return error
    except ImportError as error:
        return FramesUnreadable(f"{error.name} is needed to read {refs[0].uri}; {how_to_install('site')}")
    except Exception as error:  # files are somebody else's: whatever is in them, the trial ends with a sentence
        return FramesUnreadable(f"{refs[0].uri} cannot be read: {type(error).__name__}: {error}")
