"""Talking to the sentinel of a campaign that another process of this machine runs."""

import contextlib
import json
import os
import socket
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from orchestrator.domain.errors import InstrumentError
from orchestrator.execution.sentinel_address import address_of

Answer = Mapping[str, Any]


def ask(folder: Path, campaign: str, question: Mapping[str, Any], *, patience: float) -> Answer:
    """Return a sentinel's one answer. Raises as ``asking``."""
    with asking(folder, campaign, question, patience=patience) as answers:
        return next(answers)


@contextlib.contextmanager
def asking(folder: Path, campaign: str, question: Mapping[str, Any], *, patience: float) -> Iterator[Iterator[Answer]]:
    """Ask a campaign's sentinel; give its answers as they come.

    Args:
        folder: The workplace's.
        campaign: Its id.
        question: See ``execution.sentinel_socket``.
        patience: Seconds one answer may take.

    Raises:
        InstrumentError: If there is no sentinel, or it does not answer in time; from the answers, too.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(patience)
        try:
            line.connect(os.fspath(address_of(folder, campaign)))
            line.sendall(json.dumps(question).encode() + b"\n")
        except OSError as error:
            raise InstrumentError(f"no sentinel answers for {campaign}: {error.strerror or error}") from None
        with line.makefile("rb") as lines:
            yield _answers(lines, campaign, patience)


def _answers(lines: Iterable[bytes], campaign: str, patience: float) -> Iterator[Answer]:
    try:
        for line in lines:
            answer = json.loads(line)
            if "error" in answer:
                raise InstrumentError(f"the sentinel of {campaign}: {answer['error']}")
            yield answer
    except TimeoutError:
        raise InstrumentError(f"the sentinel of {campaign} did not answer within {patience:g} s") from None
    except (OSError, ValueError) as error:
        raise InstrumentError(f"the sentinel of {campaign} broke off: {error}") from None
    raise InstrumentError(f"the sentinel of {campaign} has ended")
