"""What the software says of itself, beside the ledger: structured lines on stderr."""

import sys
from typing import Any

import structlog


def log_to_stderr() -> None:
    """Send log lines to stderr, because stdout belongs to what programs read."""
    structlog.configure(logger_factory=_stderr_logger)


def _stderr_logger(*_names: Any) -> structlog.PrintLogger:
    return structlog.PrintLogger(sys.stderr)
