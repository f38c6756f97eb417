"""What the software says of itself, beside the ledger: structured lines on stderr, with campaign and trial where they are known.

On a terminal they are for people; anywhere else they are JSON, one object a line. Both leave routine out. ``NIGHTSHIFT_LOG`` says
``json`` or ``text`` instead; ``json``, asked for, has everything.
"""

import logging
import os
import sys
from typing import Any

import structlog
from structlog.contextvars import bind_contextvars, get_contextvars, merge_contextvars
from structlog.typing import Processor

from orchestrator.domain.events import LedgerEvent

_ROUTINE = ("trial-known", "trial-suggested", "trial-reviewed", "trial-started", "trial-measured", "trial-scored")
_FOR_PEOPLE = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
"""Plain tracebacks: the pretty ones show every local value, secrets too, and take half a minute of a server that people wait for."""


def log_to_stderr() -> None:
    """Send log lines to stderr, because stdout belongs to what programs read."""
    is_json = _is_json()
    rendering: tuple[Processor, ...] = (
        (structlog.processors.format_exc_info, structlog.processors.JSONRenderer(default=str)) if is_json else (_FOR_PEOPLE,)
    )
    structlog.configure(
        processors=[
            merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *rendering,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG if _wanted() == "json" else logging.INFO),
        logger_factory=_stderr_logger,
    )


def log_bluesky() -> None:
    """Log what Bluesky says in the same way. A profile that has set up Bluesky's own logging keeps that.

    Its tracebacks are routine: why a run broke off is told with its trial. A run that was to break off has none.
    """
    logger = logging.getLogger("bluesky")
    if not logger.handlers:
        logger.addHandler(_Bluesky())


_ON_PURPOSE = ("RequestAbort", "RequestStop")
"""What the RunEngine throws into a plan that a person, or a lost interlock, ends."""
_OF_NO_USE = "No open traces left to close!"
"""Bluesky warns so at every abort, whether anybody traces it or not."""


class _Bluesky(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        said = record.getMessage()
        if said == _OF_NO_USE:
            return
        level = logging.DEBUG if record.exc_info else record.levelno
        structlog.get_logger(record.name).log(level, said, exc_info=None if _is_on_purpose(record) else record.exc_info)


def _is_on_purpose(record: logging.LogRecord) -> bool:
    raised = record.exc_info[0] if record.exc_info else None
    return raised is not None and raised.__name__ in _ON_PURPOSE  # by name: to import Bluesky takes every process a second


def _is_json() -> bool:
    return _wanted() == "json" or (_wanted() != "text" and not sys.stderr.isatty())


def _wanted() -> str:
    return os.environ.get("NIGHTSHIFT_LOG", "").strip().lower()


def _stderr_logger(*_names: Any) -> structlog.PrintLogger:
    return structlog.PrintLogger(sys.stderr)


def begin_campaign(campaign: str) -> None:
    """Name the campaign in every log line of this process from now on, and log what it records."""
    bind_contextvars(campaign=campaign)


def log_recorded(events: tuple[LedgerEvent, ...]) -> None:
    """Log ledger events of the campaign that this process has begun; nothing where a person at a terminal is shown them anyway."""
    if "campaign" not in get_contextvars():
        return
    log = structlog.get_logger(__name__)
    for event in events:
        trial = getattr(event.data, "trial", None)
        if trial is not None:
            bind_contextvars(trial=trial)
        tell = log.debug if event.type in _ROUTINE else log.info
        tell(event.type, seq=event.seq, actor=event.actor, reason=getattr(event.data, "reason", ""))
