"""What the software says of itself, beside the ledger: structured lines on stderr, with campaign and trial where they are known.

On a terminal they are for people and leave routine out; anywhere else they are JSON, one object a line, with everything.
``NIGHTSHIFT_LOG`` says ``json`` or ``text`` instead.
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
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG if is_json else logging.INFO),
        logger_factory=_stderr_logger,
    )


def log_bluesky() -> None:
    """Log what Bluesky says in the same way. A profile that has set up Bluesky's own logging keeps that.

    Its tracebacks are left out on a terminal: why a run broke off is told with its trial.
    """
    logger = logging.getLogger("bluesky")
    if not logger.handlers:
        logger.addHandler(_Bluesky())


class _Bluesky(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        level = logging.DEBUG if record.exc_info else record.levelno
        structlog.get_logger(record.name).log(level, record.getMessage(), exc_info=record.exc_info)


def _is_json() -> bool:
    wanted = os.environ.get("NIGHTSHIFT_LOG", "").strip().lower()
    return wanted == "json" or (wanted != "text" and not sys.stderr.isatty())


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
