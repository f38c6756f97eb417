"""A traceback in the log is short: a server that writes half a minute of local values answers nobody meanwhile."""

import io

import pytest
import structlog

from orchestrator import telemetry


def test_an_error_is_logged_with_its_traceback_and_without_local_values(monkeypatch: pytest.MonkeyPatch):
    written = io.StringIO()
    monkeypatch.setattr("sys.stderr", written)
    telemetry.log_to_stderr()
    enormous = ["a value nobody wants in a log"]
    try:
        raise ValueError(f"{len(enormous)} thing went wrong")
    except ValueError as error:
        structlog.get_logger().error("request failed", exc_info=error)
    assert "ValueError: 1 thing went wrong" in written.getvalue()
    assert "a value nobody wants" not in written.getvalue()
